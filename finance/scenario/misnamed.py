"""A named table that was meant for another: ``classes.patent`` where ``classes.patient`` was to be changed.

To a merge it is a new table, which lacks nearly every value; to whoever wrote it, it is one slip of the pen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from finance.scenario.checking import FileOf
from finance.scenario.contents import named_tables, names_in
from finance.scenario.problems import NO_VALUE, Problem, nearest
from finance.scenario.shape import Content, Node, Path, dotted, values_shape

MISSING_MESSAGES = frozenset({"scenario.missing_value", "scenario.missing_entry", "scenario.missing_table"})
"""Ids of the messages about values that no file of the chain states."""

_MOST_LACKING = 3
"""Missing values that are named; a slip lacks some twenty."""


@dataclass(frozen=True)
class Misnamed:
    """A named table that was probably meant for another.

    Attributes
    ----------
    path : tuple of str
        Key path of the table.
    near : str
        Name of the table that was meant, beside it.
    lacking : tuple of str
        What it would have to state as a table of its own, below its path.
    """

    path: Path
    near: str
    lacking: tuple[str, ...]

    def problem(self, file_of: FileOf) -> Problem:
        """Return the one problem that stands for all that the slip entails."""
        shown = self.lacking[:_MOST_LACKING] + (("…",) if len(self.lacking) > _MOST_LACKING else ())
        values = {"near": dotted((*self.path[:-1], self.near)), "lacking": shown}
        return Problem(file_of(self.path), dotted(self.path), NO_VALUE, "scenario.table_near", values)

    def entails(self, problem: Problem) -> bool:
        """Whether a problem is there only because the table is taken for a new one."""
        is_of_new = problem.message_id in MISSING_MESSAGES or problem.message_id == "scenario.source_missing"
        return is_of_new and problem.key.startswith(dotted(self.path) + ".")


def misnamed_tables(document: Content, before: Content, fields: Iterable[Problem], *, in_code: bool) -> list[Misnamed]:
    """Find the tables that were probably meant for another one.

    Parameters
    ----------
    document : dict
        The resolved document.
    before : dict
        The resolved document of the baseline; empty for a root.
    fields : iterable of Problem
        What the schema has against the document.
    in_code : bool
        Whether a program made the change. New tables are then put into the order without being asked for, so
        that the order says nothing on what was meant.

    Returns
    -------
    list of Misnamed
        Tables that lack values, and have a name near that of another. A table that stands in the order beside
        the other one was meant, and is not among them.
    """
    missing = [problem.key for problem in fields if problem.message_id in MISSING_MESSAGES]
    found = []
    for path, content, content_before in _places(document, before, values_shape(), ()):
        order = names_in((content_before if in_code else content).get("order"))
        for name in named_tables(content):
            above = dotted((*path, name)) + "."
            lacking = tuple(key.removeprefix(above) for key in missing if key.startswith(above))
            others = [other for other in named_tables(content) if (other in order) != (name in order)]
            near = nearest(name, others) if lacking else None
            if near is not None:
                found.append(Misnamed((*path, name), near, lacking))
    return found


def without(document: Content, slips: Iterable[Misnamed]) -> Content:
    """Return a document without the misnamed tables, in whose place the order names the tables that were meant."""
    for slip in slips:
        document = _without(document, slip.path, slip.near)
    return document


def _without(content: Content, path: Path, near: str) -> Content:
    if len(path) > 1:
        return content | {path[0]: _without(content[path[0]], path[1:], near)}
    kept = {name: table for name, table in content.items() if name != path[0]}
    order = kept.get("order")
    if isinstance(order, list) and path[0] in order:
        meant = [near if name == path[0] else name for name in order]
        kept["order"] = meant if near not in order else [name for name in order if name != path[0]]
    return kept


def _places(content: object, before: object, shape: Node, path: Path) -> Iterator[tuple[Path, Content, Content]]:
    """Walk the places with tables by name: path, content and the baseline's content."""
    if not isinstance(content, dict):
        return
    below = before if isinstance(before, Mapping) else {}
    if shape.kind == "named":
        yield path, content, dict(below)
    for name, inner in content.items():
        child = shape.child(name)
        if child is not None and child.kind in ("table", "named"):
            yield from _places(inner, below.get(name), child, (*path, name))
