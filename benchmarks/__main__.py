"""Time the command line and the engine: ``python -m benchmarks``. README.md says what each figure means."""

import json
import os
import platform
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding

from benchmarks.processes import command_line, compare, engine

RESULTS = Path(__file__).parent / "results"
SMALL_PATHS, FEW_PATHS, MANY_PATHS, WORKERS = 256, 10_000, 100_000, 2
#: Figures in the order of the printed table: unit, aim.
FIGURES = {
    "help_seconds": ("s", "< 1"),
    "compile_cold_seconds": ("s", "≤ 45"),
    "compile_cached_seconds": ("s", "≤ 1"),
    "first_run_seconds": ("s", ""),
    "next_run_seconds": ("s", ""),
    "ventures_per_second": ("", ""),
    "reference_seconds": ("s", ""),
    "run_over_reference_kept": ("×", "≤ 9"),
    "run_over_reference_solved": ("×", ""),
    "seconds_per_thousand_paths": ("s", ""),
    "peak_memory_mib": ("MiB", "≤ 1536"),
    "peak_memory_many_paths_mib": ("MiB", "flat"),
}


def measure() -> dict[str, float]:
    """Take all figures; the caches start empty and are thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        caches, fresh = Path(folder, "caches"), Path(folder, "fresh")
        figures = compile_times(fresh)
        helps = [command_line("--help", caches=caches).seconds for _ in range(5)]
        first, following = compare(SMALL_PATHS, caches), compare(SMALL_PATHS, caches)
        figures |= engine("run", caches)
        few, many = (compare(paths, caches, WORKERS) for paths in (FEW_PATHS, MANY_PATHS))
    return figures | {
        "help_seconds": statistics.median(helps),
        "first_run_seconds": first.seconds,
        "next_run_seconds": following.seconds,
        "seconds_per_thousand_paths": 1_000 * (many.seconds - few.seconds) / (MANY_PATHS - FEW_PATHS),
        "peak_memory_mib": few.peak_memory_mib,
        "peak_memory_many_paths_mib": many.peak_memory_mib,
    }


def compile_times(caches: Path) -> dict[str, float]:
    """Compilation with nothing compiled yet, and loading what it left behind."""
    cold, cached = (engine("compile", caches)["compile_seconds"] for _ in range(2))
    return {"compile_cold_seconds": cold, "compile_cached_seconds": cached}


def record_of(figures: dict[str, float], taken: datetime) -> dict[str, object]:
    """What is kept: the figures, the machine, the versions."""
    machine = {
        "processor": llvmlite.binding.get_host_cpu_name(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    versions = {name: version(name) for name in ("patient-capital", "numpy", "numba", "pandas")}
    return {
        "taken": taken.isoformat(timespec="seconds"),
        "machine": machine,
        "versions": versions,
        "figures": {name: figures[name] for name in FIGURES},
    }


def main() -> None:
    """Measure, print, keep."""
    figures = measure()
    for name, (unit, aim) in FIGURES.items():
        print(f"{name:<28}{figures[name]:>14,.2f} {unit:<5}{aim}".rstrip())
    RESULTS.mkdir(exist_ok=True)
    taken = datetime.now(UTC)
    path = RESULTS / f"{taken:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(record_of(figures, taken), indent=1) + "\n", encoding="utf-8")
    print(f"kept in {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
