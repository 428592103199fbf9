"""Every value of a scenario with its meaning, unit, baseline, range and source: rows to print elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from finance.language import current_language, message
from finance.scenario.checking import unit_phrase
from finance.scenario.doses import known_paths
from finance.scenario.problems import NO_VALUE, Problem, ScenarioError, nearest
from finance.scenario.scenario import Scenario, source_in
from finance.scenario.shape import UNSTATED, Content, Node, Path, at, dotted, leaves, place, values_shape


@dataclass(frozen=True)
class ExplainedValue:
    """A value of a scenario, explained.

    Attributes
    ----------
    key : str
        Dotted path.
    value : object
        The scenario's value: a number, text, yes or no, or list of names.
    baseline_value : object
        The baseline's; None where there is no baseline or the baseline has no such value.
    is_changed : bool
        Whether the scenario differs from its baseline here.
    unit, meaning : str
        In the language asked for.
    allowed : str
        The schema's bounds, as in ``"0 ≤ x ≤ 1"``; empty where there are none.
    low, high : float or None
        The plausible range; None where none is stated.
    source, url, grade : str
        Where the value comes from; the grade is empty for a value that no file states.
    """

    key: str
    value: object
    baseline_value: object
    is_changed: bool
    unit: str
    meaning: str
    allowed: str
    low: float | None
    high: float | None
    source: str
    url: str
    grade: str


def explain(scenario: Scenario, key: str | None = None, language: str | None = None) -> list[ExplainedValue]:
    """Explain the values of a scenario.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    key : str, optional
        Dotted path of a value or a table; everything, if left out.
    language : {"en", "zh"}, optional
        The language of the context, if left out.

    Returns
    -------
    list of ExplainedValue
        In the order of the file's tables.

    Raises
    ------
    ScenarioError
        If nothing stands at the key.
    """
    language = language or current_language()
    chain = scenario.chain()
    values = chain[0][1]
    wanted: Path = tuple(key.split(".")) if key else ()
    rows = [
        _explained(chain, path, value, language)
        for path, _, value in leaves(values, values_shape())
        if path[: len(wanted)] == wanted
    ]
    if not rows and at(values, wanted, UNSTATED) is UNSTATED:
        near = nearest(str(key), known_paths(values)) or list(values)
        raise ScenarioError([Problem(scenario.name, str(key), NO_VALUE, "scenario.unknown_path", {"near": near})])
    return rows


def assumption_share(scenario: Scenario) -> tuple[int, int]:
    """Count how many of a scenario's values are assumptions.

    Parameters
    ----------
    scenario : Scenario
        The scenario.

    Returns
    -------
    n_assumed, n_values : int
        Values whose source has grade A, and all values that a file or a program states (defaults and the
        order of tables are not counted).
    """
    chain = scenario.chain()
    paths = [dotted(path) for path, _, _ in leaves(chain[0][1], values_shape()) if path[-1] != "order"]
    sources = [source for path in paths if (source := source_in(chain, path)) is not None]
    return sum(source.grade == "A" for source in sources), len(sources)


def _end(end: float | None, node: Node) -> float | None:
    """Return an end of a range: that of a whole number is one too, as far as it was stated so."""
    return int(end) if end is not None and node.type == "whole" and end == int(end) else end


def _explained(chain: list[tuple[Scenario, Content]], path: Path, value: object, language: str) -> ExplainedValue:
    key = dotted(path)
    node = place(path, values_shape())
    assert node is not None
    below = chain[1][1] if len(chain) > 1 else None
    baseline_value = None if below is None else at(below, path)
    source = source_in(chain, key)
    unstated = "scenario.structure" if path[-1] == "order" else "scenario.default"
    low, high = (_end(end, node) for end in chain[0][0].ranges.get(key, (None, None)))
    return ExplainedValue(
        key=key,
        value=value,
        baseline_value=baseline_value,
        is_changed=below is not None and baseline_value != value,
        unit=message(unit_phrase(node.unit), language),
        meaning=node.meaning.zh if language == "zh" else node.meaning.en,
        allowed=node.allowed,
        low=low,
        high=high,
        source=source.text if source is not None else message(unstated, language),
        url=source.url if source is not None else "",
        grade=source.grade if source is not None else "",
    )
