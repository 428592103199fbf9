"""The search: least squares over misses and priors. Every market solved is kept, so that a stopped search goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import lsq_linear

from finance.market.beliefs import Beliefs
from finance.market.conventions import PLANNING_FACTOR
from finance.market.terms import Floats
from finance.running.files import write_whole
from finance.running.provenance import engine_digest
from finance.scenario import Scenario
from finance.scenario.shape import at
from finance.study.fit_market import PilotState, Solved, TrialMarkets
from finance.study.fit_plan import PlanFile, TargetsFile

#: Length of a difference step, in standard deviations of the prior: long enough to stand out from the noise of counts.
_DIFFERENCE = 0.6
#: No step moves a value by more than this many standard deviations of its prior.
_LONGEST_STEP = 1.5
#: A step that betters the sum of squares by less than this part of it is the last one with its slopes.
_LITTLE = 0.02
_SHORTEST = 0.2
#: A moment that does not exist (no exit of its kind on any path) counts as so many tolerances off.
_UNDEFINED = 8.0

Say = Callable[[str], None]


class Fit(NamedTuple):
    """What the search found."""

    places: Floats  # (value,) in standard deviations of the prior
    market: Solved
    slopes: Floats  # (moment, value) change of moment ÷ tolerance with the place

    @property
    def known_share(self) -> Floats:
        """How far the targets pin each value down: 1 − variance after ÷ variance before (value,)."""
        information = self.slopes.T @ self.slopes + np.eye(len(self.places))
        return 1.0 - np.diag(np.linalg.inv(information))


class Search:
    """Fits the free values of a scenario.

    Parameters
    ----------
    scenario : Scenario
        The scenario fitted; its own values are where the search starts.
    plan, targets
        What is free, and what is aimed at.
    folder : Path
        Where solved markets are kept.
    say : callable
        Told a line about each market.
    workers : int
        Threads.

    Notes
    -----
    Minimises Σ ((moment − target) ÷ tolerance)² + Σ ((value − prior) ÷ sd)² by Gauss–Newton steps within bounds. Slopes
    are differences on the same luck; since they cost a market a value, they are kept for as long as steps help and
    corrected after each (Broyden's rank-one update), and taken anew when they no longer do.
    """

    def __init__(
        self, scenario: Scenario, plan: PlanFile, targets: TargetsFile, folder: Path, say: Say, workers: int = 2
    ) -> None:
        self._scenario, self._plan, self._targets, self._say = scenario, plan, targets, say
        self._markets = TrialMarkets(scenario, plan.charge, workers)
        self._folder = folder / self._key()[:16]
        self._states: tuple[PilotState, ...] | None = None
        free = plan.values.values()
        self._low = np.array([each.place(each.low) for each in free])
        self._high = np.array([each.place(each.high) for each in free])

    def run(self, rounds: int) -> Fit:
        """Search from the scenario's own values, taking slopes anew so many times at most (0: slopes only)."""
        places = np.clip(self.start(), self._low, self._high)
        best = self._residuals(places)
        slopes = self._slopes(places)
        for _ in range(rounds):
            places, best, is_better = self._descend(places, best, slopes)
            if not is_better:
                break
            slopes = self._slopes(places)
        return Fit(places, self._solved(places), slopes)

    def _descend(self, places: Floats, best: Floats, slopes: Floats) -> tuple[Floats, Floats, bool]:
        """Steps with one set of slopes until they no longer help."""
        first, length, slopes = best @ best, 1.0, slopes.copy()
        while length >= _SHORTEST:
            step = length * self._step(places, best, slopes)
            hoped = np.concatenate([best[: len(slopes)] + slopes @ step, places + step])
            trial = self._residuals(places + step, hoped)
            gain = 1.0 - float(trial @ trial) / float(best @ best)
            n = len(self._targets.moments)
            slopes += np.outer(trial[:n] - best[:n] - slopes @ step, step) / max(1e-12, float(step @ step))
            if gain > 0.0:
                places, best = places + step, trial
            if gain < _LITTLE:
                length *= 0.5
        return places, best, bool(best @ best < (1.0 - _LITTLE) * first)

    def _step(self, places: Floats, residuals: Floats, slopes: Floats) -> Floats:
        """The Gauss–Newton step, within the bounds of the values and not too long."""
        low = np.maximum(self._low - places, -_LONGEST_STEP) - 1e-9
        high = np.minimum(self._high - places, _LONGEST_STEP) + 1e-9
        step: Floats = lsq_linear(np.vstack([slopes, np.eye(len(places))]), -residuals, bounds=(low, high)).x
        return np.clip(step, low + 1e-9, high - 1e-9)

    def start(self) -> Floats:
        """Places of the scenario's own values."""
        return np.array([free.place(value_of(self._scenario, path)) for path, free in self._plan.values.items()])

    def values(self, places: Floats) -> dict[str, float]:
        """Values by path, those that move together with a free one included."""
        values = {}
        for (path, free), place in zip(self._plan.values.items(), places, strict=True):
            values[path] = free.value(float(place))
            ratio = values[path] / value_of(self._scenario, path) if free.together else 1.0
            values |= {other: ratio * value_of(self._scenario, other) for other in free.together}
        return values

    def misses(self, market: Solved) -> Floats:
        """(moment − target) ÷ tolerance, in the order of the targets."""
        aims = self._targets.moments
        moments = np.array([market.moments[name] for name in aims])
        targets = np.array([aim.value for aim in aims.values()])
        tolerances = np.array([aim.tolerance for aim in aims.values()])
        return np.where(np.isfinite(moments), (moments - targets) / tolerances, _UNDEFINED)

    def _residuals(self, places: Floats, hoped: Floats | None = None) -> Floats:
        """Misses, then places; tells what was hoped for."""
        market = self._solved(places)
        misses = self.misses(market)
        self._say(
            f"misses {misses @ misses:.2f} + priors {places @ places:.2f} = {misses @ misses + places @ places:.2f}"
            f" (hoped {np.nan if hoped is None else hoped @ hoped:.2f}, residual {market.residual:.4f})"
        )
        return np.concatenate([misses, places])

    def _slopes(self, places: Floats) -> Floats:
        """Change of misses with each place, by differences towards the prior's centre."""
        market = self._solved(places)
        base, columns = self.misses(market), []
        for i, path in enumerate(self._plan.values):
            step = -_DIFFERENCE if places[i] > 0.0 else _DIFFERENCE
            moved = places.copy()
            moved[i] += step
            changes = as_burn(self._scenario, self.values(moved))
            near = self._kept("near", moved, partial(self._markets.nearby, changes, market.states))
            columns.append((self.misses(near) - base) / step)
            most = sorted(zip(-np.abs(columns[-1]), self._targets.moments, columns[-1], strict=True))[:4]
            self._say(f"  {path}: " + ", ".join(f"{name} {slope:+.2f}" for _, name, slope in most))
        return np.stack(columns, axis=1)

    def _solved(self, places: Floats) -> Solved:
        """The market at a point, started from the one before."""
        changes = as_burn(self._scenario, self.values(places))
        states = self._states or self._markets.first_states()
        market = self._kept("market", places, partial(self._markets.solved, changes, states))
        self._states = market.states
        return market

    def _kept(self, kind: str, places: Floats, solve: Callable[[], Solved]) -> Solved:
        """From disk if it was solved before."""
        name = hashlib.sha256(kind.encode() + np.round(places, 9).tobytes()).hexdigest()[:24]
        path = self._folder / f"{name}.npz"
        if path.is_file():
            return _read(path)
        market = solve()
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, market)
        return market

    def _key(self) -> str:
        """What a solved market depends on."""
        told = [self._scenario.digest, self._plan.model_dump_json(), engine_digest()]
        return hashlib.sha256("/".join(told).encode()).hexdigest()


def _write(path: Path, market: Solved) -> None:
    arrays: dict[str, Any] = {
        "told": np.array([market.penalty, market.residual]),
        "names": np.array(list(market.moments)),
    }
    arrays |= {"moments": np.array(list(market.moments.values())), "errors": np.array(list(market.errors.values()))}
    for pilot, state in enumerate(market.states):
        for kind, beliefs in state._asdict().items():
            arrays |= {f"{pilot}/{kind}/{name}": values for name, values in beliefs._asdict().items()}
    write_whole(path, lambda stream: np.savez(stream, **arrays))


def _read(path: Path) -> Solved:
    with np.load(path) as arrays:
        names = arrays["names"].tolist()
        pilots = sum(name.endswith("/beliefs/closing") for name in arrays.files)
        states = [
            PilotState(
                *(Beliefs(*(arrays[f"{n}/{kind}/{name}"] for name in Beliefs._fields)) for kind in PilotState._fields)
            )
            for n in range(pilots)
        ]
        moments, errors = (dict(zip(names, arrays[kind].tolist(), strict=True)) for kind in ("moments", "errors"))
        return Solved(moments, errors, float(arrays["told"][0]), float(arrays["told"][1]), tuple(states))


def value_of(scenario: Scenario, path: str) -> float:
    """Return the value at a path; `need` of a stage is a path too."""
    parts = path.split(".")
    if parts[-1] == "need":
        return scenario.sectors[parts[1]].stages[parts[3]].need
    return float(at(scenario.values(), tuple(parts)))


def as_burn(scenario: Scenario, values: dict[str, float]) -> dict[str, float]:
    """Return values with each stage's need, given or kept, turned into the burn that goes with its mean time."""
    changes = {path: value for path, value in values.items() if not path.endswith(".need")}
    for sector in scenario.sectors:
        for name, stage in scenario.sectors[sector].stages.items():
            above = f"sectors.{sector}.stages.{name}"
            years = values.get(f"{above}.mean_years", stage.mean_years)
            changes[f"{above}.burn"] = values.get(f"{above}.need", stage.need) / (PLANNING_FACTOR * years)
    return changes
