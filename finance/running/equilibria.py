"""Solved equilibria, kept in memory and in the user's cache folder.

An equilibrium depends on the scenario and its chain of baselines alone: not on seed, paths or workers. It is kept under
the hash of all of them and of the engine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from platformdirs import user_cache_path

from finance.language import message
from finance.market import equilibrium
from finance.market.beliefs import Beliefs
from finance.market.equilibrium import N_PILOTS, PILOT_PATHS, Setting, Solution
from finance.market.marks import PLATFORM_MARK, own_name
from finance.market.terms import Names, Terms, shared_axes
from finance.preparing import Solved, Workshop
from finance.running.files import write_whole
from finance.running.provenance import NOT_MARKET, engine_digest, versions
from finance.running.threads import RunCancelled
from finance.scenario import Scenario

#: The start from which a scenario's own equilibrium is found; the others are diagnostic (`equilibrium.STARTS`).
OWN_START = "baseline"


#: Beliefs by class; the others are by sector.
_BY_CLASS = ("above_limit", "idle", "net_return")


class Solve(NamedTuple):
    """One pilot's solve, before it is done."""

    scenario: str
    start: str
    pilot: int
    setting: Setting
    beliefs: Beliefs  # where it starts
    offset: Beliefs | None
    root: Solution | None
    root_terms: Terms


class Solving(NamedTuple):
    """How far a solve is, for those who watch."""

    scenario: str
    start: str
    pilot: int
    iteration: int
    residual: float
    is_done: bool


class Equilibria:
    """Finds the equilibria of scenarios, each once.

    Parameters
    ----------
    workers : int
        Threads over pilots; no result depends on them.
    folder : Path or None
        Where solved equilibria are kept; None for the user's cache folder.
    fresh : bool
        Whether to solve again what is kept.
    pilot_paths : int
        Paths of each pilot.
    watch : callable, optional
        Told, in the solving threads, before every step of a solve and at its end.
    cancel : threading.Event, optional
        Once set, every solve breaks off before its next step.
    """

    def __init__(
        self,
        workers: int = 2,
        folder: Path | None = None,
        fresh: bool = False,
        pilot_paths: int = PILOT_PATHS,
        watch: Callable[[Solving], None] | None = None,
        cancel: Event | None = None,
    ) -> None:
        self.workshop = Workshop(self)
        self.workers, self.pilot_paths, self.cancel = workers, pilot_paths, cancel or Event()
        self._fresh, self._watch = fresh, watch
        self._folder = folder or user_cache_path("patient-capital") / "equilibria"
        self._solutions: dict[tuple[str, Names], list[Solution]] = {}
        self._engine = (engine_digest(leave_out=NOT_MARKET), versions())

    def solved(self, scenario: Scenario) -> Solved:
        """A scenario with its equilibrium, its root's and its yardstick's planner."""
        root = scenario.root()
        names = shared_axes(scenario, root)
        prepared, root_prepared = self.workshop.prepare(scenario, names), self.workshop.prepare(root, names)
        return Solved(
            prepared,
            self.solutions(scenario, names),
            root_prepared.setting.terms,
            self.solutions(root, names),
            root_prepared,
        )

    def solutions(self, scenario: Scenario, names: Names) -> list[Solution]:
        """One solution a pilot, on the axes given.

        Raises
        ------
        RunCancelled
            If ``cancel`` was set meanwhile.
        """
        key = (chain_key(scenario), names)
        if key not in self._solutions:
            if names != shared_axes(scenario, scenario.root()):
                self._solutions[key] = self._on_axes(scenario, names)
            else:
                self._solutions[key] = self._kept(scenario, names) or self._solve(scenario, names)
        return self._solutions[key]

    def together(self, solves: Sequence[Solve]) -> list[Solution]:
        """Do several solves on a pool of threads.

        Parameters
        ----------
        solves : sequence of Solve
            Which do not depend on one another.

        Returns
        -------
        list of Solution
            In the same order.

        Raises
        ------
        RunCancelled
            If ``cancel`` was set meanwhile.
        """
        is_over = Event()
        pool = ThreadPoolExecutor(max(1, self.workers), thread_name_prefix="solve")
        try:
            futures = [pool.submit(self._done, solve, is_over) for solve in solves]
            return [future.result() for future in futures]
        except RunCancelled:
            raise RunCancelled(message("running.cancelled_solving")) from None
        finally:
            # Whether all are done or one has failed: nobody waits for more than one more step.
            is_over.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, solve: Solve, is_over: Event) -> Solution:
        """Do one solve; in a thread of the pool."""

        def watch(iteration: int, residual: float, *, is_done: bool = False) -> None:
            if self.cancel.is_set() or is_over.is_set():
                raise RunCancelled
            if self._watch is not None:
                self._watch(Solving(solve.scenario, solve.start, solve.pilot, iteration, residual, is_done))

        solution = equilibrium.solve_pilot(
            solve.setting, solve.pilot, solve.beliefs, solve.offset, solve.root, solve.root_terms, self.pilot_paths,
            watch=watch,
        )  # fmt: skip
        watch(solution.iterations, solution.residual, is_done=True)
        return solution

    def _solve(self, scenario: Scenario, names: Names) -> list[Solution]:
        """Solve, from the baseline's solution where there is one."""
        setting = self.workshop.prepare(scenario, names).setting
        root, baseline = scenario.root(), scenario.baseline_scenario
        starts: list[tuple[Beliefs, Beliefs | None, Solution | None]]
        if root is scenario or baseline is None:
            starts = [(equilibrium.first_beliefs(setting), None, None)] * N_PILOTS
            root_terms = setting.terms
        else:
            before = self._on_axes(baseline, names, _managers_alike(scenario))
            if baseline.digest == scenario.digest:
                return before
            root_terms = self.workshop.prepare(root, names).setting.terms
            starts = [
                (solution.beliefs, solution.offset, rooted)
                for solution, rooted in zip(before, self.solutions(root, names), strict=True)
            ]
        solutions = self.together(
            [Solve(scenario.name, OWN_START, pilot, setting, *start, root_terms) for pilot, start in enumerate(starts)]
        )
        self.keep(scenario, names, "", arrays_of({str(pilot): each for pilot, each in enumerate(solutions)}))
        return solutions

    def _on_axes(self, scenario: Scenario, names: Names, alike: Mapping[str, str] | None = None) -> list[Solution]:
        """Solutions of a scenario on axes that may hold more classes and platforms than it has.

        Of managers of a class that it does not have what is believed of those named in ``alike`` is believed.
        """
        own = shared_axes(scenario, scenario.root())
        if own == names:
            return self.solutions(scenario, names)
        setting = self.workshop.prepare(scenario, names).setting

        def on_axes(each: Solution, root: Solution | None) -> Solution:
            beliefs, offset = _on_names(each.beliefs, own, names, alike or {}), _on_names(each.offset, own, names, {})
            return equilibrium.solution_from(setting, beliefs, offset, root, each.iterations, each.residual)

        with ThreadPoolExecutor(max(1, self.workers), thread_name_prefix="load") as pool:
            return list(pool.map(on_axes, self.solutions(scenario, own), self._roots(scenario, names)))

    def _roots(self, scenario: Scenario, names: Names) -> Sequence[Solution | None]:
        """The root baseline's solutions, one a pilot; None for a root itself."""
        root = scenario.root()
        return [None] * N_PILOTS if root is scenario else self.solutions(root, names)

    def keep(self, scenario: Scenario, names: Names, kind: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep arrays beside a scenario's equilibrium; a cache that cannot be written is no error.

        Parameters
        ----------
        scenario : Scenario
        names : Names
            Its axes.
        kind : str
            What they are; empty for the equilibrium itself.
        arrays : mapping of str to array
            Written whole or not at all.
        """
        self._write(self._path(scenario, names, kind), arrays)

    def keep_at(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep arrays that depend on a key and the engine alone (`preparing.Shelf`)."""
        self._write(self._shelf_path(key), arrays)

    def kept_at(self, key: str) -> dict[str, np.ndarray] | None:
        """Arrays that `keep_at` kept; None as with `kept`."""
        return self._read(self._shelf_path(key))

    def _write(self, path: Path, arrays: Mapping[str, np.ndarray]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]
        except OSError:
            return

    def kept(self, scenario: Scenario, names: Names, kind: str) -> dict[str, np.ndarray] | None:
        """Arrays that `keep` kept; None if there are none, they cannot be read, or all is to be solved again."""
        return self._read(self._path(scenario, names, kind))

    def _read(self, path: Path) -> dict[str, np.ndarray] | None:
        if self._fresh or not path.is_file():
            return None
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
                return dict(arrays)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None

    def _path(self, scenario: Scenario, names: Names, kind: str) -> Path:
        """File in which something of a scenario's equilibrium is kept."""
        name = self._digest([chain_key(scenario), list(names), self.pilot_paths])
        return self._folder / f"{'-'.join(part for part in (name, kind) if part)}.npz"

    def _shelf_path(self, key: str) -> Path:
        """File in which something stands that depends on a key alone."""
        return self._folder / f"{self._digest([key])}-shelf.npz"

    def _digest(self, parts: list[object]) -> str:
        """Name of what depends on these parts and on the engine."""
        text = json.dumps([*parts, *self._engine], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def _kept(self, scenario: Scenario, names: Names) -> list[Solution] | None:
        """The equilibrium that was kept, or None."""
        arrays = self.kept(scenario, names, "")
        if arrays is None:
            return None
        setting = self.workshop.prepare(scenario, names).setting
        try:
            roots = self._roots(scenario, names)
            with ThreadPoolExecutor(max(1, self.workers), thread_name_prefix="load") as pool:
                return list(pool.map(lambda n: solution_in(arrays, str(n), setting, roots[n]), range(N_PILOTS)))
        except KeyError:
            return None


def arrays_of(solutions: Mapping[str, Solution]) -> dict[str, np.ndarray]:
    """Beliefs of solutions as arrays to be kept, by pilot or start; their tables can be worked out again."""
    arrays: dict[str, np.ndarray] = {}
    for place, solution in solutions.items():
        for kind, beliefs in (("belief", solution.beliefs), ("offset", solution.offset)):
            for name, values in beliefs._asdict().items():
                arrays[f"{kind}/{place}/{name}"] = values
        arrays[f"solve/{place}"] = np.array([solution.iterations, solution.residual])
    return arrays


def solution_in(arrays: Mapping[str, np.ndarray], place: str, setting: Setting, root: Solution | None) -> Solution:
    """Return one solution from the arrays of `arrays_of`; KeyError if it is not there."""
    beliefs = Beliefs(*(arrays[f"belief/{place}/{name}"] for name in Beliefs._fields))
    offset = Beliefs(*(arrays[f"offset/{place}/{name}"] for name in Beliefs._fields))
    iterations, residual = arrays[f"solve/{place}"]
    return equilibrium.solution_from(setting, beliefs, offset, root, int(iterations), float(residual))


def _managers_alike(scenario: Scenario) -> dict[str, str]:
    """Whose managers those of a programme's new sub-funds are taken to be like, until they are seen: the standing one's.

    Else a new manager would be believed to be above no limit, bid more than one who is as good, and take its deals.
    """
    before = scenario.programme_beside()
    return {} if before is None else {scenario.guidance_fund.sub_funds: before.guidance_fund.sub_funds}


def _on_names(beliefs: Beliefs, own: Names, names: Names, alike: Mapping[str, str]) -> Beliefs:
    """The same beliefs on axes with more classes, or classes in another order, and with pilot platforms.

    Of platforms nothing is known yet: what is believed of the sector holds there too. So with what a duty reserves: of
    its manager the same is believed.
    """
    if own.sectors != names.sectors:
        known = [name if name in own.sectors else name.removesuffix(PLATFORM_MARK) for name in names.sectors]
        rows = [own.sectors.index(name) for name in known]
        beliefs = Beliefs(
            *(values[rows] if name not in _BY_CLASS else values for name, values in beliefs._asdict().items())
        )
    above, idle, net_return = (np.full(len(names.classes), blank) for blank in (0.0, 0.0, np.nan))
    for c, name in enumerate(names.classes):
        like = name if name in own.classes else own_name(name)
        like = like if like in own.classes else alike.get(like, like)
        if like in own.classes:
            manager = own.classes.index(like)
            above[c], idle[c] = beliefs.above_limit[manager], beliefs.idle[manager]
        if name in own.classes:
            net_return[c] = beliefs.net_return[own.classes.index(name)]
    return beliefs._replace(above_limit=above, idle=idle, net_return=net_return)


def chain_key(scenario: Scenario) -> str:
    """Hash of a scenario and all it builds on, down to its root; names do not count."""
    digests, each = [], scenario
    while True:
        digests.append(each.digest)
        if each.reference or each.baseline_scenario is None:
            break
        each = each.baseline_scenario
    return hashlib.sha256("/".join(digests).encode()).hexdigest()
