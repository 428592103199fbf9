"""Charts of what scenarios come to and of what they change."""

from __future__ import annotations

import altair as alt
import pandas as pd

from finance.language import message
from finance.show.cells import difference, level
from finance.show.charts_marks import Panels, Rows, dot_panels
from finance.show.charts_style import (
    WIDTH,
    Chart,
    Room,
    Scenarios,
    drawn,
    drawn_unit,
    in_order,
    scenario_colour,
    spoken,
)
from finance.study.values import Value

#: Measures of the headline whose difference is drawn, as far as the table has them.
_CHANGED = ("coverage", "coverage_rounds", "coverage_value", "exits", "social_value", "economic_cost")


def headline_chart(headline: pd.DataFrame, scenarios: Scenarios, *, width: int = WIDTH) -> Chart:
    """Draw coverage three ways, with intervals.

    Parameters
    ----------
    headline : DataFrame
        The table of that name.
    scenarios : sequence of (name, title)
        In order; the first is the baseline.
    width : int
        Pixels for all of it.

    Returns
    -------
    Chart
        A panel a measure, a row a scenario; percent.
    """
    rows = headline[headline["measure"].str.startswith("coverage")]
    shown = drawn(rows, scenarios, measure=None)
    shown["text"] = [_level(*row) for row in _numbers(rows, shown)]
    titles = tuple(title for _, title in scenarios)
    measures = [spoken("measure", one) for one in in_order(shown, "measure")]
    highest = float(shown[["value", "high"]].max().max()) if len(shown) else 1.0
    return dot_panels(
        shown,
        Rows("title", titles),
        Panels("measure_words", measures),
        Room(width, titles),
        scenario_colour(scenarios, Room(width), legend=False),
        # Room for the number and its margin behind the rightmost dot.
        scale=alt.Scale(domain=[0.0, 1.45 * highest], nice=False),
        axis_title=message("report.unit.percent"),
        written=True,
    )


def differences_chart(differences: pd.DataFrame, scenarios: Scenarios, *, width: int = WIDTH) -> Chart:
    """Draw what each scenario changes against the baseline, with intervals; hollow where an interval covers zero.

    Parameters
    ----------
    differences : DataFrame
        The table of that name.
    scenarios, width
        As in `headline_chart`.

    Returns
    -------
    Chart
        A panel a measure with an axis of its own, a row a scenario.
    """
    rows = differences[(differences["table"] == "headline") & differences["measure"].isin(_CHANGED)]
    shown = drawn(rows, scenarios, measure=None)
    ends = [Value(*row[1:]) for row in _numbers(rows, shown)]
    shown["is_clear"] = [one.is_clear for one in ends]
    shown["text"] = [difference(row[0], Value(*row[1:])).number for row in _numbers(rows, shown)]
    present = [one for one in _CHANGED if one in set(shown["measure"])]
    units = dict(zip(shown["measure"], shown["unit"], strict=True))
    headings = {one: _with_unit(one, units[one]) for one in present}
    shown["panel"] = shown["measure"].map(headings)
    titles = tuple(title for name, title in scenarios[1:])
    return dot_panels(
        shown,
        Rows("title", titles),
        Panels("panel", list(headings.values()), share_axis=False),
        Room(width, titles),
        scenario_colour(scenarios, Room(width), legend=False),
        scale=alt.Scale(zero=True, nice=True, padding=14),
        zero_line=True,
    )


def _with_unit(measure: str, unit: str) -> str:
    words = spoken("measure", measure)
    if unit == "count":  # the measure's name says what is counted
        return words
    return message("report.with_unit", name=words, unit=drawn_unit(unit, is_difference=True)[1])


def _numbers(table: pd.DataFrame, shown: pd.DataFrame) -> list[tuple[str, float, float, float]]:
    """Measure, value and interval, in the table's own units, of the rows that are shown."""
    kept = table.loc[shown.index]
    columns = (kept[name].astype("float64") for name in ("value", "low", "high"))
    return list(zip(kept["measure"], *columns, strict=True))


def _level(measure: str, value: float, low: float, high: float) -> str:
    cell = level(measure, Value(value, low, high))
    return f"{cell.number} {cell.margin}".rstrip()
