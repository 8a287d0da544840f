"""The folder of a sweep's results. Each file appears whole or not at all, and no file is changed.

    points/HASH.json.gz     a point that is done: configuration and statistics, without their sentences
    failed/HASH.json        one that failed: message, command, whether its configuration was to blame
    sentences/HASH.json     units and sentences of statistics, each set once
    seconds                 what runs took, a line each: only to say how long is left
"""
import gzip
import hashlib
import json
import os
import socket
import tempfile

from .plan import Complaint

KEPT_OF_HISTOGRAM = ("count", "sum", "mean", "median", "p99", "max")


class Store:
    def __init__(self, folder):
        self.folder = folder

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make(self):
        try:
            for name in ("points", "failed", "sentences"):
                os.makedirs(self.path(name), exist_ok=True)
        except OSError as problem:
            raise Complaint(f"{problem.filename}: {problem.strerror}") from None

    def write(self, path, content):
        """Written aside, then renamed: whoever looks, or is killed, leaves the whole file or none."""
        handle, aside = tempfile.mkstemp(prefix=f".{socket.gethostname()}.{os.getpid()}.", dir=os.path.dirname(path))
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o644)
        os.replace(aside, path)

    def clean(self):
        """Takes away what a killed process of this machine has left aside."""
        for name in ("points", "failed", "sentences"):
            for file in os.listdir(self.path(name)):
                if not file.startswith(f".{socket.gethostname()}."):
                    continue
                owner = file.removeprefix(f".{socket.gethostname()}.").split(".")[0]
                if not os.path.exists(f"/proc/{owner}"):
                    os.remove(self.path(name, file))

    def names(self, folder, ending):
        try:
            return {name.removesuffix(ending) for name in os.listdir(self.path(folder))
                    if name.endswith(ending) and not name.startswith(".")}
        except FileNotFoundError:
            return set()

    def done(self):
        return self.names("points", ".json.gz")

    def failed(self):
        return self.names("failed", ".json")

    def keep(self, point, results):
        """Keeps what --stats wrote for the point."""
        machine = results["machines"][0]
        values, sentences = {}, {}
        for path, leaf in machine["statistics"].items():
            value = leaf["value"]
            values[path] = {k: value[k] for k in KEPT_OF_HISTOGRAM} if isinstance(value, dict) else value
            sentences[path] = [leaf["unit"], leaf["about"]]
        told = json.dumps(sentences, separators=(",", ":")).encode()
        path = self.path("sentences", hashlib.sha256(told).hexdigest()[:24] + ".json")
        if not os.path.exists(path):
            self.write(path, told)
        kept = {"nestwalk": results["nestwalk"], "mode": machine["mode"], "workload": point.workload["name"],
                "configuration": results["configuration"], "statistics": values}
        self.write(self.path("points", point.name + ".json.gz"),
                   gzip.compress(json.dumps(kept, separators=(",", ":")).encode(), mtime=0))
        self.forget_failure(point)

    def point(self, name):
        with gzip.open(self.path("points", name + ".json.gz")) as file:
            return json.load(file)

    def sentences(self):
        found = {}
        for name in sorted(self.names("sentences", ".json")):
            with open(self.path("sentences", name + ".json"), encoding="utf-8") as file:
                for path, told in json.load(file).items():
                    found.setdefault(path, told)
        return found

    def fail(self, point, message, command, configuration):
        told = {"message": message, "command": command, "bad_configuration": configuration}
        self.write(self.path("failed", point.name + ".json"), (json.dumps(told, indent=1) + "\n").encode())

    def failure(self, name):
        with open(self.path("failed", name + ".json"), encoding="utf-8") as file:
            return json.load(file)

    def forget_failure(self, point):
        try:
            os.remove(self.path("failed", point.name + ".json"))
        except FileNotFoundError:
            pass

    def took(self, seconds):
        with open(self.path("seconds"), "a", encoding="ascii") as file:
            file.write(f"{seconds:.2f}\n")

    def mean_seconds(self):
        try:
            with open(self.path("seconds"), encoding="ascii") as file:
                taken = [float(line) for line in file if line.strip()]
        except (FileNotFoundError, ValueError):
            return None
        return sum(taken) / len(taken) if taken else None
