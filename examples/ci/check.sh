#!/bin/sh
# Checks the exports that a mucalc.toml names, and gates the report on them.
#
#   check.sh CONFIGURATION [GATES]
#
# GATES is what --fail-on takes; without it: finding:error,indeterminate. Set MUCALC to use another program than the one on the
# path, and MUCALC_OUT to a folder to have findings.sarif, findings.xml (JUnit), report.md and report.json written there.
#
# Exit codes: 0 all is well, 1 a gate failed, 2 wrong usage or configuration, 3 an input or output cannot be used, 70 an internal
# error. Of several, the greatest.
set -u

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: check.sh CONFIGURATION [GATES]" >&2
  exit 2
fi
configuration=$1
gates=${2:-finding:error,indeterminate}
mucalc=${MUCALC:-mucalc}
worst=0

# Runs a command and keeps the greatest exit code.
step() {
  code=0
  "$@" || code=$?
  if [ "$code" -gt "$worst" ]; then worst=$code; fi
}

# The same for a command that writes a file: that a gate failed was said before, so only errors are said again.
write() {
  code=0
  said=$("$@" 2>&1) || code=$?
  if [ "$code" -gt 1 ]; then echo "$said" >&2; fi
  if [ "$code" -gt "$worst" ]; then worst=$code; fi
}

if ! command -v "$mucalc" >/dev/null; then
  echo "check.sh: $mucalc is not on the path" >&2
  exit 2
fi

step "$mucalc" validate --config "$configuration" --fail-on finding:error

if [ -n "${MUCALC_OUT:-}" ]; then
  mkdir -p "$MUCALC_OUT" || exit 3
  write "$mucalc" validate --config "$configuration" --quiet --format sarif -o "$MUCALC_OUT/findings.sarif"
  write "$mucalc" validate --config "$configuration" --quiet --format junit -o "$MUCALC_OUT/findings.xml"
  write "$mucalc" report --config "$configuration" --quiet --format md -o "$MUCALC_OUT/report.md"
  write "$mucalc" report --config "$configuration" --quiet --digest --format json -o "$MUCALC_OUT/report.json"
fi

# Findings again as annotations of the lines, where GitHub runs this.
if [ "${GITHUB_ACTIONS:-}" = true ]; then
  step "$mucalc" validate --config "$configuration" --quiet --format github 2>/dev/null
fi

step "$mucalc" report --config "$configuration" --fail-on "$gates"

exit "$worst"
