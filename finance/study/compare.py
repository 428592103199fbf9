"""The main job: simulate scenarios on the same luck and compare them with a baseline."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from finance import luck
from finance.engine import Engine, Solved
from finance.language import message
from finance.market.terms import Floats
from finance.outcome.estimates import ComponentAt, Estimate, Estimates
from finance.outcome.measures import EQUILIBRIUM_STARTS, JOINTS, measures_of
from finance.outcome.registry import Registry
from finance.outcome.tables import differences, tables
from finance.running import threads
from finance.running.blocks import check_block_paths, check_paths, check_workers
from finance.running.equilibria import Equilibria
from finance.running.provenance import engine_digest, versions
from finance.running.store import Manifest, RunStore, run_id
from finance.scenario import Scenario, load_scenario

#: Told (stage of the work, done, in all).
Progress = Callable[[str, int, int], None]
DEFAULT_PATHS, DEFAULT_SEED = 2_000, 1


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
        Told the stage of the work, how much is done and how much there is.

    Returns
    -------
    Outcome

    Raises
    ------
    ScenarioError
        All problems of the scenario.
    ValueError
        Wrong paths, seed, workers or block.
    """
    study = compare(
        [scenario], paths=paths, seed=seed, workers=workers, block_paths=block_paths, store=store, fresh=fresh,
        progress=progress,
    )  # fmt: skip
    own = {name: table for name, table in study.tables.items() if name not in _ONLY_COMPARED}
    return Outcome(study.scenarios[0], own, study.run_id, study.timings)


_ONLY_COMPARED = ("differences", "gap_change", "versus")


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
) -> Study:
    """Simulate scenarios on the same luck and compare them with a baseline.

    Parameters
    ----------
    scenarios : sequence of Scenario or str
    baseline : Scenario or str, optional
        What they are compared with; the first if left out. Put in front if it is not among them.
    paths, seed, workers, block_paths, store, fresh, progress
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
    """
    chosen, base = _chosen(scenarios, baseline)
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
    began = time.perf_counter()
    solved = _solved(chosen, workers, fresh, progress)
    solving = time.perf_counter() - began
    engine = Engine(solved, [scenario.name for scenario in chosen], base, seed)
    checkpoint = (
        store.begin(run, {"scenarios": [s.name for s in chosen], "paths": paths, "seed": seed}) if store else None
    )
    frames = _simulated(engine, solved, paths, workers, block_paths, checkpoint, progress)
    timings = {"equilibrium": solving, "paths": time.perf_counter() - began - solving}
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


def _solved(scenarios: tuple[Scenario, ...], workers: int, fresh: bool, progress: Progress | None) -> list[Solved]:
    """All equilibria, one after another."""
    equilibria = Equilibria(workers=workers, fresh=fresh)
    solved = []
    for done, scenario in enumerate(scenarios):
        if progress is not None:
            progress("equilibrium", done, len(scenarios))
        solved.append(equilibria.solved(scenario))
    if progress is not None:
        progress("equilibrium", len(scenarios), len(scenarios))
    return solved


def _simulated(
    engine: Engine,
    solved: list[Solved],
    paths: int,
    workers: int,
    block_paths: int | None,
    checkpoint: Path | None,
    progress: Progress | None,
) -> dict[str, pd.DataFrame]:
    """Simulate all paths and make the tables."""
    registry = Registry(engine.layout, measures_of(), joint=JOINTS)
    sums = threads.run(
        engine,
        registry,
        paths,
        workers=workers,
        block_paths=block_paths,
        progress=None if progress is None else lambda done, total: progress("paths", done, total),
        checkpoint=checkpoint,
    )
    estimates = Estimates(sums, plain=_how_found(solved))
    frames = tables(estimates)
    if len(engine.scenarios) > 1:
        frames["differences"] = differences(estimates)
        frames["gap_change"] = gap_change(estimates, engine)
    return frames


def _how_found(solved: list[Solved]) -> dict[tuple[str, str], Floats]:
    """Iterations and residual of each scenario's equilibrium, the worst of its pilots."""
    shape = (len(solved), len(EQUILIBRIUM_STARTS))
    found = {name: np.full(shape, np.nan) for name in ("iterations", "residual")}
    for s, each in enumerate(solved):
        found["iterations"][s, 0] = max(solution.iterations for solution in each.solutions)
        found["residual"][s, 0] = max(solution.residual for solution in each.solutions)
    return {("equilibrium", name): values for name, values in found.items()}


def gap_change(estimates: Estimates, engine: Engine) -> pd.DataFrame:
    """The change of the total gap against the baseline, split in two.

    Returns
    -------
    DataFrame
        Columns scenario, baseline, stage, effect, value, low, high, unit. Δtotal = potential + supply effect: the first
        is the change of what the scenario's own twin asks for, the second the rest.
    """
    rows = []
    base = engine.scenarios[engine.baseline]
    for label in engine.scenarios:
        if label == base:
            continue
        for stage in engine.axes.stages:
            for effect, estimate in _effects(estimates, label, base, stage).items():
                rows.append((label, base, stage, effect, estimate.value, estimate.low, estimate.high, "CNY million"))
    columns = ["scenario", "baseline", "stage", "effect", "value", "low", "high", "unit"]
    return pd.DataFrame(rows, columns=columns)


def _effects(estimates: Estimates, label: str, base: str, stage: str) -> dict[str, Estimate]:
    """Potential and supply effect of one scenario at one stage."""

    def at(scenario: str, component: str) -> ComponentAt:
        return ComponentAt(scenario, component, {"stage": stage})

    potential = [at(label, "potential_demand"), at(base, "potential_demand")]
    total = [at(label, "total_gap"), at(base, "total_gap")]
    supply = np.array([1.0, -1.0, -1.0, 1.0])
    return {
        "potential": estimates.function(potential, lambda x: x[0] - x[1], lambda x: np.array([1.0, -1.0])),
        "supply": estimates.function([*total, *potential], lambda x: float(supply @ x), lambda x: supply),
    }
