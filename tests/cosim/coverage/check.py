#!/usr/bin/env python3
"""Checks that a regression of co-simulation reaches every line and branch of rtl/.

    tests/cosim/coverage/check.py [--seeds N] [--walks N]

Builds small models (4 contexts: plain, with bypass, with caches) that count with `verilator --coverage-line`, whose
points are blocks: a branch is a point for each of its arms. Runs seeds on each and adds up the counts of a point over
models and instances. A point that no seed reached must stand in exceptions.txt with a reason, and nothing else may.

Exit status 0 where that is so, 1 where it is not, 77 where a program that it needs is missing.
"""
import argparse
import collections
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))
from small_model import SHAPES, build_bench, build_walker, missing, run  # noqa: E402


def points(files):
    """{(file, line, column, arm): count} over rtl/."""
    counts = collections.Counter()
    for file in files:
        for line in file.read_text().splitlines():
            found = re.match(r"C '(.*)' (\d+)$", line)
            if not found:
                continue
            fields = dict(f.split("\x02", 1) for f in found[1].split("\x01") if f)
            source = pathlib.Path(fields["f"])
            if source.parent.name == "rtl":
                counts[source.name, int(fields["l"]), int(fields["n"]), fields["o"]] += int(found[2])
    return counts


def exceptions():
    """{(file, arm, text of the line): reason}."""
    allowed = {}
    for line in (HERE / "exceptions.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            file, arm, text, reason = (part.strip() for part in line.split(" | "))
            allowed[file, arm, text] = reason
    return allowed


def collect(work, seeds, walks):
    objects = build_bench(work)
    for shape in SHAPES:
        folder = work / shape
        folder.mkdir()
        small = build_walker(ROOT / "rtl", folder, shape, objects, ["--coverage-line"])
        ran = run([str(small), str(seeds), str(walks), str(work)])
        if ran.returncode != 0:
            raise RuntimeError(f"{shape}: {ran.stdout}")
    return points(work.glob("*.dat"))


def main():
    parser = argparse.ArgumentParser(description="Checks the coverage of rtl/.")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--walks", type=int, default=8_000)
    options = parser.parse_args()
    if missing():
        print(f"skipped: not found: {missing()} (Debian packages of these names)")
        return 77
    with tempfile.TemporaryDirectory() as work:
        counts = collect(pathlib.Path(work), options.seeds, options.walks)
    allowed = exceptions()
    used = set()
    missed = 0
    for (file, line, column, arm), count in sorted(counts.items()):
        text = (ROOT / "rtl" / file).read_text().splitlines()[line - 1].strip()
        if count != 0:
            continue
        if (file, arm, text) in allowed:
            used.add((file, arm, text))
            continue
        missed += 1
        print(f"missed: rtl/{file}:{line}:{column}: {arm}: {text}")
    for file, arm, text in sorted(set(allowed) - used):
        print(f"reached, or no longer there: {file} | {arm} | {text}")
    reached = sum(count != 0 for count in counts.values())
    print(f"{reached} of {len(counts)} points reached, {len(counts) - reached - missed} justified, {missed} missed")
    return 1 if missed or set(allowed) - used else 0


if __name__ == "__main__":
    sys.exit(main())
