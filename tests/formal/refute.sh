#!/usr/bin/env bash
# Plants an error of tests/mutations/rtl and sees that a proof fails with a counterexample.
#
#   tests/formal/refute.sh ERROR WHAT BYPASS HOW    as for prove.sh
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$here/../../rtl" "$copy"
patch=$(readlink -f "$here/../mutations/rtl/$1.patch")
(cd "$copy" && GIT_CEILING_DIRECTORIES=$(dirname "$copy") git apply "$patch")
shift
status=0
"$here/prove.sh" "$@" "$copy/rtl" >"$copy/log" || status=$?
cat "$copy/log"
((status != 77)) || exit 77
((status == 1)) && grep -q 'was asserted in frame' "$copy/log"
