#!/usr/bin/env python3
"""Random exports through report, explain, sweep and verify, as the target `soak` judges them, but made by chance and not by a fuzzer: so the
release build will do, which is many times as quick as the instrumented one.

    python3 fuzz/soak.py [COUNT] [SEED]         10000 and 1 without words

The same seed makes the same exports. An export with which something differs stays in target/fuzz/found.
"""

import concurrent.futures
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
# So many exports are given to one process, and one byte is a choice: a row takes some ten.
BATCH, LONGEST = 50, 2048


def exports(count, seed):
    """Short ones mostly, since in these a single row decides."""
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.randbytes(int(32 * (LONGEST / 32) ** chance.random()))


def judged(program, folder, batch):
    """Whether all of a batch came out as they should; if not, the one that did not is kept."""
    names = []
    for number, export in batch:
        names.append(folder / f"{number}")
        names[-1].write_bytes(export)
    run = subprocess.run([program, "-close_fd_mask=1", *names], capture_output=True, cwd=folder)
    if run.returncode == 0:
        for name in names:
            name.unlink()
        return None
    # It tells the name of each before it begins with it.
    begun = [line.split(b"Running: ")[1] for line in run.stderr.splitlines() if line.startswith(b"Running: ")]
    found = TARGET / "fuzz" / "found"
    found.mkdir(parents=True, exist_ok=True)
    kept = found / f"soak-{pathlib.Path(begun[-1].decode()).name}" if begun else None
    if kept:
        kept.write_bytes(pathlib.Path(begun[-1].decode()).read_bytes())
    return kept, run.stderr.decode(errors="replace")[-3000:]


def main():
    count, seed = (int(word) for word in (sys.argv[1:] + ["10000", "1"][len(sys.argv) - 1:])[:2])
    subprocess.run(["cargo", "build", "--release", "-p", "mucalc-fuzz", "--bin", "soak"], cwd=ROOT, check=True)
    all_of_them = list(enumerate(exports(count, seed)))
    batches = [all_of_them[at:at + BATCH] for at in range(0, count, BATCH)]
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        program, done = TARGET / "release" / "soak", 0
        trials = [pool.submit(judged, program, pathlib.Path(folder), batch) for batch in batches]
        for trial in concurrent.futures.as_completed(trials):
            if wrong := trial.result():
                pool.shutdown(cancel_futures=True)
                sys.exit(f"{wrong[1]}\nsoak: something differs: {wrong[0]}")
            done += 1
            if done % 10 == 0:
                print(f"soak: {min(done * BATCH, count)} of {count}", flush=True)
    print(f"soak: {count} random exports of seed {seed} through report, explain, sweep and verify: no difference")


main()
