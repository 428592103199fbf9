"""Prepare scenarios, simulate paths, hand on their vectors. Calls the parts in order; holds no formulas of its own."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from finance import luck
from finance.language import message
from finance.market.equilibrium import N_PILOTS, Setting, Solution, setting_of, window_of
from finance.market.laws import quarterly_factor
from finance.market.packed import PlannerEra, pack_planner, pack_terms
from finance.market.path import simulate_path
from finance.market.planner import planner_tables
from finance.market.records import Notes, empty_notes
from finance.market.state import Memory, memory_for
from finance.market.tables import CompanyTables
from finance.market.terms import QUARTERS_A_YEAR, Floats, Names, Terms, terms_of
from finance.market.twin import TwinRecord, empty_twin_record, simulate_twin
from finance.outcome.components import Axes, axes_of, layout_of, offsets_of
from finance.outcome.layout import Layout
from finance.outcome.money import sum_classes, sum_headline, sum_public
from finance.outcome.rounds import sum_lives, sum_rounds
from finance.scenario import Scenario
from finance.world.curve import discount_factors
from finance.world.kernel import fill_world
from finance.world.prepare import prepare_world
from finance.world.terms import WorldTerms


@dataclass(frozen=True)
class Prepared:
    """A scenario as arrays, before its equilibrium is known."""

    scenario: Scenario
    setting: Setting
    planner: PlannerEra
    class_factor: Floats  # (class,) quarterly, at required returns
    curve_factor: Floats  # (quarter,) of constant-price money, 1 before the switch


class Workshop:
    """Prepares scenarios, each piece once: worlds, planners and settings are shared between scenarios that share them."""

    def __init__(self) -> None:
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
        tables, by_quality, planner = self._planner(scenario, names, terms, world)
        return Prepared(
            scenario,
            setting_of(terms, names, world, (tables, by_quality)),
            planner,
            np.array([quarterly_factor(float(required)) for required in terms.required_return]),
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
        key = _key([*parts, values["market"]["continuing_rate"], scenario.curve.digest])
        if key not in self._planners:
            tables, by_quality = planner_tables(terms, names, window_of(world))
            self._planners[key] = (tables, by_quality, pack_planner(pack_terms(terms), tables))
        return self._planners[key]


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


class Workspace(NamedTuple):
    """What one thread writes to while it simulates one scenario."""

    memory: Memory
    notes: Notes
    twin: TwinRecord


class Weather(NamedTuple):
    """One path's world."""

    index_ratio: Floats
    discount: Floats
    deflator: Floats
    window: np.ndarray
    sector_factor: Floats


def _weather(setting: Setting) -> Weather:
    """Room for one path's world."""
    n = setting.terms.n_quarters
    return Weather(
        np.ones(n), np.ones(n), np.ones(n), np.ones(n, dtype=np.bool_), np.ones((len(setting.names.sectors), n))
    )


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
        if (own.sectors, own.stages) != (together.sectors, together.stages):
            raise ValueError(message("engine.other_stages"))
        more = tuple(name for name in own.classes if name not in together.classes)
        together = together._replace(classes=together.classes + more)
    return together


class Engine:
    """Source of path vectors for a set of solved scenarios (`running.blocks.PathSource`).

    Parameters
    ----------
    solved : list of Solved
        All with the same sectors and stages.
    labels : list of str
        Names of the scenarios in the tables.
    baseline : int
        Which of them is the baseline.
    seed : int
    """

    n_pilots = N_PILOTS

    def __init__(self, solved: list[Solved], labels: list[str], baseline: int, seed: int) -> None:
        self._solved = solved
        self.scenarios = tuple(labels)
        self.baseline = baseline
        self._key = luck.key_of_seed(seed)
        years = max(each.prepared.scenario.clock.simulated_years for each in solved)
        self.axes: Axes = axes_of(names_together([each.prepared.setting.names for each in solved]), years)
        self._class_places = [
            np.array([self.axes.classes.index(name) for name in each.prepared.setting.names.classes]) for each in solved
        ]
        self.layout: Layout = layout_of(self.axes)
        self._places = offsets_of(self.layout)
        self._local = threading.local()

    def path_vectors(self, first: int, last: int) -> Floats:
        """Simulate paths `first` … `last` − 1 of every scenario, shape (scenario, path, width)."""
        vectors = np.zeros((len(self._solved), last - first, self.layout.width))
        for path in range(first, last):
            self._path(path, vectors[:, path - first])
        return vectors

    def _workspaces(self) -> tuple[list[Workspace], list[TwinRecord], list[Weather]]:
        """Memory of the calling thread."""
        if not hasattr(self._local, "spaces"):
            spaces, references, weathers = [], [], []
            for each in self._solved:
                terms = each.prepared.setting.terms
                spaces.append(
                    Workspace(memory_for(each.root_terms, terms), empty_notes(terms), empty_twin_record(terms))
                )
                references.append(empty_twin_record(each.reference.setting.terms))
                weathers.append(_weather(each.prepared.setting))
            self._local.spaces = (spaces, references, weathers)
        return self._local.spaces  # type: ignore[no-any-return]

    def _path(self, path: int, vectors: Floats) -> None:
        """One path of every scenario, into their vectors."""
        spaces, references, weathers = self._workspaces()
        pilot = path % N_PILOTS
        worlds: dict[int, Weather] = {}
        twins: dict[tuple[int, int], TwinRecord] = {}
        for s, each in enumerate(self._solved):
            weather = self._world_of(each.prepared.setting.world, path, weathers[s], worlds)
            twin = self._twin_of(each.prepared, path, weather, spaces[s].twin, twins)
            reference = self._twin_of(each.reference, path, weather, references[s], twins)
            notes = self._market(each, path, pilot, weather, spaces, s)
            self._sum(s, notes, twin, reference, weather, pilot, vectors[s])

    def _world_of(self, world: WorldTerms, path: int, room: Weather, worlds: dict[int, Weather]) -> Weather:
        """The path's world, shared by scenarios that share it."""
        if id(world) not in worlds:
            fill_world(
                world, *self._key, path, room.index_ratio, room.discount, room.deflator, room.window, room.sector_factor
            )
            worlds[id(world)] = room
        return worlds[id(world)]

    def _twin_of(
        self,
        prepared: Prepared,
        path: int,
        weather: Weather,
        room: TwinRecord,
        twins: dict[tuple[int, int], TwinRecord],
    ) -> TwinRecord:
        """The path's twin, shared by scenarios with the same planner in the same world."""
        which = (id(prepared.planner), id(weather))
        if which not in twins:
            simulate_twin(
                prepared.planner, *self._key, path, weather.index_ratio, weather.window, weather.sector_factor, room
            )
            twins[which] = room
        return twins[which]

    def _market(self, each: Solved, path: int, pilot: int, weather: Weather, spaces: list[Workspace], s: int) -> Notes:
        """The path's market; a path that needs more room gets it."""
        root, own = each.root_solutions[pilot].era, each.solutions[pilot].era
        scale = 1
        while simulate_path(
            root, own, *self._key, path, weather.index_ratio, weather.window, weather.sector_factor,
            spaces[s].memory, spaces[s].notes,
        ):  # fmt: skip
            scale *= 2
            spaces[s] = spaces[s]._replace(memory=memory_for(each.root_terms, each.prepared.setting.terms, scale))
        return spaces[s].notes

    def _sum(
        self,
        s: int,
        notes: Notes,
        twin: TwinRecord,
        reference: TwinRecord,
        weather: Weather,
        pilot: int,
        vector: Floats,
    ) -> None:
        """Sum a path's notes into its vector."""
        each, class_place = self._solved[s], self._class_places[s]
        terms, era = each.prepared.setting.terms, each.solutions[pilot].era
        accounts, years, places = each.prepared.scenario.accounts, len(self.axes.years), self._places
        sum_rounds(
            notes, era.cells, twin, each.reference.setting.rules.cells, reference, terms.switch_quarter, years, places,
            vector,
        )  # fmt: skip
        sum_lives(notes, places, vector)
        sum_classes(notes, era, each.prepared.class_factor, class_place, years, places, vector)
        sum_public(
            notes, era, accounts.standard_tax_rate, accounts.displacement_share,
            accounts.marginal_cost_of_public_funds, each.prepared.curve_factor, weather.deflator, class_place,
            len(self.axes.classes), years, places, vector,
        )  # fmt: skip
        warm_up = each.root_terms.entrants_a_year * terms.switch_quarter / 4.0
        after = terms.entrants_a_year * (terms.n_quarters - terms.switch_quarter) / 4.0
        sum_headline(notes, twin, warm_up + after, places, vector)
