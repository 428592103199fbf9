"""The main job: simulate scenarios on the same luck and compare them with a baseline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Protocol

import numpy as np
import pandas as pd

from finance import luck
from finance.engine import Engine
from finance.language import message
from finance.market.equilibrium import N_PILOTS, STARTS
from finance.market.terms import Floats, names_of
from finance.outcome.estimates import Estimates
from finance.outcome.measures import EQUILIBRIUM_STARTS, JOINTS, measures_of
from finance.outcome.moments import MIN_GROUP_PATHS
from finance.outcome.registry import Registry
from finance.outcome.sums import Sums
from finance.outcome.tables import differences, tables
from finance.preparing import Solved, names_together
from finance.running import threads
from finance.running.blocks import check_block_paths, check_paths, check_workers
from finance.running.compilation import compile_all
from finance.running.diagnosis import FromStart, diagnose
from finance.running.equilibria import OWN_START, Equilibria, Solving
from finance.running.provenance import engine_digest, versions
from finance.running.store import Manifest, RunStore, run_id
from finance.scenario import Scenario, load_scenario
from finance.study.gap_change import gap_change
from finance.study.league import league
from finance.study.versus import Diversion, versus

DEFAULT_PATHS, DEFAULT_SEED = 2_000, 1
#: (table, measure) → values by scenario and start.
_Plain = dict[tuple[str, str], Floats]


class Progress(Protocol):
    """Whoever wants to know how far the work is; called by several threads, one after the other."""

    def __call__(self, stage: str, done: int, total: int, now: Solving | None = None, /) -> None:
        """Take note.

        Parameters
        ----------
        stage : {"compiling", "equilibrium", "diagnosis", "paths"}
            What is being worked on; compiling only where nothing is compiled yet.
        done, total : int
            Of its solves or paths; one in all for compiling.
        now : Solving, optional
            The step that a solve is at.
        """


@dataclass(frozen=True)
class Study:
    """Scenarios compared with a baseline.

    Attributes
    ----------
    scenarios : tuple of Scenario
        In the order given.
    baseline : Scenario
        One of them.
    tables : dict of str to DataFrame
        The tables of each scenario and, from `compare`, the differences.
    run_id : str
        Hash of all that determines the result.
    timings : dict of str to float
        Seconds by step; empty if the run was answered from the store.
    """

    scenarios: tuple[Scenario, ...]
    baseline: Scenario
    tables: dict[str, pd.DataFrame]
    run_id: str
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """One scenario simulated."""

    scenario: Scenario
    tables: dict[str, pd.DataFrame]
    run_id: str
    timings: dict[str, float] = field(default_factory=dict)


def simulate(
    scenario: Scenario | str,
    paths: int = DEFAULT_PATHS,
    seed: int = DEFAULT_SEED,
    *,
    workers: int | None = None,
    block_paths: int | None = None,
    store: RunStore | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Outcome:
    """Simulate one scenario.

    Parameters
    ----------
    scenario : Scenario or str
        A scenario, or a name or path as `load_scenario` takes.
    paths : int
        Simulated paths, 1 … 10,000,000.
    seed : int
        Not below 0.
    workers : int, optional
        Threads; the processors there are if left out. No result depends on them.
    block_paths : int, optional
        Paths of a block, 64·2ᵏ. No result depends on them.
    store : RunStore, optional
        Answers from, and keeps the run in, this store.
    fresh : bool
        Solve the equilibrium and simulate again, whatever is kept.
    progress : callable, optional
        Told how far the work is (`Progress`).
    cancel : threading.Event, optional
        Once set, the work ends within a second or so; what is finished is kept.

    Returns
    -------
    Outcome

    Raises
    ------
    ScenarioError
        All problems of the scenario.
    ValueError
        Wrong paths, seed, workers or block.
    RunCancelled
        If ``cancel`` was set before the end.
    """
    study = compare(
        [scenario], paths=paths, seed=seed, workers=workers, block_paths=block_paths, store=store, fresh=fresh,
        progress=progress, cancel=cancel,
    )  # fmt: skip
    own = {name: table for name, table in study.tables.items() if name not in _ONLY_COMPARED}
    return Outcome(study.scenarios[0], own, study.run_id, study.timings)


_ONLY_COMPARED = ("differences", "gap_change", "versus", "league")


def compare(
    scenarios: Sequence[Scenario | str],
    baseline: Scenario | str | None = None,
    paths: int = DEFAULT_PATHS,
    seed: int = DEFAULT_SEED,
    *,
    workers: int | None = None,
    block_paths: int | None = None,
    store: RunStore | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Study:
    """Simulate scenarios on the same luck and compare them with a baseline.

    Parameters
    ----------
    scenarios : sequence of Scenario or str
    baseline : Scenario or str, optional
        What they are compared with; the first if left out. Put in front if it is not among them.
    paths, seed, workers, block_paths, store, fresh, progress, cancel
        As in `simulate`.

    Returns
    -------
    Study

    Raises
    ------
    ScenarioError
        All problems of a scenario.
    ValueError
        Wrong paths, seed, workers or block; no scenario; two of one name; other stages.
    RunCancelled
        If ``cancel`` was set before the end.
    """
    chosen, base = _chosen(scenarios, baseline)
    names_together([names_of(scenario) for scenario in chosen])
    check_paths(paths)
    luck.key_of_seed(seed)
    workers = check_workers(threads.available_workers() if workers is None else workers)
    if block_paths is not None:
        check_block_paths(block_paths)
    determinants = _determinants(chosen, base, paths, seed)
    run = run_id(determinants)
    if store is not None and not fresh:
        kept = store.find(run)
        if kept is not None:
            return Study(chosen, chosen[base], kept.tables, run)
    cancel = cancel or Event()
    clock = [time.perf_counter()]
    telling = _Telling(progress, len(chosen))
    equilibria = Equilibria(workers, fresh=fresh, watch=telling, cancel=cancel)
    compile_all(equilibria.workshop, chosen[0], workers, telling.compiling)
    clock.append(time.perf_counter())
    solved = _solved(equilibria, chosen, telling)
    clock.append(time.perf_counter())
    starts = diagnose(equilibria, chosen)
    telling.finish("diagnosis", 1.0)
    clock.append(time.perf_counter())
    engine = Engine(solved, [scenario.name for scenario in chosen], base, seed)
    checkpoint = (
        store.begin(run, {"scenarios": [s.name for s in chosen], "paths": paths, "seed": seed}) if store else None
    )
    registry = Registry(engine.layout, measures_of(), joint=JOINTS)
    sums = threads.run(
        engine, registry, paths, workers=workers, block_paths=block_paths, checkpoint=checkpoint, cancel=cancel,
        progress=None if progress is None else lambda done, total: progress("paths", done, total),
    )  # fmt: skip
    frames = _frames(sums, engine, solved, starts)
    clock.append(time.perf_counter())
    timings = dict(zip(("compiling", "equilibrium", "diagnosis", "paths"), np.diff(clock).tolist(), strict=True))
    if store is not None:
        texts = {scenario.name: _text(scenario) for scenario in chosen}
        store.save(Manifest(run, determinants, texts, timings), frames)
    return Study(chosen, chosen[base], frames, run, timings)


def _chosen(scenarios: Sequence[Scenario | str], baseline: Scenario | str | None) -> tuple[tuple[Scenario, ...], int]:
    """The scenarios in order, and which is the baseline."""
    loaded = [_loaded(scenario) for scenario in scenarios]
    if not loaded:
        raise ValueError(message("engine.no_scenario"))
    base = 0
    if baseline is not None:
        wanted = _loaded(baseline)
        names = [scenario.name for scenario in loaded]
        if wanted.name in names:
            base = names.index(wanted.name)
        else:
            loaded.insert(0, wanted)
    names = [scenario.name for scenario in loaded]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(message("engine.same_name", names=", ".join(twice)))
    return tuple(loaded), base


def _loaded(scenario: Scenario | str) -> Scenario:
    """A scenario as it is, or read."""
    return load_scenario(scenario) if isinstance(scenario, str) else scenario


def _determinants(scenarios: tuple[Scenario, ...], baseline: int, paths: int, seed: int) -> dict[str, object]:
    """All that determines the result."""
    chains = [[each.digest for each, _ in scenario.chain()] for scenario in scenarios]
    roots = [scenario.root().digest for scenario in scenarios]
    return {
        "scenarios": [scenario.name for scenario in scenarios],
        "digests": chains,
        "roots": roots,
        "baseline": baseline,
        "paths": paths,
        "seed": seed,
        "engine": engine_digest(),
        "libraries": versions(),
    }


def _text(scenario: Scenario) -> str:
    """A scenario's text for the manifest: its file's, or its values if it was made in code."""
    if scenario.path is not None and Path(scenario.path).is_file():
        return Path(scenario.path).read_text(encoding="utf-8")
    return str(scenario.document())


class _Telling:
    """Passes on how far the solves are."""

    def __init__(self, progress: Progress | None, scenarios: int) -> None:
        self._progress, self._lock = progress, Lock()
        self._totals = {"equilibrium": scenarios * N_PILOTS, "diagnosis": scenarios * len(STARTS)}
        self._done = dict.fromkeys(self._totals, 0)

    def __call__(self, now: Solving) -> None:
        """Pass on a step; a baseline that is not compared itself is solved too, beyond the total."""
        stage = "equilibrium" if now.start == OWN_START else "diagnosis"
        with self._lock:
            self._tell(stage, self._done[stage] + now.is_done, now)

    def compiling(self, is_done: bool) -> None:
        """Pass on that compiling begins or is done."""
        if self._progress is not None:
            self._progress("compiling", int(is_done), 1, None)

    def finish(self, stage: str, share: float) -> None:
        """Pass on that a share of a stage's solves is done, or was kept from before."""
        with self._lock:
            self._tell(stage, round(share * self._totals[stage]), None)

    def _tell(self, stage: str, done: int, now: Solving | None) -> None:
        self._done[stage] = min(max(done, self._done[stage]), self._totals[stage])
        if self._progress is not None:
            self._progress(stage, self._done[stage], self._totals[stage], now)


def _solved(equilibria: Equilibria, scenarios: tuple[Scenario, ...], telling: _Telling) -> list[Solved]:
    """All equilibria, one after another."""
    solved = []
    telling.finish("equilibrium", 0.0)
    for scenario in scenarios:
        solved.append(equilibria.solved(scenario))
        telling.finish("equilibrium", len(solved) / len(scenarios))
    return solved


def _frames(
    sums: Sums, engine: Engine, solved: list[Solved], starts: list[dict[str, FromStart]]
) -> dict[str, pd.DataFrame]:
    """All tables."""
    estimates = Estimates(sums, *_how_found(Estimates(sums), solved, starts))
    frames = tables(estimates)
    if len(engine.scenarios) > 1:
        frames["differences"] = differences(estimates)
        frames["gap_change"] = gap_change(estimates, engine)
        frames["versus"] = versus(estimates, _diversions(engine, solved))
        frames["league"] = league(estimates)
    return frames


def _diversions(engine: Engine, solved: list[Solved]) -> dict[str, Diversion]:
    """What guidance programmes divert, by the scenario's label; nothing for those without sub-funds."""
    found = {}
    for label, each in zip(engine.scenarios, solved, strict=True):
        scenario, fund = each.prepared.scenario, each.prepared.scenario.guidance_fund
        if fund.sub_funds in scenario.classes and fund.diverted_from in scenario.classes:
            low, high = scenario.ranges.get("guidance_fund.diverted_share", (0.0, 1.0))
            found[label] = Diversion(fund.sub_funds, fund.diverted_from, fund.diverted_share, low, high)
    return found


def _how_found(estimates: Estimates, solved: list[Solved], starts: list[dict[str, FromStart]]) -> tuple[_Plain, _Plain]:
    """The table `equilibrium` and its standard errors: of a scenario's own solves the worst of its pilots."""
    shape = (len(solved), len(EQUILIBRIUM_STARTS))
    found = {name: np.full(shape, np.nan) for name in ("iterations", "residual", "gap_ratio", "pilot_error")}
    errors = np.full(shape, np.nan)
    for s, (each, ends) in enumerate(zip(solved, starts, strict=True)):
        for place, start in enumerate(EQUILIBRIUM_STARTS):
            end = ends[start]
            found["iterations"][s, place], found["residual"][s, place] = end.iterations, end.residual
            found["gap_ratio"][s, place], errors[s, place] = end.gap_ratio, end.standard_error
        own = EQUILIBRIUM_STARTS.index(OWN_START)
        found["iterations"][s, own] = max(solution.iterations for solution in each.solutions)
        found["residual"][s, own] = max(solution.residual for solution in each.solutions)
        if estimates.sums.counts.min() >= MIN_GROUP_PATHS:  # else nothing is known of what lies between pilots
            ratio = estimates.estimate(estimates.scenarios[s], "headline", "gap_ratio")
            found["pilot_error"][s, own] = ratio.pilot_error
    values = {("equilibrium", name): numbers for name, numbers in found.items()}
    return values, {("equilibrium", "gap_ratio"): errors}
