#!/usr/bin/env python3
"""Mutation testing: does some test fail when the program is wrong in one place?

    cargo xtask mutants FOLDER [--only N,N...] [--files PART,PART...] [--jobs 2] [--tests NAME,NAME...]
        [--again] [--quick SECONDS] [--budget SECONDS]

The mutants are those that cargo-mutants lists for the packages that calculate (core, analysis, engine), for the files of read that make
events of rows, and for packs and their verification. Building the program for each of them would take days, so all are built into one
program in FOLDER, a copy of the tree, and a variable of the environment says which of them is on. For each, tests run until one fails.
What came of each is written to xtask/mutants.tsv, where a mutant is known by its function's text: as long as that stays, one that a test
has failed for is not tried again. Needs cargo-mutants, and tree-sitter and tree-sitter-rust for Python.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The packages with mutants: their library, and which of its files.
SOURCES = {
    "mucalc_core": ("crates/core/src", ["**"]),
    "mucalc_analysis": ("crates/analysis/src", ["**"]),
    "mucalc_engine": ("crates/engine/src", ["**"]),
    "mucalc_read": ("crates/read/src", ["entity/**", "rows/**", "consistency.rs", "copies.rs", "date.rs", "days.rs", "diagnostics.rs",
                                        "fast_rows.rs", "furniture.rs", "header.rs", "id.rs", "joined.rs", "joins.rs", "key_cells.rs",
                                        "month_cache.rs", "normalize.rs", "record_ids.rs", "row.rs", "rows.rs", "swallowed.rs"]),
    "mucalc": ("src", ["run/pack/**", "run/verify/**"]),
}
KNOWN = ROOT / "xtask" / "mutants.tsv"
# What may come of a mutant that no test failed for. It is tried again.
OPEN = "OPEN"
SURVIVED = ["SURVIVED", "NOT REACHED", OPEN]
# `lib` are the tests beside the code; the others are modules of tests/it, but for those that read the sources.
MODULES = re.findall(r"^mod (\w+);", (ROOT / "tests/it/main.rs").read_text(), re.M)
TESTS = ["lib"] + [name for name in MODULES if name not in ("support", "architecture", "language", "site")]

SWITCH = '''
#[doc(hidden)]
#[inline(always)]
#[allow(missing_docs, clippy::all)]
pub fn mutant(number: u32) -> bool {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
    const RECORDS: u32 = u32::MAX - 1;
    static ON: AtomicU32 = AtomicU32::new(u32::MAX);
    static PASSED: [AtomicBool; 32768] = [const { AtomicBool::new(false) }; 32768];
    #[cold]
    #[inline(never)]
    fn slow(number: u32) -> bool {
        use std::io::Write;
        let asked = std::env::var("MUCALC_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        let passed = std::env::var_os("MUCALC_PASSED");
        let on = if passed.is_some() { RECORDS } else { asked };
        ON.store(on, Relaxed);
        if let (Some(path), false) = (passed, PASSED[number as usize].swap(true, Relaxed)) {
            let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
            file.and_then(|mut file| file.write_all(format!("{number}\\n").as_bytes())).expect("a list of what is passed");
        }
        on == number
    }
    let on = ON.load(Relaxed);
    if on < RECORDS {
        return on == number;
    }
    (on == u32::MAX || !PASSED[number as usize].load(Relaxed)) && slow(number)
}
'''


class Mutant:
    def __init__(self, number, listed):
        self.number, self.listed = number, listed
        self.file, self.name = listed["file"], listed["name"]
        self.genre, self.replacement = listed["genre"], listed["replacement"]
        span = listed["span"]
        self.start = (span["start"]["line"] - 1, span["start"]["column"] - 1)
        self.end = (span["end"]["line"] - 1, span["end"]["column"] - 1)

    def key(self, lines):
        """What it is known by, given the lines of its file: its function, where it is in it, and what it does."""
        function, name = (self.listed["function"] or self.listed)["span"], (self.listed["function"] or {}).get("function_name")
        first, last = function["start"]["line"] - 1, function["end"]["line"]
        where = [self.start[0] - first, self.start[1], self.end[0] - first, self.end[1]]
        text = json.dumps([self.file, name, lines[first:last], where, self.genre, self.replacement])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def description(self):
        """Its name without line and column."""
        return self.name.split(": ", 1)[1]


def keys(mutants):
    lines = {file: (ROOT / file).read_text().split("\n") for file in {mutant.file for mutant in mutants}}
    return {mutant.number: mutant.key(lines[mutant.file]) for mutant in mutants}


def listed():
    globs = [f"{folder}/{part}" for folder, parts in SOURCES.values() for part in parts]
    words = ["cargo", "mutants", "--list", "--json", "--workspace"] + [word for glob in globs for word in ("-f", glob)]
    found = json.loads(subprocess.run(words, cwd=ROOT, check=True, capture_output=True).stdout)
    return [Mutant(number, one) for number, one in enumerate(found, 1)]


class File:
    """A source file, with the mutants that are in it."""

    def __init__(self, path, text, mutants, parser):
        self.text = text
        self.lines = [0]
        for line in text.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.bytes = text.encode()
        self.tree = parser.parse(self.bytes)
        # Offsets of characters and of bytes differ behind a letter beyond ASCII.
        self.byte_of = [0]
        for character in text:
            self.byte_of.append(self.byte_of[-1] + len(character.encode()))
        self.unplaced, self.at_operator, self.at_node = [], collections.defaultdict(list), collections.defaultdict(list)
        for mutant in mutants:
            start, end = (self.byte_of[self.lines[line] + column] for line, column in (mutant.start, mutant.end))
            if mutant.genre == "FnValue":
                self.at_node["block", start].append(mutant)
            elif mutant.genre == "BinaryOperator":
                self.at_operator[start].append(mutant)
            elif mutant.genre == "UnaryOperator":
                self.at_node["unary_expression", start].append(mutant)
            elif mutant.genre in ("MatchArmGuard",):
                self.at_node["guard", start].append(mutant)
            elif mutant.genre == "MatchArm":
                self.at_node["match_arm", start].append(mutant)
            else:
                self.unplaced.append(mutant)
        self.placed = set()

    def render(self, off):
        """The text with every mutant in it but those that are off."""
        self.off = off
        return self._node(self.tree.root_node)

    def _raw(self, node):
        return self.bytes[node.start_byte:node.end_byte].decode()

    def _children(self, node, replaced=None):
        out, at = [], node.start_byte
        for child in node.children:
            out.append(self.bytes[at:child.start_byte].decode())
            out.append((replaced or {}).get(child.id) or self._node(child))
            at = child.end_byte
        out.append(self.bytes[at:node.end_byte].decode())
        return "".join(out)

    def _on(self, mutants):
        mutants = [mutant for mutant in mutants if mutant.number not in self.off]
        self.placed.update(mutant.number for mutant in mutants)
        return mutants

    def _node(self, node):
        kind = node.type
        if not node.children:
            return self._raw(node)
        if kind == "macro_invocation":
            return self._raw(node)
        if kind in ("binary_expression", "compound_assignment_expr"):
            operator = node.child_by_field_name("operator")
            mutants = self._on(self.at_operator.get(operator.start_byte, ()))
            plain = self._children(node)
            if not mutants:
                return plain
            left, right = self._raw(node.child_by_field_name("left")), self._raw(node.child_by_field_name("right"))
            arms = "".join(f"if crate::mutant({m.number}) {{ {left} {m.replacement} {right} }} else " for m in mutants)
            chosen = f"{arms}{{ {plain} }}"
            return f"({chosen})" if kind == "binary_expression" else f"{{ {chosen} }}"
        if kind == "unary_expression":
            mutants = self._on(self.at_node.get((kind, node.start_byte), ()))
            plain = self._children(node)
            for mutant in mutants:
                inner = self._raw(node.children[-1])
                plain = f"(if crate::mutant({mutant.number}) {{ {inner} }} else {{ {plain} }})"
            return plain
        if kind == "block":
            inside = [child for child in node.named_children if "comment" not in child.type]
            mutants = self._on(self.at_node.get((kind, inside[0].start_byte), ())) if inside else []
            plain = self._children(node)
            early = "".join(f" if crate::mutant({m.number}) {{ return {m.replacement}; }}" for m in mutants)
            return "{" + early + plain[1:]
        if kind == "match_arm":
            pattern = node.child_by_field_name("pattern")
            condition = pattern.child_by_field_name("condition")
            here = self._on(self.at_node.get(("match_arm", node.start_byte), ()))
            guards = self._on(self.at_node.get(("guard", condition.start_byte), ())) if condition else []
            if not here and not guards:
                return self._children(node)
            guard = self._node(condition) if condition else None
            for mutant in guards:
                guard = f"(if crate::mutant({mutant.number}) {{ {mutant.replacement} }} else {{ {guard} }})"
            for mutant in here:
                guard = f"!crate::mutant({mutant.number})" + (f" && {guard}" if guard else "")
            matched = pattern.children[0]
            replaced = {pattern.id: f"{self._node(matched)} if {guard}"}
            return self._children(node, replaced)
        return self._children(node)


def check(folder):
    """Where the compiler finds an error: file and byte."""
    words = ["cargo", "check", "--release", "--lib", "--message-format=json"]
    told = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    places = []
    for line in told.stdout.splitlines():
        message = json.loads(line).get("message")
        if isinstance(message, dict) and message.get("level") == "error":
            spans = [span for span in message["spans"] if span["is_primary"]] or message["spans"]
            # An arm that can be switched off leaves a match that no longer covers everything.
            open_match = (message.get("code") or {}).get("code") == "E0004"
            places += [(span["file_name"], span["byte_start"], span["byte_end"], open_match) for span in spans]
    if told.returncode and not places:
        sys.exit(told.stderr[-3000:])
    return places


def prepare(folder, mutants):
    """Writes the copy with the mutants in it; tells which of them can be built."""
    import tree_sitter
    import tree_sitter_rust

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    folder.mkdir(parents=True, exist_ok=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    for source, _ in SOURCES.values():
        library = folder / source / "lib.rs"
        # What a mutant reckons may be impossible, which is only told after the check below.
        library.write_text("#![allow(arithmetic_overflow, unconditional_panic, warnings)]\n" + library.read_text() + SWITCH)
    by_file = collections.defaultdict(list)
    for mutant in mutants:
        by_file[mutant.file].append(mutant)
    files = {name: File(name, (ROOT / name).read_text(), inside, parser) for name, inside in by_file.items()}
    # What another run found out.
    known = folder / "cannot-be-built.json"
    off = set(json.loads(known.read_text())) if known.exists() else set()
    for _ in range(100):
        placed = set()
        for name, file in files.items():
            file.placed = set()
            (folder / name).write_text(file.render(off))
            placed |= file.placed
        errors = check(folder)
        if not errors:
            known.write_text(json.dumps(sorted(off)))
            return placed, off
        before = len(off)
        for name, start, end, open_match in errors:
            text = (folder / name).read_bytes() if (folder / name).exists() else b""
            if open_match:
                arms = re.finditer(rb"!crate::mutant\((\d+)\)", text[end:end + 1500])
                off.update(int(m.group(1)) for m in arms)
                continue
            near = [m for m in re.finditer(rb"crate::mutant\((\d+)\)", text) if m.start() < end + 40]
            inside = [m for m in near if start <= m.start() < end] or near[-1:]
            off.update(int(m.group(1)) for m in inside)
        print(f"mutants: {len(off)} cannot be built", flush=True)
        if len(off) == before:
            sys.exit(f"an error that no mutant explains: {errors[:3]}")
    sys.exit("the mutants cannot be built")


def programs(folder):
    """The test programs by their names."""
    words = ["cargo", "test", "--release", "--no-run", "--message-format=json"]
    told = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, text=True)
    if told.returncode:
        sys.exit("the mutants cannot be built")
    found = {}
    for line in told.stdout.splitlines():
        one = json.loads(line)
        if one.get("reason") == "compiler-artifact" and one["profile"]["test"] and one.get("executable"):
            kind = one["target"]["kind"]
            name = one["target"]["name"]
            if "lib" not in kind:
                found.setdefault(name, []).append(one["executable"])
            elif name in SOURCES:
                found.setdefault("lib", []).append(one["executable"])
    return found


class Test:
    """One test, with the mutants that it comes by."""

    def __init__(self, program, path, name):
        self.program, self.path, self.name = program, path, name
        self.seconds, self.passes, self.works, self.failures = 0.0, set(), False, 0

    def run(self, folder, seconds, **variables):
        """How it fails; none if it does not."""
        environment = dict(os.environ, PROPTEST_CASES="60", CARGO_MANIFEST_DIR=str(folder), PROPTEST_FAILURE_PERSISTENCE="off",
                           PROPTEST_MAX_SHRINK_ITERS="0", **variables)
        # With whatever it starts, in a group of its own: what hangs is ended as a whole.
        process = subprocess.Popen([self.path, "--exact", self.name], cwd=folder, env=environment, start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return "failed" if process.wait(seconds) else None
        except subprocess.TimeoutExpired:
            # It may hang by the mutant, or the machine may be busy: to be told apart by hand.
            return "timeout"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def learn(self, folder):
        passed = folder / "passed" / f"{self.program}.{self.name.replace('::', '.')}"
        passed.parent.mkdir(exist_ok=True)
        passed.unlink(missing_ok=True)
        begun = time.time()
        self.works = self.run(folder, 900, MUCALC_PASSED=str(passed)) is None
        self.seconds = time.time() - begun
        self.passes = set(map(int, passed.read_text().split())) if passed.exists() else set()


def tests_of(folder, built, asked):
    found = []
    for program in asked:
        for path in built["lib" if program == "lib" else "it"]:
            words = [path, "--list", "--format", "terse"]
            told = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
            names = [line.removesuffix(": test") for line in told.stdout.splitlines() if line.endswith(": test")]
            if program != "lib":
                names = [name for name in names if name.split("::")[0] == program]
            found += [Test(program, path, name) for name in names]
    return found


def learn(tests, folder, jobs):
    """What each test comes by, from another run on the same mutants if that found it out."""
    known, mutants = folder / "learned.json", hashlib.sha256((folder / "prepared.json").read_bytes()).hexdigest()
    learned = json.loads(known.read_text()) if known.exists() else {}
    if learned.get("mutants") != mutants:
        learned = {"mutants": mutants}
    for test in tests:
        if one := learned.get(f"{test.program} {test.name}"):
            test.seconds, test.passes, test.works = one["seconds"], set(one["passes"]), True
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda test: test.learn(folder), [test for test in tests if not test.works]))
    learned.update({f"{test.program} {test.name}": {"seconds": test.seconds, "passes": sorted(test.passes)}
                    for test in tests if test.works})
    known.write_text(json.dumps(learned))


def write(known):
    """Writes what came of all mutants: key, what failed, file, description."""
    lines = [f"{key}\t{told}\n" for key, told in sorted(known.items(), key=lambda one: one[1].split("\t")[1:])]
    new = KNOWN.with_suffix(".new")
    new.write_text("".join(lines))
    new.replace(KNOWN)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--files", default="", help="parts of names of files")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--tests", default=",".join(TESTS))
    arguments.add_argument("--again", action="store_true", help="also those that are known")
    arguments.add_argument("--quick", type=float, default=900, help="leave out tests that take more seconds")
    arguments.add_argument("--budget", type=float, default=86400, help="leave a mutant open when its tests have taken so many seconds")
    asked = arguments.parse_args()
    folder = asked.folder.resolve()
    mutants = {mutant.number: mutant for mutant in listed()}
    done = folder / "prepared.json"
    if done.exists():
        placed, off = map(set, json.loads(done.read_text()))
    else:
        placed, off = prepare(folder, mutants.values())
        done.write_text(json.dumps([sorted(placed), sorted(off)]))
    print(f"{len(mutants)} mutants: {len(placed)} in the program, {len(off)} cannot be built,"
          f" {len(mutants) - len(placed) - len(off)} are in constants or chains of conditions", flush=True)
    tests = tests_of(folder, programs(folder), asked.tests.split(","))
    learn(tests, folder, asked.jobs)
    for test in tests:
        if not test.works:
            print(f"{test.program} {test.name} fails without a mutant; left out", flush=True)
    tests = sorted((test for test in tests if test.works and test.seconds <= asked.quick), key=lambda test: test.seconds)
    print(f"{len(tests)} tests, {sum(test.seconds for test in tests):.0f} s", flush=True)

    known = dict(line.split("\t", 1) for line in KNOWN.read_text().splitlines()) if KNOWN.exists() else {}
    only = {int(number) for number in asked.only.split(",") if number}
    parts = [part for part in asked.files.split(",") if part]
    key = keys(mutants.values())
    # What is no more is forgotten.
    known = {one: told for one, told in known.items() if one in set(key.values())}
    killer = {number: known.get(key[number], SURVIVED[0]).split("\t")[0] for number in placed}
    tried = {number for number in placed if killer[number] not in SURVIVED and not asked.again}
    wanted = [number for number in sorted(placed) if (number in only if only else number not in tried)
              and (not parts or any(part in mutants[number].file for part in parts))]
    # What a run that is stopped has tried is a sample.
    random.Random(1).shuffle(wanted)
    killers = collections.Counter()

    def trial(number):
        # Tests that failed for many others first, then the quick ones.
        passing = sorted((test for test in tests if number in test.passes), key=lambda test: test.seconds / (1 + test.failures))
        begun = time.time()
        for test in passing:
            if time.time() - begun > asked.budget:
                return number, OPEN
            how = test.run(folder, 10 + 5 * test.seconds, MUCALC_MUTANT=str(number))
            if how:
                test.failures += 1
                return number, test.program if how == "failed" else f"{test.program} {test.name} (timeout)"
        return number, SURVIVED[0 if passing else 1]

    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        trials = [pool.submit(trial, number) for number in wanted]
        for done, tried in enumerate(concurrent.futures.as_completed(trials), 1):
            number, killer = tried.result()
            killers[killer] += 1
            known[key[number]] = "\t".join([killer, mutants[number].file, mutants[number].description()])
            write(known)
            if killer in SURVIVED:
                print(f"{killer}: {number} {mutants[number].name}", flush=True)
            if done % 50 == 0:
                print(f"{done} of {len(wanted)}", flush=True)
    print(f"{len(wanted)} tried: {dict(killers)}")


main()
