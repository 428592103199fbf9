"""A dose of a lever: how far a table is moved from the baseline's values to the scenario's.

value = baseline + dose × (scenario − baseline); whole numbers are rounded half up; what is no number switches
as soon as the dose is above 0. Dose 0 gives the baseline's own values and dose 1 the scenario's, to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from finance.scenario.contents import named_tables, names_in, tables_at
from finance.scenario.problems import NO_VALUE, Problem, nearest
from finance.scenario.rules import ORDERED_PAIRS, SUM_TOLERANCE
from finance.scenario.shape import (
    UNSTATED,
    Content,
    Node,
    Path,
    at,
    dotted,
    is_finite_number,
    place,
    values_shape,
)

_INSIDE = 1e-9
"""Distance that is kept from a bound which is itself not allowed."""


def dose_problems(doses: Mapping[str, object], own: Content, baseline: Content | None, file: str) -> list[Problem]:
    """Return doses that are no doses, and paths at which nothing stands."""
    if baseline is None:
        return [Problem(file, "", NO_VALUE, "scenario.dose_without_baseline")]
    problems = []
    for key, dose in doses.items():
        path = tuple(key.split("."))
        if not is_finite_number(dose) or dose < 0:
            problems.append(Problem(file, key, dose, "scenario.dose_not_a_number"))
        node = place(path, values_shape())
        stands = any(at(content, path, UNSTATED) is not UNSTATED for content in (own, baseline))
        if node is None or node.kind == "text" or not stands:
            known = [*known_paths(baseline), *known_paths(own)]
            values = {"near": nearest(key, known) or list(values_shape().children)}
            problems.append(Problem(file, key, NO_VALUE, "scenario.unknown_path", values))
    return problems


def known_paths(content: Content, shape: Node | None = None, path: Path = ()) -> list[str]:
    """Return every path of a document at which a table or a value stands."""
    shape = shape or values_shape()
    paths = []
    for key, value in content.items():
        child = shape.child(key)
        if child is None or child.kind == "text" or key == "order":
            continue
        paths.append(dotted((*path, key)))
        if isinstance(value, dict):
            paths += known_paths(value, child, (*path, key))
    return paths


def dosed(own: Content, baseline: Content, doses: Mapping[str, float], file: str) -> tuple[Content, list[Problem]]:
    """Move the values of a scenario to a dose of what differs from its baseline.

    Parameters
    ----------
    own, baseline : dict
        Resolved values of the scenario and of its baseline, defaults filled in.
    doses : mapping of str to float
        Dose by dotted path of a table or value; the nearest one above a value holds, 1 where there is none.
    file : str
        Name of the new scenario, for warnings.

    Returns
    -------
    values : dict
        The new values.
    warnings : list of Problem
        Values that were stopped at a bound.
    """
    mixer = _Mixer({tuple(key.split(".")): float(dose) for key, dose in doses.items()}, file, baseline, own)
    values = mixer.table(baseline, own, values_shape(), (), 1.0)
    _keep_pairs(values, mixer)
    _keep_class_rules(values, mixer)
    _keep_sector_shares(values, mixer)
    return values, mixer.warnings


class _Mixer:
    """Walks two documents side by side and mixes them by the dose that holds at each path."""

    def __init__(self, doses: Mapping[Path, float], file: str, baseline: Content, own: Content) -> None:
        self.doses = doses
        self.file = file
        self.baseline = baseline
        self.own = own
        self.warnings: list[Problem] = []

    def stopped(self, path: Path, wanted: float, used: float) -> None:
        """Warn that a value could not be moved as far as the dose says."""
        values = {"used": f"{used:g}"}
        warning = Problem(self.file, dotted(path), wanted, "scenario.dose_stopped", values, is_warning=True)
        self.warnings.append(warning)

    def table(self, baseline: Content, own: Content, node: Node, path: Path, dose: float) -> Content:
        """Mix two tables key by key."""
        mixed: Content = {}
        for key in dict.fromkeys([*own, *baseline]):
            child = node.child(key)
            if child is None:
                continue
            here = (*path, key)
            d = self.doses.get(here, dose)
            both = (baseline.get(key, UNSTATED), own.get(key, UNSTATED))
            value = self.either(*both, child, here, d)
            if value is not UNSTATED:
                mixed[key] = value
        if node.kind == "named":
            d = self.doses.get((*path, "order"), dose)
            first, second = (baseline, own) if d == 0 else (own, baseline)
            mixed["order"] = _order(names_in(first.get("order")), names_in(second.get("order")), mixed)
        return mixed

    def either(self, baseline: Any, own: Any, node: Node, path: Path, dose: float) -> Any:
        """Mix what stands at one key, in both documents or in one only."""
        if node.kind == "table" and baseline is UNSTATED:
            return self.faded(own, node, path, dose) if dose > 0 else UNSTATED
        if node.kind == "table" and own is UNSTATED:
            if dose == 0:
                return baseline
            fades = any(child.neutral is not None for child in node.children.values())
            return self.faded(baseline, node, path, 1 - dose) if fades and dose < 1 else UNSTATED
        if node.kind == "mapping":
            return self.by_name(dict(baseline), dict(own), node, path, dose)
        if node.kind in ("table", "named"):
            return self.table(baseline, own, node, path, dose)
        return self.value(baseline, own, node, path, dose)

    def faded(self, only: Content, node: Node, path: Path, dose: float) -> Content:
        """Return a table that one document has alone, its amounts and effects moved from where they do nothing."""
        faded = dict(only)
        for key, child in node.children.items():
            if child.neutral is not None:
                here = (*path, key)
                d = self.doses.get(here, dose)
                moved = child.neutral + d * (only[key] - child.neutral)
                faded[key] = only[key] if d == 1 else self.bounded(moved, child, here)
        return faded

    def by_name(self, baseline: Content, own: Content, node: Node, path: Path, dose: float) -> Content:
        """Mix values by name: a share that one side does not state is 0 there; a name switches."""
        element = node.element
        assert element is not None
        mixed: Content = {}
        for name in dict.fromkeys([*own, *baseline]):
            here = (*path, name)
            d = self.doses.get(here, dose)
            if d in (0, 1) or not element.is_number:
                side = baseline if d == 0 else own
                if name in side:
                    mixed[name] = side[name]
            else:
                value = self.value(baseline.get(name, 0.0), own.get(name, 0.0), element, here, d)
                if value > 0 or name in own:
                    mixed[name] = value
        return mixed

    def value(self, baseline: Any, own: Any, node: Node, path: Path, dose: float) -> Any:
        """Mix one value."""
        if dose == 0 or baseline == own:
            return baseline
        if dose == 1 or not node.is_number:
            return own
        baseline, own = _or_everybodys(baseline, self.baseline, path), _or_everybodys(own, self.own, path)
        return self.bounded(baseline + dose * (own - baseline), node, path)

    def bounded(self, wanted: float, node: Node, path: Path) -> float:
        """Stop a number at the schema's bounds, and say so; then round what is a whole number."""
        low = node.low + _INSIDE * max(1.0, abs(node.low)) if node.low_open else node.low
        high = node.high - _INSIDE * max(1.0, abs(node.high)) if node.high_open else node.high
        nearest_whole = node.type == "whole" and math.isfinite(wanted)
        rounded = float(math.floor(wanted + 0.5)) if nearest_whole else wanted
        used = min(max(rounded, low), high)
        if used != rounded:
            self.stopped(path, wanted, used)
        return int(used) if node.type == "whole" else used


def _or_everybodys(value: Any, document: Content, path: Path) -> Any:
    """Return a value, or where a class states none that of ``tolerance``, which then holds for it."""
    return document["tolerance"][path[-1]] if value is UNSTATED else value


def _order(preferred: list[str], other: list[str], present: Content) -> list[str]:
    """Return the present names in the preferred order, the others behind their neighbour in the other one."""
    order = [name for name in preferred if name in present]
    for position, name in enumerate(other):
        if name in present and name not in order:
            behind = [earlier for earlier in other[:position] if earlier in order]
            order.insert(order.index(behind[-1]) + 1 if behind else 0, name)
    return order


def _keep_pairs(values: Content, mixer: _Mixer) -> None:
    """Where a dose or rounding turned a pair round, stop the lesser one at the greater."""
    for pattern, lesser, greater in ORDERED_PAIRS:
        for path, table in tables_at(values, pattern):
            low, high = table[lesser], table[greater]
            if low <= high:
                continue
            node = place((*path, lesser), values_shape())
            assert node is not None
            stop = math.floor(high) if node.type == "whole" else high
            table[lesser] = max(stop, int(node.low) if node.type == "whole" else node.low)
            mixer.stopped((*path, lesser), low, table[lesser])
            if table[lesser] > high:  # a life shorter than the shortest investment period
                table[greater] = float(table[lesser])
                mixer.stopped((*path, greater), high, table[greater])


def _keep_class_rules(values: Content, mixer: _Mixer) -> None:
    """Stop required returns at the social rate, and budgets at the capacity and the mandate."""
    for name, table in named_tables(values["classes"]).items():
        if table["return_premium"] < 0 and not table["subsidised"]:
            mixer.stopped(("classes", name, "return_premium"), table["return_premium"], 0.0)
            table["return_premium"] = 0.0
        budgets = {stage: s for stage, s in table["stage_budgets"].items() if stage in table["stages"]}
        total = sum(budgets.values())
        if total > 1 + SUM_TOLERANCE:
            mixer.stopped(("classes", name, "stage_budgets"), total, 1.0)
            budgets = {stage: share / total for stage, share in budgets.items()}
        table["stage_budgets"] = budgets


def _keep_sector_shares(values: Content, mixer: _Mixer) -> None:
    """Where a share was stopped at its bound, the others give way so that the sum stays one."""
    stopped = {warning.key for warning in mixer.warnings}
    sectors = named_tables(values["sectors"])
    if any(f"sectors.{name}.share" in stopped for name in sectors):
        total = sum(sector["share"] for sector in sectors.values())
        for sector in sectors.values():
            sector["share"] /= total
