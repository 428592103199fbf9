"""Whether a scenario has a second equilibrium: it is solved again from optimistic and from pessimistic beliefs.

A scenario's own solve starts from its baseline's solution: policy starts from where the economy is. A market in which
each investor counts on the next can have a second resting point, in which nobody does. The diagnostic solves look for
other fixed points of the very map that the own solution is a fixed point of: on one pilot, with that pilot's noise taken
off, after a warm-up under the root baseline as it is. The gap ratios at which they end are taken on that pilot's own
paths, so that nothing but beliefs differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from finance import luck
from finance.engine import Engine
from finance.market.equilibrium import N_PILOTS, STARTS, Solution, first_beliefs
from finance.market.terms import shared_axes
from finance.outcome.estimates import Estimates
from finance.outcome.measures import measures_of
from finance.outcome.registry import Registry
from finance.outcome.sums import LEAF_PATHS
from finance.preparing import Solved
from finance.running import threads
from finance.running.equilibria import OWN_START, Equilibria, Solve, arrays_of, chain_key
from finance.scenario import Scenario

#: The pilot on which other starts are tried.
PILOT = 0
#: What is kept beside the equilibrium: beliefs by start, and the numbers of `FromStart`.
KIND = "starts"


class FromStart(NamedTuple):
    """Where a solve from one start ended."""

    iterations: int
    residual: float
    gap_ratio: float  # on the pilot's paths; NaN where nothing is asked for
    standard_error: float  # over these paths; NaN from one path


def diagnose(equilibria: Equilibria, scenarios: Sequence[Scenario]) -> list[dict[str, FromStart]]:
    """Solve scenarios from other starts than their baseline's solution, or read what is kept of that.

    Parameters
    ----------
    equilibria : Equilibria
        Finds and keeps the scenarios' own equilibria; the others are kept beside them.
    scenarios : sequence of Scenario

    Returns
    -------
    list of dict of str to FromStart
        A dict a scenario, by start, the own one first.

    Raises
    ------
    RunCancelled
        If the equilibria's ``cancel`` was set meanwhile.
    """
    settled = [_without_empty_changes(scenario) for scenario in scenarios]
    cases = {chain_key(scenario): scenario for scenario in settled}
    found: dict[str, dict[str, FromStart]] = {}
    solves: list[Solve] = []
    for key, scenario in cases.items():
        kept = _kept(equilibria, scenario)
        if kept is None:
            solves += _solves(equilibria, scenario)
        else:
            found[key] = kept
    solutions = iter(equilibria.together(solves))
    for key, scenario in cases.items():
        if key not in found:
            others = {start: next(solutions) for start in STARTS}
            found[key] = _compared(equilibria, scenario, others)
    return [found[chain_key(scenario)] for scenario in settled]


def _without_empty_changes(scenario: Scenario) -> Scenario:
    """The scenario itself, or the baseline that it does not differ from."""
    while not scenario.reference and (baseline := scenario.baseline_scenario) is not None:
        if baseline.digest != scenario.digest:
            break
        scenario = baseline
    return scenario


def _kept(equilibria: Equilibria, scenario: Scenario) -> dict[str, FromStart] | None:
    """What was kept, or None."""
    arrays = equilibria.kept(scenario, shared_axes(scenario, scenario.root()), KIND)
    try:
        return None if arrays is None else _numbers_in(arrays)
    except KeyError:
        return None


def _solves(equilibria: Equilibria, scenario: Scenario) -> list[Solve]:
    """The solves from other starts."""
    solved = equilibria.solved(scenario)
    setting, own = solved.prepared.setting, solved.solutions[PILOT]
    root = solved.root_solutions[PILOT]
    return [
        Solve(scenario.name, start, PILOT, setting, first_beliefs(setting, odds), own.offset, root, solved.root_terms)
        for start, odds in STARTS.items()
    ]


def _compared(equilibria: Equilibria, scenario: Scenario, others: Mapping[str, Solution]) -> dict[str, FromStart]:
    """Take the gap ratio of each solution on the pilot's paths, and keep all of it."""
    solved = equilibria.solved(scenario)
    solutions = {OWN_START: solved.solutions[PILOT], **others}
    engine = _PilotPaths(solved, solutions)
    registry = Registry(engine.layout, [one for one in measures_of() if (one.table, one.name) == _GAP_RATIO])
    sums = threads.run(
        engine, registry, equilibria.pilot_paths, workers=equilibria.workers, block_paths=LEAF_PATHS,
        cancel=equilibria.cancel,
    )  # fmt: skip
    estimates = Estimates(sums)
    arrays = arrays_of(others)
    for start, solution in solutions.items():
        ratio = estimates.estimate(start, *_GAP_RATIO)
        arrays[f"found/{start}"] = np.array(
            [solution.iterations, solution.residual, ratio.value, ratio.standard_error], dtype=np.float64
        )
    equilibria.keep(scenario, solved.prepared.setting.names, KIND, arrays)
    return _numbers_in(arrays)


_GAP_RATIO = ("headline", "gap_ratio")


def _numbers_in(arrays: Mapping[str, np.ndarray]) -> dict[str, FromStart]:
    found = {}
    for start in (OWN_START, *STARTS):
        iterations, residual, ratio, error = (float(number) for number in arrays[f"found/{start}"])
        found[start] = FromStart(int(iterations), residual, ratio, error)
    return found


class _PilotPaths(Engine):
    """The paths of the pilot, with one scenario under each of its solutions."""

    n_pilots = 1

    def __init__(self, solved: Solved, solutions: Mapping[str, Solution]) -> None:
        root = [solved.root_solutions[PILOT]] * N_PILOTS
        cases = [solved._replace(solutions=[own] * N_PILOTS, root_solutions=root) for own in solutions.values()]
        super().__init__(cases, list(solutions), 0, seed=0)
        self._key = luck.pilot_key(PILOT)
