#!/usr/bin/env python3
"""Plants each error of this folder into a copy of rtl/ and says what catches it.

    tests/mutations/rtl/run.py [NAME ...]    all patches, or those whose name contains a NAME

Builds the test bench once and a small model (4 contexts) a patch, and runs seeds of co-simulation until one fails.
Needs git, Verilator, g++ and libfmt; ccache makes it faster. Exit status 1 where an error survives, or a patch does not apply
or build.
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/cosim"))
from small_model import build_bench, build_walker, run  # noqa: E402

SEEDS, WALKS = 12, 4000


def verdict(patch, work, objects):
    """What catches the error; None where every seed passed. RuntimeError where it cannot be tried."""
    run(["cp", "-r", str(ROOT / "rtl"), str(work)], check=True)
    applied = run(["git", "apply", str(patch)], cwd=work)
    if applied.returncode != 0:
        raise RuntimeError(f"does not apply: {applied.stderr.strip()}")
    shape = patch.read_text().splitlines()[0].removeprefix("model: ")
    small = build_walker(work / "rtl", work, shape, objects)
    try:
        ran = run([str(small), str(SEEDS), str(WALKS)], timeout=300)
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
            work = pathlib.Path(temporary) / "work"  # one path for all, so that ccache knows what is the same
            work.mkdir()
            try:
                found = verdict(patch, work, objects)
                print(f"{patch.stem}: " + (f"caught: {found}" if found else "SURVIVED"), flush=True)
                bad += found is None
            except RuntimeError as error:  # an error that no one could simulate says nothing about the bench
                print(f"{patch.stem}: {error}", flush=True)
                bad += 1
            run(["rm", "-rf", str(work)])
    print(f"{len(patches) - bad} of {len(patches)} caught")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
