#!/usr/bin/env bash
# Holds the identities of tools/identities over all statistics of short runs on machines of many kinds.
#   identities_test.sh PROGRAM TOOL
set -euo pipefail

program=$1
tool=$2
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
number=0

# run OPTION...: on the three machines.
run() {
  number=$((number + 1))
  "$program" compare --quiet --stats "$results/$number.json" "$@" || {
    echo "compare $* failed" >&2
    exit 1
  }
}
# fork OPTION...: a guest that forks.
fork() {
  run --workload fork --limit 40000 --set workload.footprint=512KiB "$@"
}

no_caches=(--set caches.l1i.size=0 --set caches.l1d.size=0 --set caches.l2.size=0 --set caches.llc.size=0)
small_caches=(--set caches.l1d.size=4KiB --set caches.l2.size=16KiB)
small_caches+=(--set caches.llc.size=88KiB --set caches.llc.ways=11)
reclaim=(--set vmm.reclaim.pages=32 --set vmm.reclaim.exits=16)

run --limit 400000
run --limit 300000 --warmup 150000
run zen2 --limit 200000 --set vmm.backing=4k
fork
fork "${small_caches[@]}" "${reclaim[@]}"
fork "${small_caches[@]}" "${reclaim[@]}" --set vmm.shadow.policy=out-of-sync --set vmm.backing=4k
fork "${small_caches[@]}" "${reclaim[@]}" --warmup 15001
run zen2 --workload fork --limit 40000 --set workload.footprint=512KiB "${small_caches[@]}" "${reclaim[@]}"
fork "${no_caches[@]}"
fork "${small_caches[@]}" --set caches.table_reads=dram
fork "${small_caches[@]}" --set caches.table_reads=llc --set core.cycle=0.3 --set core.cycles_per_instruction=0.7
fork --set caches.l2.size=0 --set caches.table_reads=l2
fork --set caches.l2.size=0 --set caches.llc.size=0
fork "${no_caches[@]}" --set caches.l1i.size=32KiB --set caches.table_reads=dram --set mmu.use_dmi=false
fork --set mmu.l2_tlb.entries=0 --set mmu.l2_tlb.huge.entries=0 --set vmm.ept_accessed_dirty=false
fork --set guest.levels=5 --set vmm.nested_levels=5 --set mmu.nested_tlb.entries=0
run --workload gups --limit 60000 --set workload.footprint=64MiB --set guest.pages=2m --set vmm.backing=1g
run --workload churn --limit 60000 --set workload.footprint=2MiB --set workload.edits=20
run --workload chase --limit 60000 --set workload.footprint=4MiB --set core.cycle=0.3
run zen2 --workload zipf --limit 60000 --warmup 20000
run --workload stream --limit 60000
run --workload switch --limit 60000 --set workload.footprint=4MiB

"$tool" --complete "$results"/*.json

# A statistic that is gone breaks the identities that name it, instead of counting as 0.
gone=$results/gone
for statistic in core.vmm_cycles mmu.guest_walker.latency; do
  sed "s/\"$statistic\":/\"$statistic.of_old\":/" "$results/1.json" >"$gone"
  if said=$("$tool" "$gone") || [[ $said != *"there is no statistic $statistic"* ]]; then
    echo "with $statistic renamed: $said" >&2
    exit 1
  fi
done
