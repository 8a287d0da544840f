"""Runs the points that are missing, some at a time."""
import ctypes
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

POLL = 0.01
EXIT_BAD_INPUT = 1
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def die_with_parent():
    """So that a killed sweep leaves no runs behind."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Job:
    def __init__(self, point, command, folder, timeout):
        self.point, self.command, self.folder = point, command, folder
        self.stats = os.path.join(folder, point.name + ".json")
        self.errors = os.path.join(folder, point.name + ".err")
        self.began = time.monotonic()
        self.ends_by = self.began + timeout if timeout else None
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(command + ["--stats", self.stats], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=errors, preexec_fn=die_with_parent)

    def over(self):
        return self.process.poll() is not None or self.ends_by is not None and time.monotonic() > self.ends_by

    def message(self, timeout):
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
            return f"not done after {timeout:g} seconds (--timeout)"
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            said = file.read().strip().removeprefix("nestwalk: ")
        if self.process.returncode < 0:
            return f"ended by signal {-self.process.returncode}" + (": " + said if said else "")
        return said or f"exit status {self.process.returncode}"


class Progress:
    """A line on the terminal."""

    def __init__(self, todo, jobs):
        self.todo, self.jobs, self.done, self.failed = todo, jobs, 0, 0
        self.began, self.due = time.monotonic(), 0.0

    def show(self, last=False):
        now = time.monotonic()
        if not sys.stderr.isatty() or now < self.due and not last:
            return
        self.due = now + 0.2
        over = self.done + self.failed
        left = (now - self.began) / over * (self.todo - over) if over else None
        text = f"{over} of {self.todo} points, {self.failed} failed"
        if left is not None and not last:
            text += f", about {duration(left)} left"
        sys.stderr.write("\r\033[K" + text + ("\n" if last else ""))
        sys.stderr.flush()


def duration(seconds):
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Runner:
    def __init__(self, sweep, store, jobs, timeout):
        self.sweep, self.store, self.jobs, self.timeout = sweep, store, jobs, timeout
        self.folder = tempfile.mkdtemp(prefix="nestwalk-sweep-")
        self.stopped = None

    def stop(self, number, _):
        self.stopped = number

    def run(self, points):
        """Runs the points; how many failed, and the signal that ended it, if one did."""
        handlers = {each: signal.signal(each, self.stop) for each in (signal.SIGINT, signal.SIGTERM)}
        progress = Progress(len(points), self.jobs)
        try:
            self.check(points)
            waiting = [point for point in points if point.name not in self.refused]
            progress.failed = len(self.refused)
            self.work(waiting, self.sweep.command, lambda job: self.finish(job, progress), progress)
            progress.show(last=True)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            for each, before in handlers.items():
                signal.signal(each, before)
        return progress.failed, self.stopped

    def check(self, points):
        """Builds the machine of each point and makes one access, before any point runs."""
        self.refused = set()

        def judge(job):
            if job.process.returncode == EXIT_BAD_INPUT:
                self.refused.add(job.point.name)
                self.store.fail(job.point, job.message(0), shlex.join(job.command), configuration=True)

        def one_access(point):
            return [self.sweep.program, "run"] + self.sweep.options(point) + ["--limit", "1", "--quiet"]

        self.work(list(points), one_access, judge, None)

    def work(self, waiting, command, over, progress):
        waiting.reverse()
        running = []
        while (waiting or running) and self.stopped is None:
            while waiting and len(running) < self.jobs:
                point = waiting.pop()
                running.append(Job(point, command(point), self.folder, self.timeout if progress else None))
            for job in [each for each in running if each.over()]:
                running.remove(job)
                over(job)
            if progress:
                progress.show()
            time.sleep(POLL)
        for job in running:
            job.process.kill()
            job.process.wait()

    def finish(self, job, progress):
        point = job.point
        if job.process.returncode == 0:
            with open(job.stats, encoding="utf-8") as file:
                self.store.keep(point, json.load(file))
            self.store.took(time.monotonic() - job.began)
            progress.done += 1
        else:
            bad = job.process.returncode == EXIT_BAD_INPUT
            self.store.fail(point, job.message(self.timeout), shlex.join(job.command), configuration=bad)
            progress.failed += 1
        for path in (job.stats, job.errors):
            if os.path.exists(path):
                os.remove(path)
