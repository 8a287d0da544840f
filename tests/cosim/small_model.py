"""Builds small models of the walker around the test bench, without CMake: for planted errors and for coverage."""
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
if " " in str(ROOT):  # which neither make nor Verilator takes
    LINKS = tempfile.TemporaryDirectory()
    pathlib.Path(LINKS.name, "nestwalk").symlink_to(ROOT)
    ROOT = pathlib.Path(LINKS.name, "nestwalk")
# Nested-TLB entries, walk-cache entries, bypass.
SHAPES = {"plain": (0, 0, 0), "bypass": (0, 0, 1), "cached": (4, 4, 1)}
CONTEXTS = 4
DRIVEN = ROOT / "tb/driven_page_walker.sv"
BENCH = ["bench", "bench_memory", "crosses", "scoreboard", "table_world", "rtl_model", "rtl_request", "rtl_response",
         "waves_file"]
OUTPUT = ["named_file", "replacement"]
PAGING = ["fault", "fault_report", "format", "memory_type", "rights", "stage", "stage_rules"]
MAIN = """#include <cstdio>
#include <cstdlib>
#include "tb/bench.h"
#include "tb/verilated_model.h"
#include "Vsmall.h"
namespace nestwalk::tb {{
const std::vector<model_shape>& model_shapes() {{
  static const std::vector<model_shape> shapes = {{{{"small", {contexts}, {tlb}, {cache}, {bypass} != 0}}}};
  return shapes;
}}
std::unique_ptr<rtl_model> make_model(const std::string&) {{ return std::make_unique<verilated_model<Vsmall>>(); }}
}}
// small SEEDS WALKS [FOLDER]: runs seeds until one fails; writes coverage into FOLDER.
int main(int, char** argv) {{
  for (int seed = 1; seed <= std::atoi(argv[1]); ++seed) {{
    nestwalk::tb::seed_options options;
    options.seed = static_cast<std::uint64_t>(seed);
    options.walks = static_cast<std::uint64_t>(std::atoi(argv[2]));
    options.model = "small";
    if (argv[3] != nullptr) options.coverage = std::string(argv[3]) + "/{shape}-" + std::to_string(seed) + ".dat";
    const auto result = nestwalk::tb::run_seed(options);
    if (result.failure.empty()) continue;
    std::printf("seed %d, walk %llu: %s\\n", seed, (unsigned long long)result.failed_walk, result.failure.c_str());
    return 1;
  }}
}}
"""


def run(command, **options):
    environment = dict(os.environ, OBJCACHE="ccache" if run.ccache else "")
    return subprocess.run(command, capture_output=True, text=True, env=environment, **options)


run.ccache = shutil.which("ccache") is not None


def missing(*programs):
    """Of these programs and those that build a model, the ones that are not to be found; "" where all are."""
    return " ".join(p for p in ("verilator", "make", "g++", *programs) if shutil.which(p) is None)


def build_bench(folder):
    """Compiles what every small model is linked with. Returns the objects."""
    objects = []
    rooms = {"tb": BENCH, "platforms/output": OUTPUT, "models/nestwalk/paging": PAGING}
    sources = [ROOT / room / f"{name}.cpp" for room, names in rooms.items() for name in names]
    for source in sources:
        target = folder / f"{source.stem}.o"
        compiler = ["ccache", "g++"] if run.ccache else ["g++"]
        subprocess.run([*compiler, "-std=c++17", "-O2", f"-I{ROOT}", f"-I{ROOT}/models", "-c", str(source), "-o",
                        str(target)], check=True)
        objects.append(str(target))
    return objects


def sources_of(rtl):
    """The package first, which the others read."""
    return [rtl / "walk_pkg.sv"] + sorted(p for p in rtl.glob("*.sv") if p.name != "walk_pkg.sv")


def parameters(shape):
    tlb, cache, bypass = SHAPES[shape]
    return {"Contexts": CONTEXTS, "NestedTlbEntries": tlb, "WalkCacheEntries": cache, "Bypass": f"1'b{bypass}"}


def build_walker(rtl, work, shape, objects, arguments=()):
    """Builds `small` from the walker in the folder `rtl`, with its checker."""
    chosen = [f"-G{name}={value}" for name, value in parameters(shape).items()]
    return build_model([*sources_of(rtl), ROOT / "tb/page_walker_checker.sv", DRIVEN], work, shape, objects,
                       [*chosen, *arguments])


def build_model(sources, work, shape, objects, arguments=()):
    """Builds the program `small` in `work`. Returns its path; RuntimeError where it cannot."""
    tlb, cache, bypass = SHAPES[shape]
    (work / "main.cpp").write_text(MAIN.format(contexts=CONTEXTS, tlb=tlb, cache=cache, bypass=bypass, shape=shape))
    built = run(["verilator", "--cc", "--exe", "--build", "--assert", "-Wno-fatal", "--prefix", "Vsmall",
                 "--top-module", "driven_page_walker", "--Mdir", str(work / "obj"), *arguments, "-CFLAGS",
                 f"-std=c++17 -O1 -I{ROOT} -I{ROOT}/models", "-LDFLAGS", " ".join(objects) + " -lfmt",
                 *map(str, sources), str(work / "main.cpp"), "-o", "small"])
    if built.returncode != 0:
        raise RuntimeError("does not build: " + (built.stdout + built.stderr).strip().splitlines()[-1])
    return work / "obj/small"
