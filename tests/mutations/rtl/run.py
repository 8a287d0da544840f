#!/usr/bin/env python3
"""Plants each error of this folder into a copy of rtl/ and says what catches it.

    tests/mutations/rtl/run.py [NAME ...]    all patches, or those whose name contains a NAME

Builds the test bench once and a small model (4 contexts) a patch, and runs seeds of co-simulation until one fails.
Needs Verilator, g++ and libfmt. Exit status 1 where an error survives or a patch does not apply.
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SEEDS, WALKS = 6, 4000
MODELS = {"plain": (0, 0, 0), "bypass": (0, 0, 1), "cached": (4, 4, 1)}
BENCH = ["bench", "bench_memory", "crosses", "scoreboard", "table_world", "rtl_model", "rtl_request", "rtl_response"]
PAGING = ["format", "memory_type", "rights", "stage", "stage_rules"]
MAIN = """#include <cstdio>
#include "tb/bench.h"
#include "tb/verilated_model.h"
#include "Vmutant.h"
namespace nestwalk::tb {{
const std::vector<model_shape>& model_shapes() {{
  static const std::vector<model_shape> shapes = {{{{"mutant", 4, {tlb}, {cache}, {bypass} != 0}}}};
  return shapes;
}}
std::unique_ptr<rtl_model> make_model(const std::string&) {{ return std::make_unique<verilated_model<Vmutant>>(); }}
}}
int main() {{
  for (unsigned seed = 1; seed <= {seeds}; ++seed) {{
    nestwalk::tb::seed_options options;
    options.seed = seed;
    options.walks = {walks};
    options.model = "mutant";
    const auto result = nestwalk::tb::run_seed(options);
    if (result.failure.empty()) continue;
    std::printf("seed %u, walk %llu: %s\\n", seed, (unsigned long long)result.failed_walk, result.failure.c_str());
    return 1;
  }}
}}
"""


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def build_bench(folder):
    objects = []
    sources = [ROOT / "tb" / f"{name}.cpp" for name in BENCH] + [ROOT / "models/paging" / f"{n}.cpp" for n in PAGING]
    for source in sources:
        target = folder / f"{source.stem}.o"
        subprocess.run(["g++", "-std=c++17", "-O2", f"-I{ROOT}", f"-I{ROOT}/models", "-c", str(source), "-o",
                        str(target)], check=True)
        objects.append(str(target))
    return objects


def verdict(rtl, work, model, objects):
    """None where every seed passed, else what failed first."""
    tlb, cache, bypass = MODELS[model]
    (work / "main.cpp").write_text(MAIN.format(tlb=tlb, cache=cache, bypass=bypass, seeds=SEEDS, walks=WALKS))
    sources = [rtl / "walk_pkg.sv"] + sorted(p for p in rtl.glob("*.sv") if p.name != "walk_pkg.sv")
    built = run(["verilator", "--cc", "--exe", "--build", "--assert", "--trace-fst", "-Wno-fatal", "--prefix", "Vmutant",
                 "--top-module", "page_walker", "--Mdir", str(work / "obj"), "-GContexts=4",
                 f"-GNestedTlbEntries={tlb}", f"-GWalkCacheEntries={cache}", f"-GBypass=1'b{bypass}", "-CFLAGS",
                 f"-std=c++17 -O1 -I{ROOT} -I{ROOT}/models", "-LDFLAGS", " ".join(objects) + " -lfmt",
                 *map(str, sources), str(ROOT / "tb/page_walker_checker.sv"), str(work / "main.cpp"),
                 "-o", "mutant"])
    if built.returncode != 0:
        raise RuntimeError("does not build: " + (built.stdout + built.stderr).strip().splitlines()[-1])
    try:
        ran = run([str(work / "obj/mutant")], timeout=300)
    except subprocess.TimeoutExpired:
        return "never ends"
    return None if ran.returncode == 0 else (ran.stdout.strip().splitlines() or ["crashed"])[-1]


def main():
    wanted = sys.argv[1:]
    patches = [p for p in sorted(HERE.glob("*.patch")) if not wanted or any(w in p.name for w in wanted)]
    bad = 0
    with tempfile.TemporaryDirectory() as temporary:
        objects = build_bench(pathlib.Path(temporary))
        for patch in patches:
            work = pathlib.Path(temporary) / patch.stem
            work.mkdir()
            run(["cp", "-r", str(ROOT / "rtl"), str(work)], check=True)
            model = patch.read_text().splitlines()[0].removeprefix("model: ")
            applied = run(["patch", "-p1", "-s", "-d", str(work), "-i", str(patch)])
            if applied.returncode != 0:
                print(f"{patch.stem}: does not apply: {applied.stdout.strip()}", flush=True)
                bad += 1
                continue
            try:
                found = verdict(work / "rtl", work, model, objects)
            except RuntimeError as error:  # nothing is said about the bench by an error that no one could simulate
                print(f"{patch.stem}: {error}", flush=True)
                bad += 1
                continue
            print(f"{patch.stem}: " + (f"caught: {found}" if found else "SURVIVED"), flush=True)
            bad += found is None
            run(["rm", "-rf", str(work)])
    print(f"{len(patches) - bad} of {len(patches)} caught")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
