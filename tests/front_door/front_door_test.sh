#!/usr/bin/env bash
# front_door_test.sh CASE: runs one case_CASE below against a copy of ./nestwalk. dpkg-query, apt-get, cmake and ninja are
# stand-ins that note how they were called; the program is a script that shows what reached it.
set -euo pipefail
source_dir=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work
clone=$work/a\ clone
mkdir -p "$clone" "$work/bin" "$work/elsewhere"
cp "$source_dir/nestwalk" "$source_dir/CMakePresets.json" "$clone"

stand_in() { cat >"$work/bin/$1" && chmod +x "$work/bin/$1"; }
stand_in dpkg-query <<'SH'
#!/bin/bash
for argument; do
  [[ $argument == -* || $argument == *\$* ]] || grep -qsxF "$argument" "$work/missing" || echo "installed $argument"
done
SH
stand_in apt-get <<'SH'
#!/bin/bash
[[ " $* " == *" --simulate "* ]] && exit 0
echo "apt-get $*" >>"$work/calls"
rm -f "$work/missing"
SH
stand_in cmake <<'SH'
#!/bin/bash
echo "cmake $*" >>"$work/calls"
mkdir -p "$2/build/release"
touch "$2/build/release/build.ninja"
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$2" >"$2/build/release/CMakeCache.txt"
SH
stand_in ninja <<'SH'
#!/bin/bash
echo "ninja ${*:5}" >>"$work/calls"
cat >>"$work/taken_by_build"
echo "ninja: Entering directory \`$2'"
[[ -e $work/broken ]] && echo "error: it does not compile" && exit 1
[[ -e $2/platforms/nestwalk ]] && echo "ninja: no work to do." && exit 0
echo "[1/1] Building"
mkdir -p "$2/platforms"
printf '#!/bin/bash\nprintf "<%%s>" "$@"; pwd; cat\n' >"$2/platforms/nestwalk"
chmod +x "$2/platforms/nestwalk"
SH
stand_in ctest <<<$'#!/bin/bash\necho "ctest $*" >>"$work/calls"'
export PATH=$work/bin:$PATH

front_door() { "$clone/nestwalk" "$@"; }
fail() { echo "failed: $*" >&2; exit 1; }
expect() { [[ "$2" == "$3" ]] || fail "$1: expected \"$3\", got \"$2\""; }

case_passes_arguments_standard_input_and_folder_untouched() {
  cd "$work/elsewhere"
  local output
  output=$(echo "of the user" | front_door run --set 'a=b c' '' '*' 2>/dev/null)
  expect output "$output" "<run><--set><a=b c><><*>$work/elsewhere"$'\n'"of the user"
  expect "what the build read" "$(cat "$work/taken_by_build")" ""
}

case_passes_on_the_exit_status_of_the_program() {
  front_door run </dev/null >/dev/null 2>&1
  printf '#!/bin/bash\nexit 42\n' >"$clone/build/release/platforms/nestwalk"
  local status=0
  front_door run || status=$?
  expect status "$status" 42
}

case_works_through_a_link() {
  ln -s "$clone/nestwalk" "$work/elsewhere/nw"
  expect output "$("$work/elsewhere/nw" run </dev/null 2>/dev/null | head -c 5)" "<run>"
}

case_builds_only_the_program_to_run_it() {
  front_door run </dev/null >/dev/null 2>&1
  expect target "$(grep ^ninja "$work/calls")" "ninja nestwalk"
}

case_says_nothing_when_there_is_nothing_to_do() {
  front_door run </dev/null >/dev/null 2>"$work/first"
  grep -q Building "$work/first" || fail "the first run does not show the build on standard error"
  expect "standard error" "$(front_door run 2>&1 >/dev/null </dev/null)" ""
}

case_configures_once_and_again_when_presets_change_or_the_clone_moves() {
  front_door run </dev/null >/dev/null 2>&1
  front_door run </dev/null >/dev/null 2>&1
  expect "after two runs" "$(grep -c ^cmake "$work/calls")" 1
  touch -d "now + 1 minute" "$clone/CMakePresets.json"
  front_door run </dev/null >/dev/null 2>&1
  expect "after a change of the presets" "$(grep -c ^cmake "$work/calls")" 2
  touch -d "1 hour ago" "$clone/CMakePresets.json"
  mv "$clone" "$work/moved"
  clone=$work/moved
  front_door run </dev/null >/dev/null 2>&1
  expect "after a move" "$(grep -c ^cmake "$work/calls")" 3
}

case_does_not_run_the_program_when_the_build_fails() {
  front_door run </dev/null >/dev/null 2>&1
  touch "$work/broken"
  local status=0
  expect output "$(front_door run </dev/null 2>"$work/errors")" ""
  front_door run </dev/null >/dev/null 2>&1 || status=$?
  ((status)) || fail "the status is 0"
  grep -q "it does not compile" "$work/errors" || fail "the error is not shown"
}

case_installs_what_is_missing_and_only_that_as_root() {
  ((EUID == 0)) || exit 77
  printf 'ninja-build\nlibfmt-dev\n' >"$work/missing"
  front_door run </dev/null >/dev/null 2>&1
  expect "apt-get" "$(grep ^apt-get "$work/calls")" \
    "apt-get install -y --no-install-recommends ninja-build libfmt-dev"
}

case_prints_one_apt_line_and_stops_without_root_and_sudo() {
  echo libfmt-dev >"$work/missing"
  stand_in sudo <<<$'#!/bin/bash\nexit 1'
  local as_user=() status=0
  if ((EUID == 0)); then
    chown -R 65534 "$work"
    as_user=(setpriv --reuid=65534 --clear-groups)
  fi
  "${as_user[@]}" "$clone/nestwalk" run </dev/null >"$work/output" 2>"$work/errors" || status=$?
  ((status)) || fail "the status is 0"
  expect "apt-get lines" "$(grep ^apt-get "$work/errors")" "apt-get install -y --no-install-recommends libfmt-dev"
  expect output "$(cat "$work/output")" ""
  [[ ! -e $work/calls ]] || fail "it went on: $(cat "$work/calls")"
}

installs() {
  printf '%s\n' verilator yosys python3 python3-matplotlib >"$work/missing"
  rm -f "$work/calls"
  front_door "$@" </dev/null >/dev/null 2>&1
  grep ^apt-get "$work/calls" | sed 's/.*--no-install-recommends //'
}

case_hands_fuzz_to_its_tool_with_what_that_needs() {
  ((EUID == 0)) || exit 77
  mkdir "$clone/tools"
  printf '#!/bin/bash\nprintf "<%%s>" "$@"\n' >"$clone/tools/fuzz"
  chmod +x "$clone/tools/fuzz"
  printf '%s\n' clang yosys >"$work/missing"
  expect output "$(front_door fuzz --seconds 5 </dev/null 2>/dev/null)" "<--seconds><5>"
  expect calls "$(cat "$work/calls")" "apt-get install -y --no-install-recommends clang"
}

case_installs_verilator_and_yosys_only_for_commands_that_ask_for_them() {
  ((EUID == 0)) || exit 77
  expect "for run" "$(installs run --set 'mmu.walker=modelled')" ""
  expect "for compare" "$(installs compare --set mmu.walker=rtl --quiet)" "verilator"
  expect "for conform" "$(installs conform --walker rtl file)" "verilator"
  expect "for cosim" "$(installs cosim --seeds 2)" "verilator"
  expect "for the help of cosim" "$(installs cosim --help)" ""
  expect "for cost" "$(installs cost)" "verilator yosys"
  expect "for test" "$(installs test)" "verilator yosys"
}

case_configures_again_when_verilator_has_come() {
  front_door run </dev/null >/dev/null 2>&1
  echo "verilator_DIR:PATH=verilator_DIR-NOTFOUND" >>"$clone/build/release/CMakeCache.txt"
  front_door run </dev/null >/dev/null 2>&1
  expect "for run" "$(grep -c ^cmake "$work/calls")" 1
  front_door cosim </dev/null >/dev/null 2>&1
  expect "for cosim" "$(grep -c ^cmake "$work/calls")" 2
  front_door cosim </dev/null >/dev/null 2>&1
  expect "once it is there" "$(grep -c ^cmake "$work/calls")" 2
}

case_configures_again_when_the_rtl_changes() {
  mkdir "$clone/rtl"
  front_door run </dev/null >/dev/null 2>&1
  touch -d "now + 1 minute" "$clone/rtl/walker.sv"
  front_door run </dev/null >/dev/null 2>&1
  expect "after a change of the RTL" "$(grep -c ^cmake "$work/calls")" 2
}

case_tests_without_verilator_where_it_cannot_be_installed() {
  echo verilator >"$work/missing"
  stand_in sudo <<<$'#!/bin/bash\nexit 1'
  local as_user=()
  if ((EUID == 0)); then
    chown -R 65534 "$work"
    as_user=(setpriv --reuid=65534 --clear-groups)
  fi
  "${as_user[@]}" "$clone/nestwalk" test -R walker </dev/null >"$work/output" 2>"$work/errors" || fail "the status is not 0"
  grep -q "going on without .*verilator.*: the tests that need them are left out" "$work/errors" || fail "it is not said what is left out"
  expect "tests" "$(grep ^ctest "$work/calls" | sed 's/ -j [0-9]*//')" "ctest --preset release -R walker"
}

case_names_an_unknown_command_before_anything_is_installed_or_built() {
  local status=0
  echo libfmt-dev >"$work/missing"
  front_door rnu </dev/null >"$work/output" 2>"$work/errors" || status=$?
  expect status "$status" 2
  expect message "$(cat "$work/errors")" "nestwalk: there is no command rnu; did you mean run? (./nestwalk --help lists them)"
  expect "message for one that is near to two" "$(front_door cots 2>&1)" \
    "nestwalk: there is no command cots; did you mean cost? (./nestwalk --help lists them)"
  expect "message for one that is near to none" "$(front_door "a b" 2>&1)" \
    "nestwalk: there is no command a b (./nestwalk --help lists them)"
  [[ ! -e $work/calls ]] || fail "it went on: $(cat "$work/calls")"
}

case_installs_python_for_sweeps_and_matplotlib_for_their_figures() {
  ((EUID == 0)) || exit 77
  mkdir "$clone/tools"
  printf '#!/bin/bash\nprintf "<%%s>" "$@"\n' >"$clone/tools/sweep"
  chmod +x "$clone/tools/sweep"
  expect "for run" "$(installs sweep run s.toml -o d)" "python3"
  expect "for plot" "$(installs sweep plot s.toml -o d)" "python3 python3-matplotlib"
  expect "for help" "$(installs sweep --help)" ""
  expect output "$(front_door sweep run s.toml -o d </dev/null 2>/dev/null)" "<run><s.toml><-o><d>"
}

case_knows_every_command_of_the_program() {
  local command
  local of_program
  of_program=$(sed -n 's/.*add_subcommand("\([a-z]*\)".*/\1/p' "$source_dir"/platforms/commands/*.cpp)
  [[ $of_program == *compare* ]] || fail "the commands of the program are not found"
  for command in $of_program; do
    [[ $(front_door "$command" </dev/null 2>/dev/null) == "<$command>"* ]] || fail "it does not pass on $command"
  done
}

case_helps_with_its_own_commands_and_builds_nothing() {
  local command words
  mkdir "$clone/tools"
  printf '#!/bin/bash\necho "of tools/fuzz: $*"\n' >"$clone/tools/fuzz"
  chmod +x "$clone/tools/fuzz"
  echo libfmt-dev >"$work/missing"
  for command in "test --help" "test -R walker -h" "bench --help"; do
    read -ra words <<<"$command"
    front_door "${words[@]}" >"$work/output" </dev/null
    grep -q "nestwalk test .*the tests;" "$work/output" || fail "no help for $command"
    ! grep -q '.\{81\}' "$work/output" || fail "lines of more than 80 columns"
  done
  expect "help for fuzz" "$(front_door fuzz --help)" "of tools/fuzz: --help"
  [[ ! -e $work/calls && ! -e $clone/build ]] || fail "it went on"
}

case_says_that_the_checkout_may_not_be_written() {
  local as_user=() status=0
  if ((EUID == 0)); then
    chmod a+rx "$work" "$work/bin"
    as_user=(setpriv --reuid=65534 --clear-groups)
  else
    chmod a-w "$clone"
  fi
  echo libfmt-dev >"$work/missing"
  "${as_user[@]}" "$clone/nestwalk" run </dev/null >"$work/output" 2>"$work/errors" || status=$?
  expect status "$status" 1
  grep -qF "nestwalk: $clone may not be written by " "$work/errors" || fail "$(cat "$work/errors")"
  [[ ! -e $work/calls ]] || fail "it went on: $(cat "$work/calls")"
}

"case_$1"
