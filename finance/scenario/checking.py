"""What the models say against a document, turned into problems with a key, what is allowed and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from finance.scenario.problems import NO_VALUE, Meaning, Phrase, Problem, nearest
from finance.scenario.shape import NO_MEANING, UNSTATED, Node, Path, dotted, place

FileOf = Callable[[Path], str]
"""Says which file of a chain of baselines last set a key path."""

_RANGE_ERRORS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_SIZE_ERRORS = ("string_too_short", "too_short", "too_long")


def field_problems(model: type[BaseModel], shape: Node, document: Mapping[str, Any], file_of: FileOf) -> list[Problem]:
    """Return everything that a model has against a document.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        The model the document should fit.
    shape : Node
        The shape of that model.
    document : mapping
        The document, as TOML gives it.
    file_of : callable
        The file to blame for a key path.

    Returns
    -------
    list of Problem
        Empty where the document fits.
    """
    try:
        model.model_validate(document)
    except ValidationError as error:
        problems: list[Problem] = []
        for complaint in error.errors(include_url=False):
            problems += _problems_of(complaint, shape, file_of)
        return list({(problem.key, problem.message_id): problem for problem in problems}.values())
    return []


def unknown_key(path: Path, value: object, file: str, shape: Node) -> Problem:
    """Return the problem of a key that the schema does not have, with the key that was probably meant."""
    parent = place(path[:-1], shape)
    known = tuple(parent.children) if parent is not None else ()
    near = nearest(path[-1], known)
    if near is not None:
        meant = dotted((*path[:-1], near))
        return Problem(file, dotted(path), value, "scenario.unknown_key_near", {"near": meant})
    elsewhere = _places_of(path[-1], shape)
    if elsewhere:
        return Problem(file, dotted(path), value, "scenario.unknown_key_near", {"near": elsewhere[0]})
    return Problem(file, dotted(path), value, "scenario.unknown_key", {"known": known})


def _problems_of(complaint: Mapping[str, Any], shape: Node, file_of: FileOf) -> Iterator[Problem]:
    path = _key_path(complaint["loc"], shape)
    node = place(path, shape)
    file, key, value, kind = file_of(path), dotted(path), complaint["input"], complaint["type"]
    if kind == "extra_forbidden":
        yield unknown_key(path, value, file, shape)
    elif node is None:
        yield Problem(file, key, value, "scenario.wrong_type", {"expected": Phrase("scenario.type.table")})
    elif kind == "missing" and not any(isinstance(part, int) for part in complaint["loc"]):
        # With a position in it, half of a pair is missing from a list that is there.
        yield from _missing(path, node, file)
    elif kind == "finite_number":
        yield Problem(file, key, value, "scenario.not_finite", _limits(node))
    elif kind in _RANGE_ERRORS or (node.type == "number" and type(value) is int):
        # An integer where a number is wanted fails only where it is too large for a float.
        yield Problem(file, key, value, "scenario.out_of_range", _limits(node))
    elif kind == "literal_error":
        yield Problem(file, key, value, "scenario.not_allowed", {"allowed": node.allowed})
    elif kind == "string_pattern_mismatch":
        yield Problem(file, key, value, "scenario.bad_name")
    elif kind == "string_too_long":
        yield Problem(file, key, value, "scenario.too_long", {"limit": f"{complaint['ctx']['max_length']:,}"})
    elif kind in _SIZE_ERRORS:
        yield Problem(file, key, value, "scenario.wrong_size", {"expected": _expected(node)})
    else:
        yield Problem(file, key, value, "scenario.wrong_type", {"expected": _expected(node)})


def _missing(path: Path, node: Node, file: str) -> Iterator[Problem]:
    if node.kind == "table":
        # Each value of the table is named: whoever has to write it wants the list.
        for name, child in node.children.items():
            if child.default is UNSTATED:
                yield from _missing((*path, name), child, file)
    elif node.is_number:
        values = {"meaning": _inside_brackets(node.meaning), **_limits(node)}
        yield Problem(file, dotted(path), NO_VALUE, "scenario.missing_value", values)
    elif node.meaning != NO_MEANING:
        values = {"meaning": _inside_brackets(node.meaning), "expected": _expected(node)}
        yield Problem(file, dotted(path), NO_VALUE, "scenario.missing_entry", values)
    else:
        yield Problem(file, dotted(path), NO_VALUE, "scenario.missing_table", {"expected": _expected(node)})


def _inside_brackets(meaning: Meaning) -> Meaning:
    return Meaning(meaning.en.rstrip("."), meaning.zh.rstrip("。"))


def _limits(node: Node) -> dict[str, object]:
    return {"allowed": node.allowed or "x", "unit": unit_phrase(node.unit)}


def unit_phrase(unit: str) -> Phrase:
    """Return the catalogue's word for a unit; that of ``"rate a year"`` is ``scenario.unit.rate_a_year``."""
    return Phrase("scenario.unit." + unit.lower().replace("-", "_").replace(" ", "_"))


def _expected(node: Node) -> Phrase:
    if node.kind == "text":
        return Phrase("scenario.type.two_languages")
    if node.pattern:
        return Phrase("scenario.type.name")
    return Phrase("scenario.type." + (node.type if node.kind == "value" else node.kind))


def _key_path(location: tuple[str | int, ...], shape: Node) -> Path:
    """Translate where pydantic met the error into the key path of the file.

    Named tables are gathered under ``tables`` before they are checked, which the file does not know of; a
    place in a list is blamed on the list.
    """
    path: list[str] = []
    node: Node | None = shape
    gathered = False
    for part in location:
        if not isinstance(part, str) or part == "[key]":
            break
        if node is not None and node.kind == "named" and part == "tables" and not gathered:
            gathered = True
            continue
        path.append(part)
        gathered = False
        node = None if node is None else node.child(part)
    return tuple(path)


def _places_of(key: str, shape: Node, path: Path = ()) -> list[str]:
    """Return the paths at which a key of this name stands elsewhere in the schema."""
    found = [dotted((*path, key))] if key in shape.children else []
    for name, child in shape.children.items():
        found += _places_of(key, child, (*path, name))
    if shape.element is not None and shape.kind == "named":
        found += _places_of(key, shape.element, (*path, "…"))
    return found
