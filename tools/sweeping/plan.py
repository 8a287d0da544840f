"""What a sweep is: SWEEP.toml read, checked, and taken apart into points."""
import hashlib
import itertools
import json
import os
import re
import tomllib

MODES = ("native", "shadow", "nested")
TOP = {"configuration", "modes", "warmup", "limit", "set", "axes", "workloads", "plots", "title", "about"}
WORKLOAD = {"trace", "generator", "set", "name", "repeat", "format"}


class Complaint(Exception):
    """What is wrong with the user's input, and where."""


class Point:
    """One run: a mode, a workload, settings; `axes` says where it stands on each axis (None: the machine or workload
    reads nothing of it, so that the points along the axis are one)."""

    def __init__(self, mode, workload, settings, axes):
        self.mode, self.workload, self.settings, self.axes = mode, workload, settings, axes
        self.name = None  # the hash


def written(value):
    """A setting as --set takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Sweep:
    def __init__(self, path, program):
        self.path, self.program = path, program
        try:
            with open(path, "rb") as file:
                self.given = tomllib.load(file)
        except OSError as problem:
            raise Complaint(f"{path}: {problem.strerror}") from None
        except tomllib.TOMLDecodeError as problem:
            raise Complaint(f"{path}: {problem}") from None
        self.folder = os.path.dirname(os.path.abspath(path))
        self.read()

    def fail(self, what):
        raise Complaint(f"{self.path}: {what}")

    def known(self, table, keys, where):
        for key in table:
            if key not in keys:
                self.fail(f"{where}{key}: there is no such key; there are {', '.join(sorted(keys))}")

    def kind(self, value, expected, where, what):
        if not isinstance(value, expected) or isinstance(value, bool) and expected is not bool:
            self.fail(f"{where} is {value!r}; {what} is expected")
        return value

    def read(self):
        given = self.given
        self.known(given, TOP, "")
        self.title = self.kind(given.get("title", os.path.basename(self.path)), str, "title", "a text")
        self.about = self.kind(given.get("about", ""), str, "about", "a text")
        base = self.kind(given.get("configuration", ""), str, "configuration", "a shipped name or a file")
        beside = os.path.join(self.folder, base)
        # A file beside the sweep, else a name that ships or a file of the working directory.
        self.configuration = beside if base and os.path.exists(beside) else base
        self.modes = self.kind(given.get("modes", ["nested"]), list, "modes", "a list")
        for mode in self.modes:
            if mode not in MODES:
                self.fail(f"modes: {mode!r} is none; there are {', '.join(MODES)}")
        self.warmup = self.kind(given.get("warmup", 0), int, "warmup", "a number of accesses")
        self.limit = self.kind(given.get("limit", 0), int, "limit", "a number of accesses, 0 for none")
        self.settings = self.flat(given.get("set", {}), "set")
        self.axes = [(name, self.axis(name, steps)) for name, steps in self.flat(given.get("axes", {}), "axes").items()]
        self.workloads = [self.workload(each, f"workloads[{i + 1}]") for i, each in
                          enumerate(self.kind(given.get("workloads", []), list, "workloads", "[[workloads]]"))]
        if not self.workloads:
            self.fail("workloads: there is none; add [[workloads]] with a trace or a generator")
        names = [each["name"] for each in self.workloads]
        for name in names:
            if names.count(name) > 1:
                self.fail(f"workloads: two are named {name}; give one of them another name")

    def flat(self, table, where):
        """Keys by path, whether written "mmu.l2_tlb.entries" or as tables."""
        self.kind(table, dict, where, "a table")
        found = {}
        for key, value in table.items():
            if isinstance(value, dict):
                found.update({f"{key}.{below}": v for below, v in self.flat(value, f"{where}.{key}").items()})
            else:
                found[key] = value
        return found

    def axis(self, name, steps):
        """[(label, settings)]: values of the key `name`, or tables of several keys that go together."""
        self.kind(steps, list, f"axes.{name}", "a list of values or of tables")
        if not steps:
            self.fail(f"axes.{name}: an empty list makes no point")
        found = []
        for step in steps:
            if isinstance(step, dict):
                settings = self.flat(step, f"axes.{name}")
                label = settings.pop("label", None)
                found.append((label if label is not None else ", ".join(map(written, settings.values())), settings))
            else:
                found.append((step, {name: step}))
        labels = [str(label) for label, _ in found]
        for label in labels:
            if labels.count(label) > 1:
                self.fail(f"axes.{name}: {label} stands twice")
        return found

    def workload(self, given, where):
        self.kind(given, dict, where, "a table")
        self.known(given, WORKLOAD, where + ".")
        if ("trace" in given) == ("generator" in given):
            self.fail(f"{where}: one of trace and generator is expected")
        made = {"settings": self.flat(given.get("set", {}), where + ".set")}
        if "trace" in given:
            path = os.path.join(self.folder, self.kind(given["trace"], str, where + ".trace", "a file"))
            if not os.path.isfile(path):
                self.fail(f"{where}.trace: {path}: there is no such file")
            made.update(trace=path, name=given.get("name", os.path.basename(path).split(".")[0]))
            made["repeat"] = self.kind(given.get("repeat", 1), int, where + ".repeat", "a number of times")
            made["format"] = self.kind(given.get("format", ""), str, where + ".format", "a format of traces")
            if made["repeat"] < 1:
                self.fail(f"{where}.repeat: {made['repeat']}: 1 or more is expected")
        else:
            for key in ("repeat", "format"):
                if key in given:
                    self.fail(f"{where}.{key}: only a trace has one; a generator has keys of its own")
            generator = self.kind(given["generator"], str, where + ".generator", "a generator's name")
            made.update(generator=generator, name=given.get("name", generator))
        return made

    def options(self, point):
        """The options of `nestwalk run` that make the point, limits and outputs apart."""
        made = [self.configuration] if self.configuration else []
        made += ["--mode", point.mode]
        if "trace" in point.workload:
            made += ["--trace", point.workload["trace"]]
            if point.workload["repeat"] != 1:
                made += ["--repeat", str(point.workload["repeat"])]
            if point.workload["format"]:
                made += ["--trace-format", point.workload["format"]]
        else:
            made += ["--workload", point.workload["generator"]]
        for key, value in point.settings.items():
            made += ["--set", f"{key}={written(value)}"]
        return made

    def command(self, point):
        made = [self.program, "run"] + self.options(point)
        if self.warmup:
            made += ["--warmup", str(self.warmup)]
        if self.limit:
            made += ["--limit", str(self.limit)]
        return made + ["--quiet"]

    def points(self, keys_of, version):
        """Every point once, in the order of modes, workloads and axes. `keys_of(mode, workload)` gives the values that
        the base configuration has of the keys that they read."""
        found = {}
        contents = {}
        for mode, workload in itertools.product(self.modes, self.workloads):
            base = keys_of(mode, workload)
            for steps in itertools.product(*(steps for _, steps in self.axes)):
                settings = {k: v for k, v in self.settings.items() if k in base or k not in base["#all"]}
                axes = {}
                settings.update(workload["settings"])
                for (name, _), (label, own) in zip(self.axes, steps):
                    # A key that there is not stays, so that the program can say so.
                    read = {k: v for k, v in own.items() if k in base or k not in base["#all"]}
                    axes[name] = label if read or not own else None
                    settings.update(read)
                point = Point(mode, workload, settings, axes)
                point.name = self.hash_of(point, base, version, contents)
                found.setdefault(point.name, point)
        return list(found.values())

    def hash_of(self, point, base, version, contents):
        held = dict(base["#values"])
        held.update({k: canonical(v) for k, v in point.settings.items()})
        workload = point.workload.get("generator")
        if workload is None:
            path = point.workload["trace"]
            if path not in contents:
                with open(path, "rb") as file:
                    contents[path] = hashlib.file_digest(file, "sha256").hexdigest()
            workload = contents[path]
            if point.workload["repeat"] != 1 or point.workload["format"]:
                workload = [workload, point.workload["repeat"], point.workload["format"]]
        told = json.dumps([version, point.mode, workload, self.warmup, self.limit, held], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:24]


UNITS = {"KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}
SIZE = re.compile(r"(\d+)(KiB|MiB|GiB|TiB)?")


def canonical(value):
    """One text for a value, however it is written: 64KiB is 65536."""
    text = written(value).strip('"')
    size = SIZE.fullmatch(text)
    if size:
        return str(int(size[1]) << UNITS.get(size[2], 0))
    try:
        return repr(float(text))
    except ValueError:
        return text
