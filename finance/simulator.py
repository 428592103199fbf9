"""One thread's work: path after path of several scenarios, in which what they share is worked out once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market.equilibrium import N_PILOTS, Setting
from finance.market.path import Weather, carry_over, simulate_quarters
from finance.market.records import Notes, blank, empty_notes
from finance.market.state import HORIZON, memory_for
from finance.market.terms import Floats
from finance.market.twin import TwinRecord, empty_twin_record, simulate_twin
from finance.outcome.path import SumTerms, sum_path
from finance.outcome.sub_funds import Batch, empty_batch, keep
from finance.preparing import Prepared, Solved
from finance.world.kernel import fill_world


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


class Simulator:
    """Simulates path after path, in arrays that it uses again and again; one for each thread.

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
