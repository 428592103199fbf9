"""Scenarios as arrays, each piece once: worlds, planners, settings; and what a solved scenario is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from finance.language import message
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.equilibrium import Setting, Solution, setting_of, window_of
from finance.market.marks import PLATFORM_MARK, own_name
from finance.market.packed import PlannerEra, pack_planner, pack_terms
from finance.market.planner import Planned, planner_tables
from finance.market.platforms import places_for
from finance.market.support import pays_for_research
from finance.market.tables import CompanyTables
from finance.market.terms import Floats, Names, Terms, planners_view, terms_of
from finance.scenario import Scenario
from finance.world.curve import discount_factors
from finance.world.prepare import prepare_world
from finance.world.terms import WorldTerms


@dataclass(frozen=True)
class Prepared:
    """A scenario as arrays, before its equilibrium is known."""

    scenario: Scenario
    setting: Setting
    planner: PlannerEra
    curve_factor: Floats  # (quarter,) of constant-price money, 1 before the switch


class Shelf(Protocol):
    """Where arrays are kept from one process to the next."""

    def kept_at(self, key: str) -> dict[str, np.ndarray] | None:
        """What was kept under a key; None if nothing."""

    def keep_at(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep arrays under a key."""


class Workshop:
    """Prepares scenarios, each piece once: worlds, planners and settings are shared between scenarios that share them.

    Parameters
    ----------
    shelf : Shelf, optional
        Where planners' pools are kept; they are searched for if left out.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf
        self._worlds: dict[str, WorldTerms] = {}
        self._planners: dict[str, tuple[CompanyTables, Floats, PlannerEra]] = {}
        self._prepared: dict[tuple[str, Names], Prepared] = {}

    def prepare(self, scenario: Scenario, names: Names) -> Prepared:
        """Turn a scenario into arrays and work out its planner's values.

        Parameters
        ----------
        scenario : Scenario
        names : Names
            Axes that hold the scenario and its root (`market.terms.shared_axes`).
        """
        key = (scenario.digest, names)
        if key not in self._prepared:
            self._prepared[key] = self._prepare(scenario, names)
        return self._prepared[key]

    def _prepare(self, scenario: Scenario, names: Names) -> Prepared:
        terms = terms_of(scenario, names)
        world = self._world(scenario)
        tables, by_quality, planner = self._planner(scenario, names, planners_view(terms), world)
        return Prepared(
            scenario,
            setting_of(terms, names, world, (tables, by_quality)),
            planner,
            _curve_factor(scenario, terms),
        )

    def _world(self, scenario: Scenario) -> WorldTerms:
        values = scenario.values()
        key = _key([values["world"], values["clock"], scenario.curve.digest, list(scenario.sectors.names)])
        if key not in self._worlds:
            self._worlds[key] = prepare_world(scenario)
        return self._worlds[key]

    def _planner(
        self, scenario: Scenario, names: Names, terms: Terms, world: WorldTerms
    ) -> tuple[CompanyTables, Floats, PlannerEra]:
        values = scenario.values()
        parts = [values[name] for name in _PLANNER_READS]
        marked = [name for name in names.sectors if name.endswith(PLATFORM_MARK)]
        platform = values["pilot_platform"] if (terms.platform >= 0).any() else None
        support = values["support"] if len(scenario.support) > 0 else None
        if pays_for_research(scenario):  # the planner's cash is the same to rounding only
            support = [support, values["tax"]]
        key = _key([*parts, values["market"]["continuing_rate"], scenario.curve.digest, marked, platform, support])
        if key not in self._planners:
            rules, (planned, place) = pack_terms(terms), self._planned(key, terms, names, world)
            self._planners[key] = (*planned[:2], pack_planner(rules, planned.tables, place))
        return self._planners[key]

    def _planned(self, key: str, terms: Terms, names: Names, world: WorldTerms) -> tuple[Planned, Floats]:
        """The planner's values and the shares that find a place on platforms, from the shelf where they stand there."""
        shelf, window = self._shelf, window_of(world)
        kept = shelf.kept_at(key) if shelf is not None else None
        if kept is not None:
            place = kept.pop("place")
            return planner_tables(terms, names, window, place, {int(k): pool for k, pool in kept.items()}), place
        place = np.zeros(len(names.sectors))
        planned = planner_tables(terms, names, window)
        if (terms.platform >= 0).any():
            place = places_for(terms, world, pack_planner(pack_terms(terms), planned.tables, place))
            planned = planner_tables(terms, names, window, place)
        if shelf is not None:
            shelf.keep_at(key, {"place": place, **{str(k): pool for k, pool in planned.pools.items()}})
        return planned, place


#: Tables of a scenario that the planner's values and the twin's walk depend on.
_PLANNER_READS = ("clock", "entry", "world", "planner", "ventures", "exits", "sectors")


def _key(parts: list[Any]) -> str:
    """A key of plain values."""
    return json.dumps(parts, sort_keys=True, default=str)


def _curve_factor(scenario: Scenario, terms: Terms) -> Floats:
    """Discount factors of constant-price money on the government curve, by quarter, 1 before the switch."""
    curve, rate = scenario.curve, scenario.world.inflation_rate
    years = np.arange(terms.n_quarters - terms.switch_quarter) / QUARTERS_A_YEAR
    factor = np.ones(terms.n_quarters)
    nominal = discount_factors(curve.as_of, curve.tenor_years, curve.yield_to_maturity, years)
    factor[terms.switch_quarter :] = nominal * (1.0 + rate) ** years
    return factor


class Solved(NamedTuple):
    """A scenario ready to be simulated: its own equilibrium, its root baseline and the yardstick of coverage."""

    prepared: Prepared
    solutions: list[Solution]  # one a pilot
    root_terms: Terms
    root_solutions: list[Solution]
    reference: Prepared  # the nearest reference up the chain


def names_together(axes: list[Names]) -> Names:
    """One set of axes for the tables of several scenarios: the classes of the first, then what others add.

    Raises
    ------
    ValueError
        If two scenarios have other sectors or stages.
    """
    together = axes[0]
    for own in axes[1:]:
        if (real_names(own.sectors), own.stages) != (real_names(together.sectors), together.stages):
            raise ValueError(message("engine.other_stages"))
        more = tuple(name for name in own.classes if name not in together.classes)
        together = together._replace(classes=together.classes + more)
    return together


def real_names(names: tuple[str, ...]) -> list[str]:
    """Sectors without those of pilot platforms; classes without what duties reserve."""
    return [name for name in names if own_name(name) == name]
