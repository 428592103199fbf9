"""The plausible range of a value: stated beside it, inherited as long as the value is."""

from __future__ import annotations

from collections.abc import Mapping

from finance.scenario.checking import unknown_key
from finance.scenario.problems import NO_VALUE, Problem
from finance.scenario.shape import UNSTATED, Content, at, is_finite_number, place, values_shape


def range_problems(ranges: object, merged: Content, file: str) -> list[Problem]:
    """Return what is wrong with the ranges that a file states.

    Parameters
    ----------
    ranges : object
        What the file has under ``[ranges]``.
    merged : dict
        The resolved document.
    file : str
        The file's name.

    Returns
    -------
    list of Problem
        Ranges of nothing, of what is no number, turned round, outside the bounds, or without their value.
    """
    if not isinstance(ranges, Mapping):
        return [Problem(file, "ranges", ranges, "scenario.ranges_no_table")]
    problems = []
    for key, given in ranges.items():
        problem = _problem_of(str(key), given, merged, file)
        if problem is not None:
            problems.append(problem)
    return problems


def effective_ranges(own: object, inherited: Mapping[str, object], before: Content, after: Content) -> Content:
    """Return the ranges that hold: the file's own, and the baseline's for values that the file left alone.

    A range says how well a value is known. Where a lever sets another value, the old range says nothing.
    """
    kept = {
        key: given
        for key, given in inherited.items()
        if at(after, tuple(key.split(".")), UNSTATED) == at(before, tuple(key.split(".")), NO_VALUE)
    }
    return kept | dict(own) if isinstance(own, Mapping) else kept


def contains(given: object, value: object) -> bool:
    """Whether a range holds a value."""
    if not isinstance(given, list | tuple) or len(given) != 2 or not is_finite_number(value):
        return False
    return bool(given[0] <= value <= given[1])


def _problem_of(key: str, given: object, merged: Content, file: str) -> Problem | None:
    path = tuple(key.split("."))
    here = f'ranges."{key}"'
    node = place(path, values_shape())
    if isinstance(given, Mapping):
        return Problem(file, here, dict(given), "scenario.key_without_quotes")
    if node is None:
        unknown = unknown_key(path, NO_VALUE, file, values_shape())
        return Problem(file, here, given, unknown.message_id, unknown.values)
    if not node.is_number:
        return Problem(file, here, given, "scenario.range_no_number")
    value = at(merged, path, node.default)
    if value is UNSTATED:
        return Problem(file, here, given, "scenario.range_of_nothing")
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(is_finite_number(end) for end in given):
        return Problem(file, here, given, "scenario.range_form")
    low, high = given
    if low > high:
        return Problem(file, here, given, "scenario.range_turned")
    below = low < node.low or (node.low_open and low == node.low)
    above = high > node.high or (node.high_open and high == node.high)
    if below or above:
        return Problem(file, here, given, "scenario.range_outside", {"allowed": node.allowed})
    if is_finite_number(value) and not contains(given, value):
        return Problem(file, here, given, "scenario.range_without_value", {"value_given": f"{value:g}"})
    return None
