"""The inputs of a run: what differs from the baseline first, then all of them, each with its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from finance.language import current_language, format_list, format_number, message, message_ids
from finance.scenario import GRADES, ExplainedValue, Scenario, explain
from finance.scenario.problems import written
from finance.scenario.schema_base import NamedTables
from finance.show.grids import Compared
from finance.show.report_tables import titles_of, words_of


@dataclass(frozen=True)
class InputRow:
    """An input as a report shows it; texts, empty where there is nothing to say.

    Attributes
    ----------
    key : str
        Dotted path.
    about : str
        Which class or stage it belongs to.
    meaning, unit, value, baseline, plausible, grade, source, url : str
        What it is, its value and the baseline's, its plausible range, and where it comes from.
    """

    key: str
    about: str
    meaning: str
    unit: str
    value: str
    baseline: str
    plausible: str
    grade: str
    source: str
    url: str


@dataclass(frozen=True)
class InputGroup:
    """Inputs under one heading; ``note`` stands below it, then what the values cannot say."""

    heading: str
    rows: Sequence[InputRow]
    note: str = ""
    as_modelled: str = ""


def changed_inputs(run: Compared) -> list[InputGroup]:
    """Return what each scenario has otherwise than the baseline that it is compared with.

    Parameters
    ----------
    run : Compared
        What is reported.

    Returns
    -------
    list of InputGroup
        One a scenario, the baseline left out.
    """
    words = words_of(run)
    base = {row.key: row for row in explain(run.baseline)}
    titles = dict(titles_of(run))
    groups = []
    for scenario in run.others:
        own = {row.key: row for row in explain(scenario)}
        rows = [
            _row(row, words, base[key].value if key in base else None, is_new=key not in base)
            for key, row in own.items()
            if key not in base or base[key].value != row.value
        ]
        rows += [_removed(row, words) for key, row in base.items() if key not in own]
        title = titles[scenario.name]
        heading = message("report.inputs.changed", title=title, count=format_number(len(rows)))
        question = message("report.inputs.question", question=str(getattr(scenario.question, current_language())))
        heading = heading if rows else message("report.inputs.same", title=title)
        groups.append(InputGroup(heading, rows, question, _as_modelled(scenario)))
    return groups


def all_inputs(run: Compared) -> list[InputGroup]:
    """Return all inputs of the baseline, a group for each table, class and sector."""
    words = words_of(run)
    found: dict[str, list[InputRow]] = {}
    for row in explain(run.baseline):
        found.setdefault(_group_of(row.key, run.baseline), []).append(_row(row, words, None, is_new=False))
    return [InputGroup(heading, rows) for heading, rows in found.items()]


def grade_counts(run: Compared) -> str:
    """Say how many of the baseline's inputs have a source of which grade."""
    counts = Counter(row.grade for row in explain(run.baseline) if row.grade)
    told = [
        message("report.inputs.grade_count", grade=grade, count=format_number(counts[grade]))
        for grade in GRADES
        if counts[grade]
    ]
    return message("report.inputs.grades", title=titles_of(run)[0][1], counts=format_list(told))


def _as_modelled(scenario: Scenario) -> str:
    """Say what of a real programme the values cannot say; nothing where the scenario has no such note."""
    note = scenario.as_modelled
    return "" if note is None else message("report.inputs.as_modelled", text=str(getattr(note, current_language())))


def _row(value: ExplainedValue, words: Mapping[str, Mapping[str, str]], below: object, *, is_new: bool) -> InputRow:
    plausible = ""
    if value.low is not None and value.high is not None:
        plausible = message("report.inputs.range", low=_number(value.low), high=_number(value.high))
    baseline = message("report.inputs.added") if is_new else "" if below is None else _value(below)
    return InputRow(
        key=value.key,
        about=_about(value.key, words),
        meaning=value.meaning,
        unit=value.unit,
        value=_value(value.value),
        baseline=baseline,
        plausible=plausible,
        grade=value.grade,
        source=value.source,
        url=value.url if value.url.startswith(("http://", "https://")) else "",
    )


def _removed(value: ExplainedValue, words: Mapping[str, Mapping[str, str]]) -> InputRow:
    row = _row(value, words, value.value, is_new=False)
    return InputRow(
        row.key, row.about, row.meaning, row.unit, message("report.inputs.removed"), row.baseline, "", "", "", ""
    )


def _about(key: str, words: Mapping[str, Mapping[str, str]]) -> str:
    """Name the class, sector's stage or the like that a key goes through, as far as it has a title."""
    parts = key.split(".")
    named = {"classes": words["class"], "stages": words["stage"]}
    return message("language.list_separator").join(
        named[above][part] for above, part in pairwise(parts) if part in named.get(above, {})
    )


def _group_of(key: str, scenario: Scenario) -> str:
    """Name the table that a key belongs to, and which of several, where there are several."""
    table, _, rest = key.partition(".")
    group = _group_words(table)
    name = rest.partition(".")[0]
    tables = getattr(scenario, table, None)
    entries = dict(tables.items()) if isinstance(tables, NamedTables) else {}
    if name in entries:
        title = getattr(entries[name], "title", None)
        words = name if title is None else str(getattr(title, current_language()))
        return message("report.inputs.group_of", group=group, name=words)
    return group


def _group_words(table: str) -> str:
    known = f"report.inputs.group.{table}"
    return message(known) if known in message_ids(current_language()) else table.replace("_", " ")


def _value(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return written(value) if not isinstance(value, list) else format_list(map(_value, value))
    return _number(value)


def _number(value: float) -> str:
    """Write an input as precisely as it was given; no rounding."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else str(value)
