"""Levers: the tables in which a scenario differs from its baseline, what they are called, and their doses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finance.language import LANGUAGES, current_language, format_list, message, message_ids
from finance.pages.link import Choice
from finance.scenario import Problem, Scenario, ScenarioError, load_scenario
from finance.scenario.reading import is_name
from finance.scenario.schema_base import Text
from finance.scenario.shape import UNSTATED, Path, at, dotted, leaves, values_shape

#: A dose above this is far outside what a scenario was written for.
LARGEST_DOSE = 2.0


def levers(scenario: Scenario) -> list[str]:
    """Return the tables that a dose can move.

    Parameters
    ----------
    scenario : Scenario
        Any.

    Returns
    -------
    list of str
        Dotted paths in the order of the file, ``"tolerance"`` or ``"classes.patient"``: the table, and of tables by
        name the one that differs. Empty for a scenario without a baseline.
    """
    below = scenario.baseline_scenario
    if below is None:
        return []
    own, base = scenario.values(), below.values()
    shape = values_shape()
    paths = [path for content in (own, base) for path, _, _ in leaves(content, shape)]
    moved = {path: None for path in paths if at(own, path, UNSTATED) != at(base, path, UNSTATED)}
    return list(dict.fromkeys(dotted(_lever(path)) for path in moved if path[-1] != "order"))


def lever_of(key: str) -> str:
    """Return the lever that a value belongs to: ``"classes.patient"`` for ``"classes.patient.capacity"``."""
    return dotted(_lever(tuple(key.split("."))))


def lever_name(scenario: Scenario, lever: str, language: str | None = None) -> str:
    """Return what a lever is called.

    Parameters
    ----------
    scenario : Scenario
        The scenario that moves it.
    lever : str
        Dotted path.
    language : {"en", "zh"}, optional
        The language of the context, if left out.

    Returns
    -------
    str
        The title of a table that has one (a class of investors, say); a word of the catalogue; or the path.
    """
    message_id = f"pages.lever.{lever}"
    if message_id in message_ids(language or "en"):
        return message(message_id, language)
    table: object = scenario
    for name in lever.split("."):
        table = table.get(name) if isinstance(table, Mapping) else _field(table, name)
    title = getattr(table, "title", None)
    return lever if title is None else _spoken(title, language)


def scenario_of(choice: Choice) -> Scenario:
    """Load a scenario at the doses of a choice.

    Parameters
    ----------
    choice : Choice
        Name and doses.

    Returns
    -------
    Scenario
        With a title that says the doses.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the scenario or its doses.
    """
    if not is_name(choice.name):
        # A page takes names only: a path in a link would read a file of whoever runs the app.
        raise ScenarioError([Problem("scenarios", "name", choice.name, "pages.no_name")])
    scenario = load_scenario(choice.name)
    if not choice.doses:
        return scenario
    doses: dict[str, Any] = {path: _number(given) for path, given in choice.doses}
    dosed = scenario.with_dose(doses)
    title = {language: _dosed_title(scenario, doses, language) for language in LANGUAGES}
    return dosed.model_copy(update={"title": Text(**title)})


def _dosed_title(scenario: Scenario, doses: Mapping[str, object], language: str) -> str:
    title = _spoken(scenario.title, language)
    if len(doses) == 1 and levers(scenario) == list(doses):
        (dose,) = doses.values()
        return message("pages.dosed_lever", language, lever=title, dose=f"{dose:g}")
    parts = [
        message("pages.dosed_lever", language, lever=lever_name(scenario, lever, language), dose=f"{dose:g}")
        for lever, dose in doses.items()
    ]
    return message("pages.dosed_title", language, title=title, doses=format_list(parts, language))


def _lever(path: Path) -> Path:
    """Return the first table of a path; of tables by name, the one that is named."""
    node = values_shape()
    for length, name in enumerate(path, start=1):
        below = node.child(name)
        if below is None or below.kind != "named":
            return path[:length]
        node = below
    return path


def _field(table: object, name: str) -> object:
    """Return a field, or an entry of tables by name."""
    tables = getattr(table, "tables", None)
    return tables.get(name) if isinstance(tables, Mapping) else getattr(table, name, None)


def _spoken(title: object, language: str | None) -> str:
    return str(getattr(title, language or current_language()))


def _number(given: str) -> float | str:
    try:
        return float(given)
    except ValueError:
        return given
