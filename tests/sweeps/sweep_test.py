"""`nestwalk sweep`: sweep_test.py PROGRAM CASE runs one case. Exits 77 where what a case needs is not installed."""
import csv
import gzip
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.path.join(ROOT, "tools/sweep")
PROGRAM = os.path.abspath(sys.argv[1])
HAS_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None

SMALL = """
modes = ["native", "shadow", "nested"]
limit = {limit}

[axes]
"vmm.backing" = ["4k", "2m"]
tlb = [{{ label = 64, "mmu.l2_tlb.entries" = 64, "mmu.l2_tlb.ways" = 4 }},
       {{ label = 128, "mmu.l2_tlb.entries" = 128, "mmu.l2_tlb.ways" = 8 }}]

[[workloads]]
generator = "gups"
set = {{ "workload.footprint" = "1MiB" }}

[[plots]]
name = "curve"
kind = "curve"
x = "axis.tlb"
y = "1000 * (mmu.l2_tlb.misses - mmu.l2_tlb.misses_faulted) / core.accesses"
where = {{ mode = "nested", "axis.vmm.backing" = "4k" }}

[[plots]]
name = "stack"
kind = "stack"
x = "mode"
where = {{ "axis.tlb" = 64, "axis.vmm.backing" = ["4k", ""] }}
[plots.parts]
guest = "mmu.guest_walker.reads / mmu.guest_walker.walks"
nested = "mmu.nested_walker.reads / mmu.guest_walker.walks"

[[plots]]
name = "map"
kind = "heatmap"
x = "axis.tlb"
y = "axis.vmm.backing"
value = "core.cycles_per_access"
where = {{ mode = "nested" }}
"""


class Sweep(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = self.place.name
        self.out = os.path.join(self.folder, "out")
        self.sweep = self.write("small.toml", SMALL.format(limit=2000))

    def tearDown(self):
        self.place.cleanup()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def read(self, *names):
        with open(os.path.join(self.out, *names), "rb") as file:
            return file.read()

    def call(self, command, *options, out=None, sweep=None):
        arguments = [TOOL, "--program", PROGRAM, command, sweep or self.sweep]
        if command != "list":
            arguments += ["-o", out or self.out]
        return subprocess.run(arguments + list(options), capture_output=True, text=True, check=False)

    def good(self, command, *options, **more):
        done = self.call(command, *options, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def table(self):
        self.good("table")
        with open(os.path.join(self.out, "table.csv"), encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def points(self):
        return sorted(name for name in os.listdir(os.path.join(self.out, "points")) if not name.startswith("."))

    # Points.

    def test_points_of_keys_that_a_mode_does_not_read_are_one(self):
        lines = self.good("list").splitlines()
        self.assertEqual(len(lines), 2 + 4 + 4)  # a native machine has no vmm.backing
        self.assertEqual(len({line.split()[0] for line in lines}), len(lines))
        self.assertFalse(any("native" in line and "vmm.backing" in line for line in lines))

    def test_a_value_written_another_way_is_the_same_point(self):
        other = self.write("other.toml", SMALL.format(limit=2000).replace('"1MiB"', '"1024KiB"'))
        self.assertEqual([line.split()[0] for line in self.good("list").splitlines()],
                         [line.split()[0] for line in self.good("list", sweep=other).splitlines()])

    def test_a_trace_counts_by_its_content(self):
        text = 'modes = ["native"]\n[[workloads]]\ntrace = "one.lackey"\n'
        sweep = self.write("trace.toml", text)
        self.write("one.lackey", "I  400000,4\n L 500000,8\n")
        first = self.good("list", sweep=sweep).split()[0]
        self.write("one.lackey", "I  400000,4\n L 500008,8\n")
        self.assertNotEqual(self.good("list", sweep=sweep).split()[0], first)

    # Runs.

    def test_each_point_is_what_a_run_of_its_command_gives(self):
        self.good("run", "-j", "2")
        rows = self.table()
        commands = dict(line.split(" ", 1) for line in self.good("list").splitlines())
        self.assertEqual([row["point"] for row in rows], list(commands))
        for row in rows[::3]:
            stats = os.path.join(self.folder, "stats.json")
            subprocess.run(commands[row["point"]].split() + ["--stats", stats], check=True)
            with open(stats, encoding="utf-8") as file:
                results = json.load(file)
            for path, leaf in results["machines"][0]["statistics"].items():
                value = leaf["value"]
                if isinstance(value, dict):
                    for member in ("count", "mean", "median", "p99"):
                        self.assertEqual(float(row[f"{path}.{member}"]), value[member], path)
                else:
                    self.assertEqual(float(row[path] or 0), value or 0, path)
            self.assertEqual(int(row["mmu.l2_tlb.entries"]), results["configuration"]["mmu.l2_tlb.entries"])

    def test_what_is_done_is_not_run_again(self):
        self.good("run")
        before = {name: os.stat(os.path.join(self.out, "points", name)).st_mtime_ns for name in self.points()}
        self.good("run")
        self.assertEqual(before, {name: os.stat(os.path.join(self.out, "points", name)).st_mtime_ns
                                  for name in self.points()})

    def test_shards_make_the_whole(self):
        for k in (3, 1, 2):
            self.good("run", "--shard", f"{k}/3")
        whole = os.path.join(self.folder, "whole")
        self.good("run", out=whole)
        self.good("table")
        self.good("table", out=whole)
        for name in ("table.csv", "columns.csv"):
            with open(os.path.join(whole, name), "rb") as file:
                self.assertEqual(self.read(name), file.read())

    def test_killed_at_any_moment_it_goes_on_where_it_was(self):
        self.sweep = self.write("longer.toml", SMALL.format(limit=60000))
        arguments = [TOOL, "--program", PROGRAM, "run", self.sweep, "-o", self.out, "-j", "2"]
        for wait in (0.3, 0.7, 1.1, 1.5):
            process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
            for name in self.points() if os.path.isdir(os.path.join(self.out, "points")) else []:
                with gzip.open(os.path.join(self.out, "points", name)) as file:
                    json.load(file)  # whole
        self.good("run")
        self.assertEqual(len(self.points()), 10)
        self.assertEqual(os.listdir(os.path.join(self.out, "failed")), [])
        self.assertFalse([name for name in os.listdir(os.path.join(self.out, "points")) if name.startswith(".")])
        whole = os.path.join(self.folder, "whole")
        self.good("run", out=whole)
        self.good("table")
        self.good("table", out=whole)
        with open(os.path.join(whole, "table.csv"), "rb") as file:
            self.assertEqual(self.read("table.csv"), file.read())

    def test_a_bad_configuration_is_told_before_any_run_and_not_tried_again(self):
        self.sweep = self.write("bad.toml", 'modes = ["native"]\nlimit = 2000\n[axes]\n'
                                '"mmu.l2_tlb.entries" = [1536, 1537]\n[[workloads]]\ngenerator = "gups"\n')
        done = self.call("run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("mmu.l2_tlb", done.stderr)
        self.assertEqual(len(self.points()), 1)
        failed = os.listdir(os.path.join(self.out, "failed"))
        self.assertEqual(len(failed), 1)
        told = json.loads(self.read("failed", failed[0]))
        self.assertIn("1537", told["command"])
        self.assertTrue(told["bad_configuration"])
        before = os.stat(os.path.join(self.out, "failed", failed[0])).st_mtime_ns
        self.assertEqual(self.call("run").returncode, 1)
        self.assertEqual(before, os.stat(os.path.join(self.out, "failed", failed[0])).st_mtime_ns)
        self.assertIn("2 points: 1 done, 1 failed, 0 missing", self.good("status"))

    def test_a_point_that_takes_too_long_fails_and_is_tried_again(self):
        self.sweep = self.write("long.toml", 'modes = ["native"]\n[[workloads]]\ngenerator = "gups"\n'
                                'set = { "workload.length" = 400000 }\n')
        done = self.call("run", "--timeout", "0.05")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not done after 0.05 seconds", done.stderr)
        self.good("run")
        self.assertIn("1 done, 0 failed", self.good("status"))

    # Messages.

    def test_a_mistake_in_the_sweep_is_told_by_file_and_key(self):
        for text, wanted in [("mode = 1", "mode: there is no such key"),
                             ("modes = ['nested']", "workloads: there is none"),
                             ("modes = ['both']\n[[workloads]]\ngenerator='gups'", "modes: 'both' is none"),
                             ("[[workloads]]\ntrace='no'", "no: there is no such file"),
                             ("[axes]\na=[]\n[[workloads]]\ngenerator='gups'", "axes.a: an empty list"),
                             ("limit = ", "Invalid value")]:
            done = self.call("list", sweep=self.write("bad.toml", text))
            self.assertEqual(done.returncode, 1, text)
            self.assertIn("bad.toml", done.stderr)
            self.assertIn(wanted, done.stderr)
            self.assertNotIn("Traceback", done.stderr)

    # Tables.

    def test_every_column_is_explained(self):
        self.good("run")
        rows = self.table()
        with open(os.path.join(self.out, "columns.csv"), encoding="utf-8", newline="") as file:
            columns = list(csv.DictReader(file))
        self.assertEqual([column["column"] for column in columns], list(rows[0]))
        self.assertEqual([column["column"] for column in columns if not column["about"]], [])

    def test_a_table_of_10000_points_takes_less_than_a_minute(self):
        self.good("run", "--shard", "10/10")
        kept = self.read("points", self.points()[0])
        self.sweep = self.write("many.toml", 'modes = ["nested"]\nlimit = 2000\n[axes]\n'
                                f'"workload.seed" = {list(range(10000))}\n[[workloads]]\ngenerator = "gups"\n')
        for line in self.good("list").splitlines():
            with open(os.path.join(self.out, "points", line.split()[0] + ".json.gz"), "wb") as file:
                file.write(kept)
        began = time.process_time()
        before = os.times()
        self.good("table")
        after = os.times()
        self.assertLess(after.children_user - before.children_user + time.process_time() - began, 60)
        self.assertEqual(self.read("table.csv").count(b"\n"), 10001)

    def test_a_trace_is_repeated(self):
        self.write("short.txt", "I  00001000,4\n" * 1000)
        text = 'modes = ["native"]\n[[workloads]]\ntrace = "short.txt"\nname = "once"\n'
        text += '[[workloads]]\ntrace = "short.txt"\nname = "thrice"\nrepeat = 3\n'
        self.sweep = self.write("repeated.toml", text)
        self.good("run")
        self.assertEqual({row["workload"]: row["core.accesses"] for row in self.table()}, {"once": "1000", "thrice": "3000"})

    def test_only_a_trace_is_repeated(self):
        self.sweep = self.write("bad.toml", 'modes = ["native"]\n[[workloads]]\ngenerator = "gups"\nrepeat = 2\n')
        done = self.call("list")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("repeat: only a trace has one", done.stderr)

    # Plots.

    @unittest.skipUnless(HAS_MATPLOTLIB, "matplotlib is not installed")
    def test_plots_are_the_same_bytes_each_time(self):
        self.good("run")
        for form, head in (("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<?xml")):
            made = []
            for _ in range(2):
                self.good("plot", "--format", form)
                made.append([self.read(f"{name}.{form}") for name in ("curve", "stack", "map")])
            self.assertEqual(made[0], made[1])
            for content in made[0]:
                self.assertTrue(content.startswith(head))

    @unittest.skipUnless(HAS_MATPLOTLIB, "matplotlib is not installed")
    def test_a_page_holds_all_figures_and_asks_for_no_file(self):
        self.good("run")
        self.good("plot", "--html", os.path.join(self.out, "page.html"))
        page = self.read("page.html")
        self.assertEqual(page.count(b"<svg"), 3)
        for outside in (b"src=", b"<link", b"<script"):
            self.assertNotIn(outside, page)


if __name__ == "__main__":
    ran = unittest.main(argv=[sys.argv[0]] + ["Sweep.test_" + case for case in sys.argv[2:]], exit=False).result
    sys.exit(77 if ran.skipped else not ran.wasSuccessful())
