"""Prepare scenarios, simulate paths, hand on their vectors. Calls the parts in order; holds no formulas of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from finance import luck
from finance.language import message
from finance.market.equilibrium import N_PILOTS, Setting, Solution, setting_of, window_of
from finance.market.marks import PLATFORM_MARK, own_name
from finance.market.packed import PlannerEra, pack_planner, pack_terms
from finance.market.path import Weather, carry_over, simulate_quarters
from finance.market.planner import Planned, planner_tables
from finance.market.platforms import places_for
from finance.market.records import Notes, Record, blank, empty_notes, record_of
from finance.market.state import HORIZON, memory_for
from finance.market.tables import CompanyTables
from finance.market.terms import QUARTERS_A_YEAR, Floats, Names, Terms, planners_view, terms_of
from finance.market.twin import TwinRecord, empty_twin_record, simulate_twin
from finance.outcome.components import GUARANTEE, Axes, axes_of, layout_of, offsets_of
from finance.outcome.credit import CreditRules
from finance.outcome.indices import add_indices, proving_stage
from finance.outcome.layout import Layout
from finance.outcome.money import PublicRules
from finance.outcome.path import SumTerms, sum_path
from finance.outcome.sub_funds import (
    Batch,
    PublicSide,
    add_commitments,
    add_public_side,
    empty_batch,
    holders_of,
    keep,
)
from finance.outcome.worst_case import add_cost_bins
from finance.policy.credit import by_tier
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
        if (_real(own.sectors), own.stages) != (_real(together.sectors), together.stages):
            raise ValueError(message("engine.other_stages"))
        more = tuple(name for name in own.classes if name not in together.classes)
        together = together._replace(classes=together.classes + more)
    return together


def _real(names: tuple[str, ...]) -> list[str]:
    """Sectors without those of pilot platforms; classes without what duties reserve."""
    return [name for name in names if own_name(name) == name]


#: Paths whose sub-funds are settled together: enough for NumPy, few enough that they stay in the processor's cache.
_PATHS_TOGETHER = 64


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
        together = names_together([each.prepared.setting.names for each in solved])
        measures = dict.fromkeys(name for each in solved for name in _measures_of(each.prepared.scenario))
        self.axes: Axes = axes_of(together._replace(classes=tuple(_real(together.classes))), years, tuple(measures))
        self.layout: Layout = layout_of(self.axes)
        self._sum_terms = [self._sum_terms_of(each) for each in solved]
        self._programmes = [self._public_side_of(each) for each in solved]
        self._proving = [proving_stage(each.prepared.setting.terms) for each in solved]
        self._local = threading.local()

    def path_vectors(self, first: int, last: int) -> Floats:
        """Simulate paths `first` … `last` − 1 of every scenario, shape (scenario, path, width)."""
        vectors = np.zeros((len(self._solved), last - first, self.layout.width))
        for start in range(first, last, _PATHS_TOGETHER):
            paths = np.arange(start, min(start + _PATHS_TOGETHER, last))
            self._fill(paths, vectors[:, start - first : start - first + len(paths)])
        return vectors

    def _fill(self, paths: NDArray[np.int64], vectors: Floats) -> None:
        """Simulate some paths of every scenario into their vectors (scenario, path, width), which hold zeros."""
        bench, pilots = self._bench(), paths % N_PILOTS
        batches = bench.batches(len(paths))
        for row, path in enumerate(paths):
            bench.simulate(int(path), vectors[:, row])
            bench.keep(row, batches)
        for s, batch in enumerate(batches):
            add_commitments(self._programmes[s], self._solved[s].solutions, pilots, vectors[s])
            if batch is not None:
                add_public_side(self._programmes[s], batch, pilots, vectors[s])
            add_indices(self.axes, self.layout, self._proving[s], vectors[s])
            add_cost_bins(self.layout, vectors[s])

    def rehearse(self) -> None:
        """Go through all that is done on a path but the market, so that it is compiled before it is needed."""
        self._bench().rehearse(np.zeros((len(self._solved), self.layout.width)))

    def record(self, path: int, scenario: int = 0) -> Record:
        """Simulate one path and return all that a scenario's market wrote down of it."""
        bench = self._bench()
        bench.simulate(path, np.zeros((len(self._solved), self.layout.width)))
        record = record_of(bench.notes(scenario))
        return record._replace(**{name: values.copy() for name, values in record._asdict().items()})

    def twin_record(self, path: int, scenario: int = 0) -> TwinRecord:
        """Simulate one path and return what a scenario's own twin did on it."""
        bench = self._bench()
        bench.simulate(path, np.zeros((len(self._solved), self.layout.width)))
        twin = bench.twin(scenario)
        return twin._replace(**{name: values.copy() for name, values in twin._asdict().items()})

    def _bench(self) -> _Bench:
        """Where the calling thread simulates."""
        if not hasattr(self._local, "bench"):
            self._local.bench = _Bench(self._solved, self._sum_terms, self._key)
        return self._local.bench  # type: ignore[no-any-return]

    def _public_side_of(self, each: Solved) -> PublicSide:
        """What the accounts of the guidance programme need to know of a scenario."""
        setting, accounts = each.prepared.setting, each.prepared.scenario.accounts
        own, names = setting.terms, setting.names.classes
        places = [self.axes.classes.index(own_name(name)) for name in names]
        return PublicSide(
            holders=holders_of(own, each.root_terms, each.solutions, each.root_solutions, places),
            switch_quarter=own.switch_quarter,
            n_quarters=own.n_quarters,
            curve_factor=each.prepared.curve_factor,
            marginal_cost=accounts.marginal_cost_of_public_funds,
            class_place=np.array(places, dtype=np.int64),
            n_years=len(self.axes.years),
            places=offsets_of(self.layout),
        )

    def _credit_rules_of(self, each: Solved) -> CreditRules:
        """Who makes good what is lost on loans in a scenario."""
        scenario = each.prepared.scenario
        credit, tiers = scenario.credit, by_tier(scenario.credit.guarantee_shares)
        return CreditRules(
            sum(credit.guarantee_shares.values()),
            credit.claim_cap,
            np.array(list(tiers.values()), dtype=float),
            np.array([self.axes.instruments.index(f"{GUARANTEE}-{tier}") for tier in tiers], dtype=np.int64),
            scenario.accounts.marginal_cost_of_public_funds,
        )

    def _sum_terms_of(self, each: Solved) -> SumTerms:
        """What the sums need to know of a scenario."""
        setting, accounts = each.prepared.setting, each.prepared.scenario.accounts
        terms, places = setting.terms, [self.axes.classes.index(own_name(name)) for name in setting.names.classes]
        warm_up = each.root_terms.entrants_a_year * terms.switch_quarter / 4.0
        after = terms.entrants_a_year * (terms.n_quarters - terms.switch_quarter) / 4.0
        return SumTerms(
            cells=setting.rules.cells,
            reference_cells=each.reference.setting.rules.cells,
            class_place=np.array(places, dtype=np.int64),
            curve_factor=each.prepared.curve_factor,
            public=PublicRules(
                len(self.axes.classes),
                len(self.axes.classes) + 1,
                terms.sub_fund_class,
                terms.standing.sub_funds,
                np.array(
                    [self.axes.instruments.index(name) for name in each.prepared.scenario.support], dtype=np.int64
                ),
                accounts.standard_tax_rate,
                accounts.displacement_share,
                accounts.marginal_cost_of_public_funds,
            ),
            credit=self._credit_rules_of(each),
            switch_quarter=terms.switch_quarter,
            ventures=warm_up + after,
            places=offsets_of(self.layout),
            n_years=len(self.axes.years),
        )


def _measures_of(scenario: Scenario) -> tuple[str, ...]:
    """Instruments beside classes and taxes that a scenario has: measures of support, tiers of guarantees."""
    return (*scenario.support, *(f"{GUARANTEE}-{tier}" for tier in scenario.credit.guarantee_shares))


class World(NamedTuple):
    """One path's world."""

    index_ratio: Floats  # (quarter,)
    discount: Floats  # (quarter,)
    deflator: Floats  # (quarter,)
    window: NDArray[np.bool_]  # (quarter,)
    sector_factor: Floats  # (sector, quarter)

    @property
    def weather(self) -> Weather:
        """What the market sees of it."""
        return Weather(self.index_ratio, self.window, self.sector_factor)


def _world_for(setting: Setting) -> World:
    """Room for one path's world."""
    n = setting.terms.n_quarters
    return World(
        np.ones(n), np.ones(n), np.ones(n), np.ones(n, dtype=np.bool_), np.ones((len(np.unique(setting.terms.base)), n))
    )


class _Workspace:
    """Memory and notes of one scenario's paths; the memory grows with the path that needs most."""

    def __init__(self, each: Solved) -> None:
        self._root, self._own, self._scale = each.root_terms, each.prepared.setting.terms, 1
        self.memory, self.notes = memory_for(self._root, self._own), empty_notes(self._own, self._root)

    def grow(self) -> None:
        """Twice the room; what the memory holds is lost."""
        self._scale *= 2
        self.memory = memory_for(self._root, self._own, self._scale)


class _Bench:
    """Where one thread simulates path after path, in arrays that it uses again and again.

    What scenarios share is worked out once a path: the world, the twin, and the market until the levers switch on.
    """

    def __init__(self, solved: list[Solved], sum_terms: list[SumTerms], key: tuple[np.uint32, np.uint32]) -> None:
        self._solved, self._sum_terms, self._key = solved, sum_terms, key
        self._spaces = [_Workspace(each) for each in solved]
        starts = [_start_of(each) for each in solved]
        self._shared_starts = [start if starts.count(start) > 1 else None for start in starts]
        self._warm_ups = {
            start: _Workspace(each) for start, each in zip(self._shared_starts, solved, strict=True) if start
        }
        self._worlds: dict[int, World] = {}
        self._twins: dict[tuple[int, int], TwinRecord] = {}
        self._batches: dict[int, list[Batch | None]] = {}
        self._path, self._done = -1, set[object]()

    def simulate(self, path: int, vectors: Floats) -> None:
        """One path of every scenario, into their vectors, which hold zeros."""
        self._path = path
        self._done.clear()
        for s, each in enumerate(self._solved):
            world = self._world(each.prepared.setting)
            twin, reference = self._twin(each.prepared, world), self._twin(each.reference, world)
            notes = self._market(s, world.weather)
            classes = each.solutions[path % N_PILOTS].era.classes
            sum_path(self._sum_terms[s], classes, notes, twin, reference, world.deflator, vectors[s])

    def rehearse(self, vectors: Floats) -> None:
        """All that `simulate` does but the market, in which nothing happens."""
        for s, each in enumerate(self._solved):
            world, notes = self._world(each.prepared.setting), blank(self._spaces[s].notes)
            twin, reference = self._twin(each.prepared, world), self._twin(each.reference, world)
            sum_path(
                self._sum_terms[s], each.solutions[0].era.classes, notes, twin, reference, world.deflator, vectors[s]
            )

    def batches(self, paths: int) -> list[Batch | None]:
        """Room for the sub-funds of so many paths, by scenario, with any content; None where there are none."""
        if paths not in self._batches:
            self._batches[paths] = [
                empty_batch(space.notes, paths) if space.notes.sub_funds.size else None for space in self._spaces
            ]
        return self._batches[paths]

    def keep(self, row: int, batches: list[Batch | None]) -> None:
        """Take what sub-funds did on the latest path into the batches."""
        for s, batch in enumerate(batches):
            if batch is not None:
                keep(batch, row, self._spaces[s].notes, self._world(self._solved[s].prepared.setting).deflator)

    def notes(self, s: int) -> Notes:
        """What a scenario's market wrote down of the latest path."""
        return self._spaces[s].notes

    def twin(self, s: int) -> TwinRecord:
        """What a scenario's own twin did on the latest path."""
        prepared = self._solved[s].prepared
        return self._twins[(id(prepared.planner), id(self._world(prepared.setting)))]

    def _is_first(self, which: object) -> bool:
        """Whether something is met for the first time on this path."""
        is_first = which not in self._done
        self._done.add(which)
        return is_first

    def _world(self, setting: Setting) -> World:
        """The path's world, shared by scenarios that share it."""
        which = id(setting.world)
        if which not in self._worlds:
            self._worlds[which] = _world_for(setting)
        if self._is_first(which):
            room = self._worlds[which]
            fill_world(
                setting.world, *self._key, self._path, room.index_ratio, room.discount, room.deflator, room.window,
                room.sector_factor,
            )  # fmt: skip
        return self._worlds[which]

    def _twin(self, prepared: Prepared, world: World) -> TwinRecord:
        """The path's twin, shared by scenarios with the same planner in the same world."""
        which = (id(prepared.planner), id(world))
        if which not in self._twins:
            self._twins[which] = empty_twin_record(prepared.setting.terms)
        if self._is_first(which):
            simulate_twin(
                prepared.planner, *self._key, self._path, world.index_ratio, world.window, world.sector_factor,
                self._twins[which],
            )  # fmt: skip
        return self._twins[which]

    def _market(self, s: int, weather: Weather) -> Notes:
        """The path's market; a path that needs more room gets it."""
        space = self._spaces[s]
        while not self._live(s, space, weather, self._warm_up(s, weather), HORIZON):
            space.grow()
        return space.notes

    def _live(self, s: int, space: _Workspace, weather: Weather, first: int, stop: int) -> bool:
        """Some quarters of a scenario's market; False if there was no room for them."""
        pilot = self._path % N_PILOTS
        root, own = self._solved[s].root_solutions[pilot].era, self._solved[s].solutions[pilot].era
        failure = simulate_quarters(
            root, own, *self._key, self._path, weather, space.memory, space.notes, first, stop
        )  # fmt: skip
        return failure == 0

    def _warm_up(self, s: int, weather: Weather) -> int:
        """Put what other scenarios share into a scenario's workspace; returns how many quarters it is, maybe none."""
        start, space = self._shared_starts[s], self._spaces[s]
        if start is None:
            return 0
        shared, quarters = self._warm_ups[start], self._solved[s].prepared.setting.terms.switch_quarter
        if self._is_first(start):
            while not self._live(s, shared, weather, 0, quarters):
                shared.grow()
        while not carry_over(shared.memory, shared.notes, quarters, space.memory, space.notes):
            space.grow()
        return quarters


def _start_of(each: Solved) -> tuple[int, int, int] | None:
    """Key of the warm-up: scenarios with the same root, world and years of it come to the switch in the same state."""
    quarters = each.prepared.setting.terms.switch_quarter
    return (id(each.root_solutions), id(each.prepared.setting.world), quarters) if quarters > 0 else None
