"""Time the command line: ``python -m benchmarks``. README.md says what each figure means."""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding
import psutil

RESULTS = Path(__file__).parent / "results"
FEW_PATHS, MANY_PATHS = 2_000, 8_000
MEMORY_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Timing:
    """One run of the command line: seconds from start to end, and the most memory it held, in MB."""

    seconds: float
    peak_memory_mb: float


def timed(*arguments: str, env: dict[str, str]) -> Timing:
    """Run ``patient-capital`` and time it; stop with its own message if it fails."""
    command = [sys.executable, "-m", "finance", *arguments]
    begun = time.perf_counter()
    # The output goes to files: a pipe that nobody empties would stop the run.
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaints:
        process = psutil.Popen(command, env=env, stdout=printed, stderr=complaints, stdin=subprocess.DEVNULL)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process))
            time.sleep(MEMORY_POLL_SECONDS)
        seconds = time.perf_counter() - begun
        if process.returncode != 0:
            complaints.seek(0)
            sys.exit(f"{' '.join(command)}\n{complaints.read().decode()}")
    return Timing(seconds, peak / 1e6)


def _memory(process: psutil.Popen) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def compare(paths: int, env: dict[str, str]) -> Timing:
    """Compare the baseline with nothing, in a run store of its own, so that no answer is an old one."""
    with tempfile.TemporaryDirectory() as store:
        asked = ("compare", "baseline", "--workers", "1", "--quiet", "--json")
        return timed(*asked, "--paths", str(paths), "--out", store, env=env)


def measure() -> dict[str, float]:
    """Take all figures; the caches start empty and are thrown away."""
    with tempfile.TemporaryDirectory() as caches:
        env = {key: value for key, value in os.environ.items() if not key.startswith(("NUMBA", "PATIENT_CAPITAL"))}
        env |= {"XDG_CACHE_HOME": caches, "HOME": caches}
        starts = [timed("version", env=env).seconds for _ in range(5)]
        first, following = compare(256, env), compare(256, env)
        few, many = compare(FEW_PATHS, env), compare(MANY_PATHS, env)
    return {
        "start_seconds": statistics.median(starts),
        "first_run_seconds": first.seconds,
        "next_run_seconds": following.seconds,
        "seconds_per_thousand_paths": 1_000 * (many.seconds - few.seconds) / (MANY_PATHS - FEW_PATHS),
        "peak_memory_few_paths_mb": few.peak_memory_mb,
        "peak_memory_mb": many.peak_memory_mb,
    }


def main() -> None:
    """Measure, print, keep."""
    figures = measure()
    for name, value in figures.items():
        print(f"{name:<28}{value:10.2f}")
    RESULTS.mkdir(exist_ok=True)
    taken = datetime.now(UTC)
    libraries = ("patient-capital", "numpy", "numba", "pandas")
    machine = {
        "processor": llvmlite.binding.get_host_cpu_name(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    record = {
        "taken": taken.isoformat(timespec="seconds"),
        "machine": machine,
        "versions": {name: version(name) for name in libraries},
        "figures": figures,
    }
    path = RESULTS / f"{taken:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"kept in {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
