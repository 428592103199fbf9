"""Processes that are timed: with caches of their own, their time and their memory watched."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_SECONDS = 0.02
#: Variables by which this shell's ways would become the timed process's.
_NOT_PASSED_ON = ("NUMBA", "PATIENT_CAPITAL", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Timing:
    """One process: seconds from start to end, the most memory it held, in MiB, and what it printed."""

    seconds: float
    peak_memory_mib: float
    printed: str


def environment(caches: Path) -> dict[str, str]:
    """An environment whose caches, of machine code and of equilibria, lie in a folder."""
    passed_on = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_PASSED_ON)}
    return passed_on | {"XDG_CACHE_HOME": str(caches), "HOME": str(caches)}


def timed(*arguments: str, caches: Path) -> Timing:
    """Run Python with these arguments and time it; stop with its own message if it fails."""
    command = [sys.executable, *arguments]
    begun = time.perf_counter()
    # The output goes to files: a pipe that nobody empties would stop the run.
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaints:
        streams = {"stdin": subprocess.DEVNULL, "stdout": printed, "stderr": complaints}
        process = psutil.Popen(command, env=environment(caches), **streams)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process))
            time.sleep(_POLL_SECONDS)
        seconds = time.perf_counter() - begun
        for stream in (printed, complaints):
            stream.seek(0)
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{complaints.read().decode()}")
        return Timing(seconds, peak / 2**20, printed.read().decode())


def _memory(process: psutil.Popen) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def command_line(*arguments: str, caches: Path) -> Timing:
    """Run ``patient-capital``."""
    return timed("-m", "finance", *arguments, caches=caches)


def compare(paths: int, caches: Path, workers: int = 1) -> Timing:
    """Compare the baseline with nothing, in a run store of its own, so that no answer is an old one."""
    with tempfile.TemporaryDirectory() as store:
        asked = ("compare", "baseline", "--workers", str(workers), "--quiet", "--json")
        return command_line(*asked, "--paths", str(paths), "--out", store, caches=caches)


def engine(figures: str, caches: Path) -> dict[str, float]:
    """Figures that `benchmarks.engine` takes in a process of its own."""
    found: dict[str, float] = json.loads(timed("-m", "benchmarks.engine", figures, caches=caches).printed)
    return found
