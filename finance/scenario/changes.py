"""Changes made by a program: dotted paths and values, turned into what a file would have said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finance.scenario.contents import names_in
from finance.scenario.deltas import ABSENT
from finance.scenario.doses import known_paths
from finance.scenario.problems import Problem, nearest
from finance.scenario.shape import Content, Node, Path, at, place, values_shape


def as_delta(changes: Mapping[str, object], baseline: Content, file: str) -> tuple[Content, list[Problem]]:
    """Turn changes by dotted path into the tables of a file.

    Parameters
    ----------
    changes : mapping of str to object
        Value by path. A table may be given for the path of a table; it is merged. A named table that is new
        is put at the end of its ``order``, unless the changes give the order.
    baseline : dict
        The resolved document that is changed.
    file : str
        Name of the new scenario, for problems.

    Returns
    -------
    delta : dict
        Nested tables.
    problems : list of Problem
        Paths that cannot exist.
    """
    delta: Content = {}
    problems = []
    # Shorter paths first: a value inside a table that is changed too is the more exact wish.
    for key in sorted(changes, key=lambda key: key.count(".")):
        path = tuple(key.split("."))
        if not _can_stand(path, baseline, changes):
            known = known_paths(baseline)
            values = {"near": nearest(key, known) or list(values_shape().children)}
            problems.append(Problem(file, key, changes[key], "scenario.unknown_path", values))
            continue
        _put(delta, path, plain(changes[key]))
    _append_to_orders(delta, baseline, values_shape())
    return delta, problems


def plain(value: object) -> Any:
    """Return a value as TOML would give it: plain dictionaries, lists and Python numbers.

    NumPy's scalars and arrays say what they are through ``tolist``; NumPy itself is not needed here.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value


def _can_stand(path: Path, baseline: Content, changes: Mapping[str, object]) -> bool:
    """Whether something can be set at a path: the schema has it, and the named tables on the way exist."""
    if place(path, values_shape()) is None:
        return False
    node = values_shape()
    for length, name in enumerate(path[:-1], start=1):
        is_new = node.kind == "named" and at(baseline, path[:length]) is None
        if is_new and not isinstance(changes.get(".".join(path[:length])), Mapping):
            return False
        child = node.child(name)
        assert child is not None
        node = child
    return True


def _put(delta: Content, path: Path, value: object) -> None:
    for name in path[:-1]:
        below = delta.setdefault(name, {})
        if not isinstance(below, dict):
            below = delta[name] = {}
        delta = below
    known = delta.get(path[-1])
    if isinstance(known, dict) and isinstance(value, dict):
        for key, item in value.items():
            _put(known, (key,), item)
    else:
        delta[path[-1]] = value


def _append_to_orders(delta: Content, baseline: Content, shape: Node) -> None:
    """Put new named tables at the end of the order, as a file would have to."""
    for name, child in [(name, shape.child(name)) for name in delta]:
        below = baseline.get(name)
        if child is not None and isinstance(delta[name], dict):
            _append_to_orders(delta[name], below if isinstance(below, dict) else {}, child)
    if shape.kind != "named" or "order" in delta:
        return
    removed = {n for n, table in delta.items() if isinstance(table, dict) and ABSENT in table}
    new = [n for n, table in delta.items() if isinstance(table, dict) and n not in baseline]
    if set(new) - removed:
        order = [name for name in names_in(baseline.get("order")) if name not in removed]
        delta["order"] = order + [name for name in new if name not in removed]
