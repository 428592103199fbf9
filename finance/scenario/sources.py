"""Where values come from: every changed value, or a table above it, names its source.

In a root baseline every stated value is new, so every one needs a source. An assumption is a source when it
says why; the word alone is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from finance.scenario.checking import unknown_key
from finance.scenario.problems import NO_VALUE, Problem
from finance.scenario.schema import GRADES
from finance.scenario.shape import (
    UNSTATED,
    Content,
    Node,
    Path,
    at,
    dotted,
    leaves,
    place,
    values_shape,
)

SET_IN_CODE = "assumption: set in code"
"""The source of a value that a program changed without saying why."""

FEWEST_WORDS = 3
"""Words an assumption needs to count as a reason."""

_ASSUMPTION = re.compile(r"^\s*(?:assumption|assumed|假设|假定)\s*[:：]?\s*", re.IGNORECASE)
_ANY_ASSUMPTION = re.compile(r"^\s*(?:assumption|assumed|假设|假定)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_一-鿿]+(?:['’-][^\W_一-鿿]+)*|[一-鿿]{2}")
_EMPTY_WORDS = frozenset(
    {"a", "an", "the", "assumption", "assumed", "default", "defaults", "value", "todo", "tbd", "placeholder"}
    | {"假设", "默认", "缺省", "数值"}
)


def read_sources(raw: object, file: str) -> tuple[dict[str, Content], list[Problem]]:
    """Bring the sources of a file into one form, a table of text, url and grade each.

    Parameters
    ----------
    raw : object
        What the file has under ``[sources]``.
    file : str
        The file's name, for problems.

    Returns
    -------
    sources : dict of str to dict
        By dotted path: ``text``, ``url`` and ``grade`` where given. What is no source at all is left out.
    problems : list of Problem
        Bare assumptions, missing grades, keys without quotes.
    """
    if not isinstance(raw, Mapping):
        return {}, [Problem(file, "sources", raw, "scenario.sources_no_table")]
    sources: dict[str, Content] = {}
    problems: list[Problem] = []
    for key, given in raw.items():
        problem = _problem_of(key, given, file)
        if problem is not None:
            problems.append(problem)
        if isinstance(given, str):
            # A refused source still stands for its key: one mistake is not reported twice.
            sources[key] = {"text": _ASSUMPTION.sub("", given).strip() or given or "–", "grade": "A"}
        elif isinstance(given, Mapping) and "text" in given:
            sources[key] = dict(given)
            if problem is not None and problem.message_id == "scenario.source_no_grade":
                sources[key]["grade"] = "A"
    return sources, problems


def key_problems(sources: Mapping[str, object], merged: Content, before: Content, file: str) -> list[Problem]:
    """Return the sources whose key names neither a value nor a table of the scenario or its baseline."""
    problems = []
    for key in sources:
        path = tuple(key.split("."))
        node = place(path, values_shape())
        exists = at(merged, path, UNSTATED) is not UNSTATED or at(before, path, UNSTATED) is not UNSTATED
        optional = node is not None and node.kind in ("value", "mapping") and node.default is not UNSTATED
        if node is None:
            problem = unknown_key(path, NO_VALUE, file, values_shape())
            problems.append(Problem(file, f'sources."{key}"', NO_VALUE, problem.message_id, problem.values))
        elif not (exists or optional):
            problems.append(Problem(file, f'sources."{key}"', NO_VALUE, "scenario.source_of_nothing"))
    return problems


def missing_sources(sources: Mapping[str, object], before: Content, after: Content, file: str) -> list[Problem]:
    """Return a problem for each changed value for which neither it nor a table above it names a source."""
    return [
        Problem(file, dotted(path), at(after, path, NO_VALUE), "scenario.source_missing")
        for path in changed_paths(before, after)
        if covering(path, sources) is None
    ]


def covering(path: Path, sources: Mapping[str, object]) -> str | None:
    """Return the key that gives a value its source: the value itself, else the nearest table above it."""
    for length in range(len(path), 0, -1):
        key = dotted(path[:length])
        if key in sources:
            return key
    return None


def changed_paths(before: Content, after: Content) -> Iterator[Path]:
    """Walk the values in which two documents differ, and the tables that the second one removed.

    Orders are left out: they arrange what is sourced elsewhere.
    """
    for path, node, value in leaves(after, values_shape()):
        if path[-1] == "order":
            continue
        previous = at(before, path, node.default)
        if isinstance(previous, bool) != isinstance(value, bool) or previous != value:
            yield path
    yield from _removed(before, after, values_shape(), ())


def _removed(before: Content, after: Content, shape: Node, path: Path) -> Iterator[Path]:
    for key, value in before.items():
        child = shape.child(key)
        if child is None or not isinstance(value, Mapping) or child.kind == "text":
            continue
        if key not in after:
            if value:
                yield (*path, key)
        elif isinstance(after[key], Mapping):
            yield from _removed(dict(value), dict(after[key]), child, (*path, key))


def _problem_of(key: str, given: object, file: str) -> Problem | None:
    place_of_key = f'sources."{key}"'
    if isinstance(given, str):
        if not _ANY_ASSUMPTION.match(given) and not given.strip().startswith(("假设", "假定")):
            return Problem(file, place_of_key, given, "scenario.source_no_grade", {"grades": GRADES})
        if not _says_why(given):
            return Problem(file, place_of_key, given, "scenario.source_bare", {"words": FEWEST_WORDS})
        return None
    if not isinstance(given, Mapping):
        return Problem(file, place_of_key, given, "scenario.source_form", {"grades": GRADES})
    if "text" not in given:
        if any(isinstance(item, str | Mapping) for item in given.values()) and "grade" not in given:
            return Problem(file, place_of_key, dict(given), "scenario.key_without_quotes")
        return Problem(file, place_of_key, dict(given), "scenario.source_form", {"grades": GRADES})
    if "grade" not in given:
        return Problem(file, place_of_key, dict(given), "scenario.source_no_grade", {"grades": GRADES})
    text = given["text"]
    is_assumption = given["grade"] == "A" or (isinstance(text, str) and _ANY_ASSUMPTION.match(text) is not None)
    if is_assumption and isinstance(text, str) and not _says_why(text):
        return Problem(file, place_of_key, text, "scenario.source_bare", {"words": FEWEST_WORDS})
    return None


def _says_why(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(_ASSUMPTION.sub("", text))]
    return len(words) >= FEWEST_WORDS and any(word not in _EMPTY_WORDS for word in words)
