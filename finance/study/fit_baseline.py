"""Fit a calibration to its targets: ``python -m finance.study.fit_baseline PLAN``.

Prints each fitted value with its prior, what was aimed at and what the model shows on its full equilibrium, who funds
whom and the use of capacity. ``--write`` puts the values into the scenario's file, ``--docs`` the tables into a page.
Every market solved is kept in ``--folder``: a search that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from finance.language import message
from finance.preparing import Solved
from finance.running.equilibria import Equilibria
from finance.scenario import Scenario, load_scenario
from finance.study.fit_plan import Charge, read_plan
from finance.study.fit_report import funding_table, moment_table, sample_of_solved, use_table, value_table
from finance.study.fit_search import Search, as_burn
from finance.study.fit_write import rounded, with_tables, with_values
from finance.study.moments import moments_of


def main(arguments: list[str] | None = None) -> None:
    """Read the plan, search, print and write."""
    given = _parser().parse_args(arguments)
    plan, targets = read_plan(given.plan)
    scenario, started = load_scenario(plan.scenario), time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {line}", file=sys.stderr, flush=True)

    search = Search(scenario, plan, targets, given.folder, say, given.workers)
    fit = search.run(given.rounds)
    tables = {}
    values = {path: rounded(value) for path, value in search.values(fit.places).items()}
    changes = as_burn(scenario, values) | {"tolerance.penalty": fit.market.penalty}
    if given.paths:
        solved, changes = _settled(scenario, changes, plan.charge, Equilibria(given.workers))
        sample = sample_of_solved(solved, given.paths)
        tables["moments"] = moment_table(targets, moments_of(sample))
        tables["funding"], tables["use"] = funding_table(sample), use_table(sample)
    tables["values"] = value_table(plan, targets, search, fit, changes["tolerance.penalty"])
    print("\n\n".join(tables.values()))
    if given.write and scenario.path is not None:
        _rewrite(scenario.path, lambda text: with_values(text, changes))
    if given.docs:
        named = {f"{name}: {scenario.name}": table for name, table in tables.items()}
        _rewrite(given.docs, lambda text: with_tables(text, named))


def _settled(
    scenario: Scenario, changes: dict[str, float], charge: Charge, equilibria: Equilibria
) -> tuple[Solved, dict[str, float]]:
    """The full equilibrium at the values as they will be written, the penalty such that its charge is the one wanted."""
    for _ in range(2):
        solved = equilibria.solved(_fitted(scenario, changes))
        place = solved.prepared.setting.names.classes.index(charge.capital_class)
        above = float(np.mean([solution.beliefs.above_limit[place] for solution in solved.solutions]))
        honoured = float(solved.prepared.setting.terms.honoured[place])
        penalty = charge.value / ((1.0 - honoured) * above)
        if abs(penalty / changes["tolerance.penalty"] - 1.0) < 0.02:
            break
        changes = changes | {"tolerance.penalty": penalty}
    return equilibria.solved(_fitted(scenario, changes)), changes


def _fitted(scenario: Scenario, changes: dict[str, float]) -> Scenario:
    """The scenario with the values as they will be written."""
    written = {path: rounded(value, 5 if path.endswith(".burn") else 3) for path, value in changes.items()}
    return scenario.with_changes(written, name=f"{scenario.name}-fitted", reference=True)


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m finance.study.fit_baseline", description=message("fit.about"))
    parser.add_argument("plan", help=message("fit.option.plan"))
    parser.add_argument("--rounds", type=int, default=3, help=message("fit.option.rounds"))
    parser.add_argument("--paths", type=int, default=2000, help=message("fit.option.paths"))
    parser.add_argument("--folder", type=Path, default=Path("runs/fit"), help=message("fit.option.folder"))
    parser.add_argument("--workers", type=int, default=2, help=message("fit.option.workers"))
    parser.add_argument("--write", action="store_true", help=message("fit.option.write"))
    parser.add_argument("--docs", type=Path, help=message("fit.option.docs"))
    return parser


if __name__ == "__main__":
    main()
