"""What the sweeps ask of the program: its version, and which keys a machine and a workload read."""
import re
import subprocess

from .plan import Complaint, canonical

LINE = re.compile(r"(# )?([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+) = (.*)")


class Program:
    def __init__(self, path):
        self.path = path
        self.version = self.ask(["--version"]).strip()
        self.meanings = {}  # of keys: (unit, sentence)

    def ask(self, arguments):
        try:
            done = subprocess.run([self.path] + arguments, capture_output=True, text=True, check=False)
        except OSError as problem:
            raise Complaint(f"{self.path}: {problem.strerror}") from None
        if done.returncode != 0:
            raise Complaint(done.stderr.strip().removeprefix("nestwalk: "))
        return done.stdout

    def keys_of(self, configuration, mode, workload):
        """{key: value} of the keys that are read, with all values as one member "#values", every key that there is as
        "#all"."""
        arguments = ["run"] + ([configuration] if configuration else []) + ["--mode", mode]
        if "generator" in workload:
            arguments += ["--workload", workload["generator"]]
        read, every, sentence = {}, set(), []
        for line in self.ask(arguments + ["--describe", "--toml"]).splitlines():
            key = LINE.fullmatch(line)
            if key:
                every.add(key[2])
                if not key[1]:
                    read[key[2]] = canonical(key[3])
                self.meanings.setdefault(key[2], meaning(" ".join(sentence)))
                sentence = []
            elif line.startswith("#"):
                sentence.append(line.lstrip("# "))
            else:
                sentence = []
        values = dict(read)
        read["#values"], read["#all"] = values, every
        return read


def meaning(sentence):
    unit = re.search(r", in ([a-z/]+)$", sentence)
    return (unit[1], sentence[:unit.start()]) if unit else ("", sentence)
