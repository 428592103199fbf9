"""Solved equilibria, kept in memory and in the user's cache folder.

An equilibrium depends on the scenario and its chain of baselines alone: not on seed, paths or workers. It is kept under
the hash of all of them and of the engine.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from finance.engine import Solved, Workshop
from finance.market import equilibrium
from finance.market.beliefs import Beliefs
from finance.market.equilibrium import N_PILOTS, PILOT_PATHS, Setting, Solution
from finance.market.packed import pack_era
from finance.market.terms import Names, shared_axes
from finance.market.values import market_pass
from finance.running.files import write_whole
from finance.running.provenance import engine_digest, versions
from finance.scenario import Scenario


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
    """

    def __init__(
        self, workers: int = 2, folder: Path | None = None, fresh: bool = False, pilot_paths: int = PILOT_PATHS
    ) -> None:
        self.workshop = Workshop()
        self._workers, self._fresh, self._pilot_paths = workers, fresh, pilot_paths
        self._folder = folder or user_cache_path("patient-capital") / "equilibria"
        self._solutions: dict[tuple[str, Names], list[Solution]] = {}

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
        """One solution a pilot, on the axes given."""
        key = (_chain_key(scenario), names)
        if key not in self._solutions:
            self._solutions[key] = self._kept(scenario, names) or self._solve(scenario, names)
        return self._solutions[key]

    def _solve(self, scenario: Scenario, names: Names) -> list[Solution]:
        """Solve, from the baseline's solution where there is one."""
        setting = self.workshop.prepare(scenario, names).setting
        root, baseline = scenario.root(), scenario.baseline_scenario
        if root is scenario or baseline is None:
            starts = [equilibrium.first_beliefs(setting)] * N_PILOTS
            solutions = equilibrium.solve(setting, starts, None, None, setting.terms, self._pilot_paths, self._workers)
        else:
            before = self._on_axes(baseline, names)
            if baseline.digest == scenario.digest:
                return before
            root_terms = self.workshop.prepare(root, names).setting.terms
            solutions = equilibrium.solve(
                setting,
                [solution.beliefs for solution in before],
                [solution.offset for solution in before],
                [solution.era for solution in self.solutions(root, names)],
                root_terms,
                self._pilot_paths,
                self._workers,
            )
        self._keep(scenario, names, solutions)
        return solutions

    def _on_axes(self, scenario: Scenario, names: Names) -> list[Solution]:
        """Solutions of a scenario on axes that may hold more classes than it has."""
        own = shared_axes(scenario, scenario.root())
        if set(own.classes) == set(names.classes) and own.classes == names.classes:
            return self.solutions(scenario, names)
        setting = self.workshop.prepare(scenario, names).setting
        return [
            _era_of(
                setting, _with_classes(each.beliefs, own, names), _with_classes(each.offset, own, names),
                each.iterations, each.residual,
            )
            for each in self.solutions(scenario, own)
        ]  # fmt: skip

    def _path(self, scenario: Scenario, names: Names) -> Path:
        """File in which an equilibrium is kept."""
        parts = [_chain_key(scenario), list(names), engine_digest(), versions(), self._pilot_paths]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
        return self._folder / f"{digest[:40]}.npz"

    def _keep(self, scenario: Scenario, names: Names, solutions: list[Solution]) -> None:
        """Keep what was solved; a cache that cannot be written is no error."""
        arrays = {}
        for pilot, solution in enumerate(solutions):
            for kind, beliefs in (("belief", solution.beliefs), ("offset", solution.offset)):
                for name, values in beliefs._asdict().items():
                    arrays[f"{kind}/{pilot}/{name}"] = values
            arrays[f"solve/{pilot}"] = np.array([solution.iterations, solution.residual])
        path = self._path(scenario, names)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda stream: np.savez(stream, **arrays))
        except OSError:
            return

    def _kept(self, scenario: Scenario, names: Names) -> list[Solution] | None:
        """What was kept, or None; a file that cannot be read counts as none."""
        path = self._path(scenario, names)
        if self._fresh or not path.is_file():
            return None
        setting = self.workshop.prepare(scenario, names).setting
        try:
            with np.load(path) as arrays:
                return [_read(arrays, pilot, setting) for pilot in range(N_PILOTS)]
        except (OSError, ValueError, KeyError):
            return None


def _read(arrays: dict[str, np.ndarray], pilot: int, setting: Setting) -> Solution:
    """One pilot's solution from the arrays kept; its tables are worked out again."""
    beliefs = Beliefs(*(arrays[f"belief/{pilot}/{name}"] for name in Beliefs._fields))
    offset = Beliefs(*(arrays[f"offset/{pilot}/{name}"] for name in Beliefs._fields))
    iterations, residual = arrays[f"solve/{pilot}"]
    return _era_of(setting, beliefs, offset, int(iterations), float(residual))


def _era_of(setting: Setting, beliefs: Beliefs, offset: Beliefs, iterations: int, residual: float) -> Solution:
    """A solution from its beliefs: one pass gives its tables."""
    tables, _ = market_pass(setting.terms, setting.names, setting.window, beliefs, setting.planner_by_quality)
    return Solution(beliefs, offset, pack_era(setting.rules, tables, setting.planner), iterations, residual)


def _with_classes(beliefs: Beliefs, own: Names, names: Names) -> Beliefs:
    """The same beliefs on axes with more classes, or classes in another order."""
    above = np.zeros(len(names.classes))
    for c, name in enumerate(names.classes):
        if name in own.classes:
            above[c] = beliefs.above_limit[own.classes.index(name)]
    return beliefs._replace(above_limit=above)


def _chain_key(scenario: Scenario) -> str:
    """Hash of a scenario and all it builds on, down to its root; names do not count."""
    digests, each = [], scenario
    while True:
        digests.append(each.digest)
        if each.reference or each.baseline_scenario is None:
            break
        each = each.baseline_scenario
    return hashlib.sha256("/".join(digests).encode()).hexdigest()
