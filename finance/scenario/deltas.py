"""A scenario is a baseline and what differs: merging the difference into the baseline's values.

Tables merge, arrays are replaced whole, ``absent = true`` removes a named table (or resets a table that may
be left out). The head of a file is its own and is not inherited.
"""

from __future__ import annotations

from collections.abc import Mapping

from finance.scenario.problems import Problem
from finance.scenario.schema import HEAD_KEYS
from finance.scenario.shape import UNSTATED, Content, Node, Path, dotted, scenario_shape

ABSENT = "absent"


def merge(baseline: Content | None, delta: Content, file: str) -> tuple[Content, list[Problem]]:
    """Merge a file's content into its baseline's.

    Parameters
    ----------
    baseline : dict or None
        The resolved document of the baseline; None for a root.
    delta : dict
        What the file says.
    file : str
        The file's name, for problems.

    Returns
    -------
    merged : dict
        The resolved document: the file's own head, and the baseline's values with the file's in their place.
    problems : list of Problem
        Removals that remove nothing, or that are not allowed.
    """
    problems: list[Problem] = []
    inherited = {key: value for key, value in (baseline or {}).items() if key not in HEAD_KEYS}
    head = {key: value for key, value in delta.items() if key in HEAD_KEYS}
    values = {key: value for key, value in delta.items() if key not in HEAD_KEYS}
    merged = _merge_table(inherited, values, scenario_shape(), (), file, problems)
    return head | merged, problems


def _merge_table(
    baseline: Content, delta: Content, node: Node | None, path: Path, file: str, problems: list[Problem]
) -> Content:
    merged = dict(baseline)
    for key, value in delta.items():
        here = (*path, key)
        child = None if node is None else node.child(key)
        if not isinstance(value, Mapping):
            merged[key] = value
        elif ABSENT in value:
            _remove(merged, here, value, child, node, file, problems)
        else:
            below = baseline.get(key)
            below = below if isinstance(below, dict) else {}
            merged[key] = _merge_table(below, dict(value), child, here, file, problems)
    if node is not None and node.kind == "named" and "order" not in delta:
        _drop_from_order(merged, set(baseline) - set(merged))
    return merged


def _remove(
    merged: Content,
    path: Path,
    value: Mapping[str, object],
    child: Node | None,
    parent: Node | None,
    file: str,
    problems: list[Problem],
) -> None:
    """Take out the table at ``path``, or say why that cannot be."""
    key = dotted(path)
    named = parent is not None and parent.kind == "named"
    optional = child is not None and child.default is not UNSTATED
    if value[ABSENT] is not True or len(value) > 1:
        problems.append(Problem(file, key, dict(value), "scenario.absent_not_alone"))
    elif not (named or optional):
        problems.append(Problem(file, key, dict(value), "scenario.absent_not_removable"))
    elif path[-1] not in merged:
        known = [name for name in merged if name != "order"]
        values = {"known": known}
        problems.append(Problem(file, key, dict(value), "scenario.absent_nothing", values))
    else:
        del merged[path[-1]]


def _drop_from_order(merged: Content, removed: set[str]) -> None:
    """Take removed names out of the inherited order: a removal needs no order restated, an addition does."""
    order = merged.get("order")
    if removed and isinstance(order, list):
        merged["order"] = [name for name in order if name not in removed]
