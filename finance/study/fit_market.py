"""A scenario's market at trial values: solved near enough to compare moments, on luck that never changes.

A full equilibrium takes a minute; a fit needs hundreds of markets. Two shortcuts make one a matter of seconds. A trial
starts from the beliefs of the market solved last. And a small step away from a solved market is followed with the noise
of the finite pilot taken off, so that a step of nothing changes nothing and a few rounds of learning show the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from finance import luck
from finance.market import equilibrium
from finance.market.beliefs import Beliefs, distance, mixed
from finance.market.equilibrium import PilotWorlds, Setting
from finance.market.packed import pack_era
from finance.market.returns import committed_by
from finance.market.terms import shared_axes
from finance.market.values import market_pass
from finance.preparing import Workshop
from finance.scenario import Scenario
from finance.study.fit_plan import Charge
from finance.study.moments import moments_of
from finance.study.moments_paths import Market, Sample, joined, sample_of

Estimates = dict[str, float]

#: Learning steps at most for a market of its own, and for a small step away from one.
_MOST_STEPS, _NEAR_STEPS = 14, 5
#: Lengths of the steps; longer ones cycle, since selection overshoots (the more is funded, the worse who come through).
#: Those of a market of its own shrink after some, which averages out the noise that finite pilots leave.
_STEP, _FULL_STEPS, _NEAR_STEP = 0.3, 10, 0.3
#: Beliefs stand when they change by less than this (visit-weighted, as in `equilibrium`).
_ENOUGH = 4.0e-3


class Luck(NamedTuple):
    """How much luck trial markets see: pilots, paths of each that beliefs and moments are taken on."""

    pilots: int = 2
    belief_paths: int = 96
    moment_paths: int = 384  # the former are among them


_USUAL = Luck()


class PilotState(NamedTuple):
    """Where one pilot's learning stands."""

    beliefs: Beliefs
    offset: Beliefs  # what the pilot shows less what is believed


class Solved(NamedTuple):
    """A market at trial values."""

    moments: Estimates
    errors: Estimates
    penalty: float
    residual: float
    states: tuple[PilotState, ...]


class TrialMarkets:
    """Solves a root scenario's market at changed values, all on the same luck.

    Parameters
    ----------
    scenario : Scenario
        Whose values are changed; it is treated as its own root.
    charge : Charge
        The accountability charge that the penalty has to give; found while beliefs settle.
    workers : int
        Threads over pilots; no result depends on them.
    size : Luck
    """

    def __init__(self, scenario: Scenario, charge: Charge, workers: int = 2, size: Luck = _USUAL) -> None:
        self._scenario, self._charge, self._size = scenario, charge, size
        self._names = shared_axes(scenario, scenario)
        self._class = self._names.classes.index(charge.capital_class)
        self._pool = ThreadPoolExecutor(max_workers=max(1, workers))
        setting = Workshop().prepare(scenario, self._names).setting
        self._worlds = [equilibrium.pilot_worlds(setting, pilot, size.moment_paths) for pilot in range(size.pilots)]

    def first_states(self) -> tuple[PilotState, ...]:
        """Where learning starts when nothing was solved before."""
        beliefs = equilibrium.first_beliefs(self._setting({}))
        return tuple(PilotState(beliefs, beliefs) for _ in range(self._size.pilots))

    def solved(self, changes: Mapping[str, float], states: tuple[PilotState, ...]) -> Solved:
        """Solve the market with some values changed, from the states of another."""
        return self._solve(changes, states, near=False)

    def nearby(self, changes: Mapping[str, float], states: tuple[PilotState, ...]) -> Solved:
        """Follow a small step away from the market that the states belong to, its pilot noise taken off."""
        return self._solve(changes, states, near=True)

    def _solve(self, changes: Mapping[str, float], states: tuple[PilotState, ...], near: bool) -> Solved:
        setting = self._setting(changes)

        def one(pilot: int) -> tuple[PilotState, float, float, Sample]:
            learn = self._follow if near else self._learn
            return learn(setting, pilot, states[pilot])

        ends = list(self._pool.map(one, range(self._size.pilots)))
        estimates = moments_of(joined([sample for *_, sample in ends]))
        return Solved(
            {name: estimate.value for name, estimate in estimates.items()},
            {name: estimate.error for name, estimate in estimates.items()},
            float(np.mean([penalty for _, penalty, _, _ in ends])),
            max(residual for _, _, residual, _ in ends),
            tuple(state for state, *_ in ends),
        )

    def _setting(self, changes: Mapping[str, float]) -> Setting:
        scenario = self._scenario
        if changes:
            scenario = scenario.with_changes(changes, name="trial", reference=True)
        return Workshop().prepare(scenario, self._names).setting

    def _learn(self, setting: Setting, pilot: int, start: PilotState) -> tuple[PilotState, float, float, Sample]:
        """Damped steps until beliefs stand; what is left over is the pilot's noise."""
        beliefs, worlds = start.beliefs, _first(self._worlds[pilot], self._size.belief_paths)
        for step in range(_MOST_STEPS + 1):
            setting, penalty = self._with_penalty(setting, beliefs)
            counts, seen = equilibrium.look(setting, beliefs, None, setting.terms, worlds, pilot)
            residual = max(distance(seen, beliefs, counts), equilibrium.pool_distance(seen, beliefs))
            if residual <= _ENOUGH or step == _MOST_STEPS:
                break
            beliefs = mixed(seen, beliefs, _STEP * min(1.0, _FULL_STEPS / (step + 1)))
        state = PilotState(beliefs, Beliefs(*map(np.subtract, seen, beliefs)))
        return state, penalty, residual, self._sample(setting, beliefs, pilot)

    def _follow(self, setting: Setting, pilot: int, start: PilotState) -> tuple[PilotState, float, float, Sample]:
        """A few steps with the start's noise taken off what is seen."""
        beliefs, worlds = start.beliefs, _first(self._worlds[pilot], self._size.belief_paths)
        for _ in range(_NEAR_STEPS):
            setting, _ = self._with_penalty(setting, beliefs)
            counts, seen = equilibrium.look(setting, beliefs, None, setting.terms, worlds, pilot, start.offset)
            residual = distance(seen, beliefs, counts)
            beliefs = mixed(seen, beliefs, _NEAR_STEP)
        setting, penalty = self._with_penalty(setting, beliefs)
        return PilotState(beliefs, start.offset), penalty, residual, self._sample(setting, beliefs, pilot)

    def _with_penalty(self, setting: Setting, beliefs: Beliefs) -> tuple[Setting, float]:
        """The setting with the penalty that gives the charge wanted: charge ÷ ((1 − honoured) × P(above limit))."""
        above = max(0.01, float(beliefs.above_limit[self._class]))
        penalty = self._charge.value / ((1.0 - float(setting.terms.honoured[self._class])) * above)
        return setting._replace(terms=setting.terms._replace(penalty=penalty)), penalty

    def _sample(self, setting: Setting, beliefs: Beliefs, pilot: int) -> Sample:
        """What the pilot's paths look like under these beliefs."""
        tables, _ = market_pass(setting.terms, setting.names, setting.window, beliefs)
        era = pack_era(setting.rules, tables, setting.planner, committed_by(setting.terms, beliefs, None))
        market = Market(setting.terms, setting.names, era, era, setting.terms, *luck.pilot_key(pilot))
        worlds = self._worlds[pilot]
        paths = np.arange(self._size.moment_paths)
        return sample_of(market, paths, pilot, worlds.index_ratio, worlds.window, worlds.sector_factor)


def _first(worlds: PilotWorlds, paths: int) -> PilotWorlds:
    """The first of some worlds."""
    return PilotWorlds(worlds.index_ratio[:paths], worlds.window[:paths], worlds.sector_factor[:paths])
