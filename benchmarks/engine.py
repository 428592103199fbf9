"""Time the engine, in a process of its own: ``python -m benchmarks.engine compile`` or ``run``; prints JSON.

README.md says what each figure means.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from finance.engine import Engine
from finance.market.equilibrium import N_PILOTS, first_beliefs, look, pilot_worlds, solution_from
from finance.market.terms import shared_axes
from finance.outcome.estimates import Estimates
from finance.outcome.measures import JOINTS, measures_of
from finance.outcome.registry import Registry
from finance.outcome.tables import tables
from finance.preparing import Solved, Workshop
from finance.running import threads
from finance.scenario import Scenario, load_scenario
from finance.study.compare import simulate

SCENARIO = "baseline"
PATHS, WORKERS = 10_000, 2
#: What the reference draws for every simulated venture.
UNIFORMS = 45
_WARM_PATHS = 64


def seconds(work: Callable[[], object]) -> float:
    """Wall time of some work."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ventures_a_path(scenario: Scenario) -> int:
    """Ventures that enter on one path, those of the warm-up among them."""
    return scenario.entry.entrants_a_year * (scenario.clock.warm_up_years + scenario.clock.simulated_years)


def reference(ventures: int, paths: int) -> float:
    """Seconds NumPy needs, in one thread, to draw the reference's uniforms for every venture of the paths."""
    generator = np.random.Generator(np.random.SFC64(1))
    drawn = np.empty(UNIFORMS * ventures, dtype=np.float32)

    def draw() -> None:
        for _ in range(paths):
            generator.random(dtype=np.float32, out=drawn)

    return seconds(draw)


def runs() -> dict[str, float]:
    """Time whole runs with two threads, with the equilibrium solved in them and with it kept, against the reference."""
    scenario = load_scenario(SCENARIO)
    ventures = ventures_a_path(scenario)
    simulate(scenario, _WARM_PATHS, workers=WORKERS)  # loads what was compiled; solves if nothing was kept
    drawn, found = [reference(ventures, PATHS)], {}
    for name, is_fresh in (("solved", True), ("kept", False)):
        found[name] = seconds(lambda fresh=is_fresh: simulate(scenario, PATHS, workers=WORKERS, fresh=fresh))
        drawn.append(reference(ventures, PATHS))
    usual = statistics.median(drawn)
    return {
        "reference_seconds": usual,
        "ventures_per_second": PATHS * ventures / found["kept"],
        "run_over_reference_solved": found["solved"] / usual,
        "run_over_reference_kept": found["kept"] / usual,
    }


def compilation() -> dict[str, float]:
    """How much longer the first use of everything compiled takes than the second."""
    scenario = load_scenario(SCENARIO)
    first, second = (seconds(lambda: use_everything(scenario)) for _ in range(2))
    return {"compile_seconds": first - second}


def use_everything(scenario: Scenario) -> None:
    """A run in small, without a search for the equilibrium: investors believe what a search would start from."""
    prepared = Workshop().prepare(scenario, shared_axes(scenario, scenario.root()))
    setting = prepared.setting
    beliefs = first_beliefs(setting)
    look(setting, beliefs, None, setting.terms, pilot_worlds(setting, 0, 1), 0)
    solutions = [solution_from(setting, beliefs, beliefs, None, 0, 0.0)] * N_PILOTS
    engine = Engine([Solved(prepared, solutions, setting.terms, solutions, prepared)] * 2, ["one", "two"], 0, 1)
    registry = Registry(engine.layout, measures_of(), joint=JOINTS)
    tables(Estimates(threads.run(engine, registry, 1, workers=1)))


def main() -> None:
    """Take the figures asked for."""
    figures = {"compile": compilation, "run": runs}[sys.argv[1]]
    print(json.dumps(figures()))


if __name__ == "__main__":
    main()
