#!/usr/bin/env bash
# A sweep as a Slurm job array, with munge and Slurm of our own on loopback: one task is cancelled, the array is
# submitted again, and the table is that of a local run.
#   slurm_test.sh PROGRAM
set -euo pipefail

program=$(readlink -f "$1")
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
for each in munged slurmctld slurmd sbatch squeue scancel; do
  PATH=$PATH:/usr/sbin command -v $each >/dev/null || { echo "$each is not installed" && exit 77; }
done
((EUID == 0)) || { echo "slurmd wants to be root" && exit 77; }
PATH=$PATH:/usr/sbin

work=$(mktemp -d /tmp/nestwalk-slurm.XXXXXX)
servers=()
cleanup() {
  scancel --user=root 2>/dev/null || true
  for each in "${servers[@]}"; do kill "$each" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
fail() {
  echo "failed: $*" >&2
  tail -n 20 "$work"/*.log "$work"/*.out >&2 || true
  exit 1
}

mkdir -m 755 "$work/munge" "$work/state" "$work/spool"
chmod 755 "$work"
head -c 64 /dev/urandom >"$work/munge/key"
chmod 400 "$work/munge/key"
munged --force --foreground --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
  --log-file="$work/munge/log" --seed-file="$work/munge/seed" --num-threads=2 >"$work/munged.log" 2>&1 &
servers+=($!)
port=$((20000 + $$ % 20000))
cat >"$work/slurm.conf" <<CONF
ClusterName=nestwalk
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
SlurmUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
CONF
export SLURM_CONF=$work/slurm.conf
for _ in {1..100}; do [[ -S $work/munge/socket ]] && break || sleep 0.1; done
slurmctld -D -c >"$work/slurmctld.out" 2>&1 &
servers+=($!)
slurmd -D -N "$(hostname -s)" >"$work/slurmd.out" 2>&1 &
servers+=($!)
for _ in {1..300}; do [[ $(sinfo -h -o %t 2>/dev/null) == idle ]] && break || sleep 0.1; done
[[ $(sinfo -h -o %t) == idle ]] || fail "Slurm did not start"

cat >"$work/sweep.toml" <<SWEEP
modes = ["native", "nested"]
limit = 40000
[axes]
"workload.seed" = [1, 2, 3, 4]
[[workloads]]
generator = "gups"
set = { "workload.footprint" = "1MiB" }
SWEEP
cat >"$work/tool" <<TOOL
#!/bin/bash
exec "$root/tools/sweep" --program "$program" "\$@"
TOOL
chmod +x "$work/tool"
export NESTWALK_SWEEP=$work/tool SWEEP=$work/sweep.toml DIR=$work/out

submit() { sbatch --parsable --chdir="$work" --array=1-4 "$root/examples/sweeps/array.sbatch"; }
await() {
  for _ in {1..1200}; do
    [[ -z $(squeue -h -j "$1" 2>/dev/null) ]] && return || sleep 0.1
  done
  fail "the array did not end"
}
first=$(submit)
scancel "${first}_3"
await "$first"
"$work/tool" status "$SWEEP" -o "$DIR" | tee "$work/status.log"
grep -q "8 points: [1-7] done, 0 failed" "$work/status.log" || fail "the cancelled task's shard is not what is missing"
await "$(submit)"
"$work/tool" table "$SWEEP" -o "$DIR"
"$work/tool" run "$SWEEP" -o "$work/local"
"$work/tool" table "$SWEEP" -o "$work/local"
cmp "$DIR/table.csv" "$work/local/table.csv" || fail "the tables differ"
[[ $(wc -l <"$DIR/table.csv") == 9 ]] || fail "the table has not all points"

# The same by Snakemake, where it is installed.
command -v snakemake >/dev/null || exit 0
cd "$work"
snakemake --quiet --snakefile "$root/examples/sweeps/Snakefile" --jobs 2 --latency-wait 30 \
  --cluster "sbatch --parsable" --cluster-status "$root/examples/sweeps/slurm_status" \
  --config sweep="$SWEEP" dir="$work/snake" shards=2 tool="$work/tool" >"$work/snakemake.log" 2>&1 || fail "Snakemake"
cmp "$work/snake/table.csv" "$work/local/table.csv" || fail "Snakemake's table differs"
