#!/usr/bin/env python3
"""Co-simulates what Yosys makes of rtl/: that it reads the design as Verilator does.

    tests/cosim/netlist.py [--seeds N] [--walks N]

Yosys reads, checks, flattens and optimises the walker with 4 contexts, plain and with caches and bypass, and writes it
as Verilog, which is Verilated in the walker's place and runs seeds under the scoreboard.

Exit status 0 where all passed, 1 where one failed, 77 where a program that it needs is missing.
"""
import argparse
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
from small_model import DRIVEN, ROOT, build_bench, build_model, missing, parameters, run, sources_of  # noqa: E402


def netlist(work, shape):
    chosen = " ".join(f"-set {name} {value}" for name, value in parameters(shape).items())
    file = work / "netlist.v"
    script = (f"read_verilog -sv {' '.join(map(str, [*sources_of(ROOT / 'rtl'), DRIVEN]))}; "
              f"chparam {chosen} driven_page_walker; hierarchy -check -top driven_page_walker; proc; "
              "check -assert; flatten; opt; memory; opt; rename -top driven_page_walker; "
              f"write_verilog -noattr {file}")
    made = run(["yosys", "-q", "-e", "implicitly declared|out of bounds", "-p", script])
    if made.returncode != 0:
        raise RuntimeError(f"Yosys: {(made.stdout + made.stderr).strip().splitlines()[-1]}")
    return file


def main():
    parser = argparse.ArgumentParser(description="Co-simulates the netlist that Yosys makes of rtl/.")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--walks", type=int, default=5_000)
    options = parser.parse_args()
    if missing("yosys"):
        print(f"skipped: not found: {missing('yosys')} (Debian packages of these names)")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        objects = build_bench(pathlib.Path(temporary))
        for shape in ("plain", "cached"):
            work = pathlib.Path(temporary) / shape
            work.mkdir()
            small = build_model([netlist(work, shape)], work, shape, objects)
            ran = run([str(small), str(options.seeds), str(options.walks)])
            print(f"{shape}: {options.seeds} seeds of {options.walks} walks: " + (ran.stdout.strip() or "passed"))
            failed += ran.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
