"""The page ``docs/reference/programmes.md``: every preset of a real programme in one table, made from their files.

``python -m finance.scenario.programmes_page`` writes it anew; a test says when it has to be. It is for people who read
the documentation, so it is in English, with the Chinese titles beside; the files have everything in both languages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from finance.scenario.loading import find_scenarios, load_scenario
from finance.scenario.problems import written
from finance.scenario.reading import shipped_folder
from finance.scenario.scenario import Scenario
from finance.scenario.schema import GRADES
from finance.scenario.shape import at

GROUP = "programmes"
"""Folder of the presets below the scenarios."""

_SHORT = {"guidance_fund.": "", "classes.programme.": "", "classes.guidance.": "", "tolerance.": "", "tax.": "tax."}
"""Beginnings of paths that are left out, or kept where the rest would not say what is meant."""

_LEAD = """# Presets of real programmes

Made by `python -m finance.scenario.programmes_page` from `scenarios/programmes/`; a change here is lost.

Each preset is a delta. Those with money build on `programme-plain`: sub-funds of their own beside the baseline's, on its
terms, with one budget for all, so that terms are compared and not sizes; the table shows what each changes of that.
Public funds that join rounds which others lead build on `programme-co-investor`. Rules and reliefs build on `baseline`
and hold for everybody. `patient-capital explain NAME` has the sentence behind each
value, its address and range; `patient-capital compare baseline NAME …` says what they do.

**What a preset is not.** Private partners bring as much as the budget needs at the cap on the public share, at today's
returns: nobody knows how much they would bring, and the terms only move that (`supply_elasticity`). The last column says
what else stands in for the real thing.

**Grades** of the values that a preset sets: {meanings}.
Figures by heart say so in their source ("recalled, not verified").

{totals}

| preset | programme | terms | {grades} | assumed | until | as modelled |
|---|---|---|{grade_lines}--:|---|---|
"""

_MEANINGS = {
    "S": "read at the source",
    "S~": "taken from somebody who quotes it",
    "M": "recalled",
    "D": "derived",
    "A": "assumption",
}


def programmes() -> list[Scenario]:
    """Return the shipped presets of real programmes, by name; not those that somebody put into ``./scenarios``."""
    folder = shipped_folder().resolve()
    found = [one for one in find_scenarios() if one.group == GROUP and one.path.resolve().is_relative_to(folder)]
    return [load_scenario(one.name) for one in found]


def grade_counts(scenario: Scenario) -> Counter[str]:
    """Count the values that a preset sets by the grade of their source; each has a source of its own."""
    return Counter(source.grade for source in scenario.sources.values())


def page() -> str:
    """Return the page, in Markdown."""
    scenarios = programmes()
    lead = _LEAD.format(
        meanings=", ".join(f"{grade} {_MEANINGS[grade]}" for grade in GRADES),
        totals=_totals(scenarios),
        grades=" | ".join(GRADES),
        grade_lines="--:|" * len(GRADES),
    )
    return lead + "".join(f"{_row(scenario)}\n" for scenario in scenarios)


def path() -> Path:
    """Return where the page stands in a checkout."""
    return shipped_folder().parent / "docs" / "reference" / "programmes.md"


def main() -> None:
    """Write the page."""
    path().parent.mkdir(parents=True, exist_ok=True)
    path().write_text(page(), encoding="utf-8")
    print(path())


def _totals(scenarios: Iterable[Scenario]) -> str:
    scenarios = list(scenarios)
    counts = sum(map(grade_counts, scenarios), Counter[str]())
    told = ", ".join(f"{counts[grade]} {grade}" for grade in GRADES)
    return f"{len(scenarios)} presets set {counts.total()} values: {told}. {_share(counts)} of them are assumptions."


def _row(scenario: Scenario) -> str:
    counts = grade_counts(scenario)
    values = scenario.values()
    terms = "; ".join(f"{_short(key)} {_value(at(values, tuple(key.split('.'))))}" for key in scenario.sources)
    note = scenario.as_modelled
    cells = [
        f"`{scenario.name}`",
        f"{scenario.title.en}<br>{scenario.title.zh}",
        terms,
        *(str(counts[grade]) if counts[grade] else "" for grade in GRADES),
        _share(counts),
        "" if scenario.expires is None else scenario.expires.isoformat(),
        "" if note is None else note.en,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _share(counts: Counter[str]) -> str:
    return f"{round(100 * counts['A'] / max(counts.total(), 1))} %"


def _short(key: str) -> str:
    for beginning, kept in _SHORT.items():
        if key.startswith(beginning):
            return f"`{kept}{key.removeprefix(beginning)}`"
    return f"`{key}`"


def _value(value: object) -> str:
    """Write a value as a reader would: texts without quotes, a list by its members, nothing as none."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value) if isinstance(value, str) else written(value) if value else "none" if value == {} else str(value)


if __name__ == "__main__":
    main()
