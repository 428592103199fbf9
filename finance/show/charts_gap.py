"""Charts of the gap: by stage, by cause, over the years."""

from __future__ import annotations

import pandas as pd

from finance.language import message
from finance.show.charts_marks import Panels, Rows, bar_panels, line_panels
from finance.show.charts_style import (
    LATENT,
    OBSERVED,
    SUPPLIED,
    WIDTH,
    Chart,
    Names,
    Room,
    Scenarios,
    drawn,
    in_order,
    scenario_colour,
    spoken,
    value_axis,
)

_FUNDING = {"supplied": SUPPLIED, "observed_gap": OBSERVED, "latent_gap": LATENT}
_BY_YEAR = ("supplied", "observed_gap", "latent_gap")


def valley_chart(
    gap_by_stage: pd.DataFrame, scenarios: Scenarios, *, names: Names | None = None, width: int = WIDTH
) -> Chart:
    """Draw what each stage is supplied with, what it asks for in vain, and what it never gets to ask for.

    Parameters
    ----------
    gap_by_stage : DataFrame
        The table of that name.
    scenarios : sequence of (name, title)
        In order; the first is the baseline.
    names : mapping of str to str, optional
        What stages are called.
    width : int
        Pixels for all of it.

    Returns
    -------
    Chart
        A panel a scenario, a bar a stage; money.
    """
    rows = gap_by_stage[gap_by_stage["measure"].isin(list(_FUNDING)) & (gap_by_stage["stage"] != "all")]
    shown = drawn(rows, scenarios, stage=names, measure=None)
    stages = tuple(spoken("stage", stage, names) for stage in in_order(shown, "stage"))
    parts = [spoken("measure", one) for one in _FUNDING]
    return bar_panels(
        shown,
        Rows("stage_words", stages),
        _scenario_panels(shown, scenarios),
        Room(width, stages),
        ("measure_words", parts, list(_FUNDING.values())),
        message("report.unit.money"),
    )


def causes_chart(
    gap_causes: pd.DataFrame, scenarios: Scenarios, *, names: Names | None = None, width: int = WIDTH
) -> Chart:
    """Draw the causes of each stage's observed gap.

    Parameters
    ----------
    gap_causes : DataFrame
        The table of that name; the order with lack of money first is drawn, or the only one there is.
    scenarios, names, width
        As in `valley_chart`.

    Returns
    -------
    Chart
        A panel a scenario, a bar a stage; percent of the stage's observed gap.
    """
    orders = list(gap_causes["order"].unique())
    chosen = "capacity_first" if "capacity_first" in orders else orders[0]
    rows = gap_causes[(gap_causes["measure"] == "share") & (gap_causes["order"] == chosen)]
    rows = rows[rows.groupby("cause")["value"].transform("max") > 0.0]
    shown = drawn(rows, scenarios, stage=names, cause=None)
    shown["value"] = shown["value"].clip(lower=0.0)
    stages = tuple(spoken("stage", stage, names) for stage in in_order(shown, "stage"))
    causes = [spoken("cause", cause) for cause in in_order(shown, "cause")]
    return bar_panels(
        shown,
        Rows("stage_words", stages),
        _scenario_panels(shown, scenarios),
        Room(width, stages),
        ("cause_words", causes, ()),
        message("report.axis.share_of_observed"),
        (0, 25, 50, 75, 100),
    )


def years_chart(gap_by_year: pd.DataFrame, scenarios: Scenarios, *, width: int = WIDTH) -> Chart:
    """Draw money supplied and the two gaps over the years, all stages together.

    Parameters
    ----------
    gap_by_year : DataFrame
        The table of that name.
    scenarios, width
        As in `valley_chart`.

    Returns
    -------
    Chart
        A panel a measure, a line a scenario; money a year.
    """
    rows = gap_by_year[(gap_by_year["stage"] == "all") & gap_by_year["measure"].isin(_BY_YEAR)]
    shown = drawn(rows, scenarios, measure=None)
    measures = [spoken("measure", one) for one in _BY_YEAR if one in set(shown["measure"])]
    return line_panels(
        shown,
        Panels("measure_words", measures, share_axis=False, most=3),
        Room(width),
        scenario_colour(scenarios, Room(width)),
        value_axis(message("report.axis.money_a_year"), labelFlush=True),
    )


def _scenario_panels(shown: pd.DataFrame, scenarios: Scenarios) -> Panels:
    """A panel a scenario, those left out that have nothing to show; a single one needs no heading."""
    titles = [title for _, title in scenarios if title in set(shown["title"])]
    return Panels("title" if len(titles) > 1 else "", titles)
