#!/usr/bin/env bash
# Proves what walker_properties.sv states, with Yosys and ABC, for two contexts.
#
#   tests/formal/prove.sh WHAT BYPASS HOW [RTL]
#     WHAT    WALKS, IDS, OFFERS or PAYLOADS: the statements; ALL of them together, to a bound
#     BYPASS  0 or 1: the walker's parameter
#     HOW     pdr: for all time, whatever the judging and launching stages decide (they are cut out)
#             step: for all time, over one cycle from any state in which the other statements hold (PAYLOADS)
#             N: in the first N cycles after reset, with every stage as it is
#     RTL     the folder of the sources
#
# Exit status 0 where it holds, 1 where it does not or nothing is known, 77 where Yosys or ABC is missing.
set -euo pipefail
what=$1 bypass=$2 how=$3

abc=$(command -v berkeley-abc || command -v yosys-abc || true)
if ! command -v yosys >/dev/null || [[ -z $abc ]]; then
  echo "skipped: needs Yosys and ABC (Debian packages yosys and berkeley-abc)"
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Links, as a path with a space is none to Yosys.
here=$work/here rtl=$work/rtl
ln -s "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" "$here"
ln -s "$(readlink -f "${4:-$here/../../rtl}")" "$rtl"

instance='walker_properties #(.Contexts(Contexts), .IdWidth(IdWidth), .CountWidth(CountWidth), .TagWidth(TagWidth))
  u_properties (.request_page_i(launch_request.page), .*);
endmodule'
awk -v instance="$instance" '/^endmodule/ { print instance; next } { print }' "$rtl/page_walker.sv" >"$work/page_walker.sv"
others=()
for file in "$rtl"/*.sv; do
  case $file in */walk_pkg.sv | */page_walker.sv) ;; *) others+=("$file") ;; esac
done

cut=
if [[ $how == pdr || $how == step ]]; then cut='cutpoint */t:*walk_step* */t:*walk_launch*'; fi
yosys -q -e 'implicitly declared|out of bounds' -p "
  read_verilog -sv -formal -DPROVE_$what $rtl/walk_pkg.sv ${others[*]} $here/walker_properties.sv $work/page_walker.sv $here/walker_alone.sv
  chparam -set Bypass $bypass walker_alone
  hierarchy -check -top walker_alone
  proc
  $cut
  flatten
  opt
  memory_nordff
  memory_map
  opt
  async2sync
  setundef -anyseq -undriven
  techmap
  opt -fast
  dffunmap
  aigmap
  opt_clean
  stat
  write_aiger -I -B $work/walker.aig
" >"$work/yosys.log" 2>&1 || { tail -5 "$work/yosys.log"; exit 1; }

script="read_aiger $work/walker.aig; logic; undc; strash; zero; fold; orpos; print_stats"
case $how in
  pdr) script+="; scorr; dc2; scorr; pdr -T 600" proved='Property proved' ;;
  step) script+="; bmc3 -F 2 -T 600" proved='No output asserted in 2 frames' ;;
  *) script+="; bmc3 -F $how -T 600" proved="No output asserted in $how frames" ;;
esac
"$abc" -c "$script" >"$work/abc.log" 2>&1
cat "$work/abc.log"
grep -q "$proved" "$work/abc.log"
