"""Charts of what becomes of ventures, of what investors earn, and of what the public pays."""

from __future__ import annotations

from typing import cast

import altair as alt
import pandas as pd

from finance.language import message
from finance.show.charts_marks import LEAST_PANEL, Panels, Rows, dot_panels, headed, heading_of, year_axis
from finance.show.charts_style import (
    INK,
    PAPER,
    WIDTH,
    Chart,
    Names,
    Room,
    Scenarios,
    drawn,
    drawn_unit,
    in_order,
    panel_header,
    scenario_colour,
    spoken,
    top_legend,
    value_axis,
)

_STEPS = ("entered", "funded", "succeeded")
_STEP_COLOURS = ("#8b9099", "#5568fd", "#ed6e12")
#: Flows of the public accounts, with the sign that they have for the public, and colours.
_FLOWS = {
    "outlay": (-1.0, "#ed6e12"),
    "tax_forgone": (-1.0, "#9588e9"),
    "receipt": (1.0, "#076c92"),
    "tax_received": (1.0, "#54a555"),
}
#: Ticks of counts that reach from less than one venture to hundreds.
_COUNT_TICKS = [0, 1, 10, 100, 1000, 10_000]


def funnel_chart(
    funnel: pd.DataFrame, scenarios: Scenarios, *, names: Names | None = None, width: int = WIDTH
) -> Chart:
    """Draw how many ventures ask, are funded and pass at each stage.

    Parameters
    ----------
    funnel : DataFrame
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
        A panel a scenario, a row a stage; ventures, on a scale that is even in proportions.
    """
    rows = funnel[funnel["measure"].isin(_STEPS) & (funnel["stage"] != "all")]
    shown = drawn(rows, scenarios, stage=names, measure=None)
    stages = tuple(spoken("stage", stage, names) for stage in in_order(shown, "stage"))
    steps = [spoken("measure", one) for one in _STEPS]
    titles = [title for _, title in scenarios if title in set(shown["title"])]
    room = Room(width, stages)
    colour = alt.Color(
        "measure_words:N",
        scale=alt.Scale(domain=steps, range=list(_STEP_COLOURS)),
        legend=top_legend(steps, room, symbolSize=70),
    )
    return dot_panels(
        shown,
        Rows("stage_words", stages),
        Panels("title" if len(titles) > 1 else "", titles),
        room,
        colour,
        scale=_count_scale(),
        axis_title=message("report.axis.ventures"),
        ticks=_count_ticks(shown),
    )


def fates_chart(fates: pd.DataFrame, scenarios: Scenarios, *, width: int = WIDTH) -> Chart:
    """Draw how ventures end, all stages together.

    Parameters
    ----------
    fates : DataFrame
        The table of that name.
    scenarios, width
        As in `funnel_chart`.

    Returns
    -------
    Chart
        A row a fate, a dot a scenario; ventures, on a scale that is even in proportions.
    """
    rows = fates[(fates["stage"] == "all") & (fates["measure"] == "ventures")]
    rows = rows[rows.groupby("fate")["value"].transform("max") > 0.0]
    shown = drawn(rows, scenarios, fate=None)
    labels = tuple(spoken("fate", fate) for fate in in_order(shown, "fate"))
    room = Room(width, labels)
    titles = [title for _, title in scenarios]
    return dot_panels(
        shown,
        Rows("fate_words", labels, "title", titles),
        Panels("", ()),
        room,
        scenario_colour(scenarios, room),
        scale=_count_scale(),
        axis_title=message("report.axis.ventures"),
        ticks=_count_ticks(shown),
    )


def returns_chart(
    returns: pd.DataFrame, scenarios: Scenarios, *, names: Names | None = None, width: int = WIDTH
) -> Chart:
    """Draw what each class of investors earns.

    Parameters
    ----------
    returns : DataFrame
        The table of that name.
    scenarios, width
        As in `funnel_chart`.
    names : mapping of str to str, optional
        What classes are called.

    Returns
    -------
    Chart
        A panel a measure with an axis of its own, a row a class, a dot a scenario.
    """
    shown = drawn(returns, scenarios, measure=None, **{"class": names})
    units = dict(zip(shown["measure"], shown["unit"], strict=True))
    headings = {
        one: message("report.with_unit", name=spoken("measure", one), unit=drawn_unit(units[one])[1])
        for one in in_order(shown, "measure")
    }
    shown["panel"] = shown["measure"].map(headings)
    classes = tuple(spoken("class", name, names) for name in in_order(shown, "class"))
    room = Room(width, classes)
    return dot_panels(
        shown,
        Rows("class_words", classes, "title", [title for _, title in scenarios]),
        Panels("panel", list(headings.values()), share_axis=False),
        room,
        scenario_colour(scenarios, Room(width)),
        scale=alt.Scale(zero=False, nice=True, padding=8),
    )


def accounts_chart(public_accounts: pd.DataFrame, scenarios: Scenarios, *, width: int = WIDTH) -> Chart:
    """Draw what the public pays and gets back, year by year, all instruments together.

    Parameters
    ----------
    public_accounts : DataFrame
        The table of that name.
    scenarios, width
        As in `funnel_chart`.

    Returns
    -------
    Chart
        A panel a scenario; what is paid or forgone below zero, what is received above; money a year.
    """
    rows = public_accounts[public_accounts["measure"].isin(list(_FLOWS))]
    summed = rows.groupby(["scenario", "year", "measure", "unit"], sort=False, as_index=False)["value"].sum()
    shown = drawn(summed.assign(low=float("nan"), high=float("nan")), scenarios, measure=None)
    shown["value"] = shown["value"] * shown["measure"].map({name: sign for name, (sign, _) in _FLOWS.items()})
    present = [one for one in _FLOWS if (shown.loc[shown["measure"] == one, "value"] != 0.0).any()]
    labels = [spoken("measure", one) for one in present]
    titles = [title for _, title in scenarios if title in set(shown["title"])]
    room = Room(width)
    columns = room.columns(len(titles), LEAST_PANEL + 80)
    bars = (
        alt.Chart()
        .mark_bar(stroke=PAPER, strokeWidth=0.4)
        .encode(
            x=alt.X("year:O", axis=_year_ticks(shown), scale=alt.Scale(paddingInner=0.15)),
            y=alt.Y("value:Q", axis=value_axis(message("report.axis.money_a_year"))),
            color=alt.Color(
                "measure_words:N",
                scale=alt.Scale(domain=labels, range=[_FLOWS[one][1] for one in present]),
                legend=top_legend(labels, room),
            ),
            tooltip=["title:N", "year:O", "measure_words:N", alt.Tooltip("value:Q", format=",.4~r")],
        )
    )
    zero = alt.Chart().mark_rule(color=INK).encode(y=alt.datum(0))
    width_each = max(60, (room.width - 66 * columns) // columns)
    panels = Panels("title", titles)
    drawn_rows = headed(shown[shown["measure"].isin(present)], panels, width_each)
    chart = alt.layer(bars, zero, data=drawn_rows).properties(width=width_each, height=150)
    if len(titles) < 2:
        return chart
    facet = alt.Facet("heading:N", sort=[heading_of(title, width_each) for title in titles], header=panel_header())
    return cast("Chart", chart.facet(facet, columns=columns, spacing=20).resolve_axis(x="independent"))


def _year_ticks(shown: pd.DataFrame) -> alt.Axis:
    last = int(shown["year"].max()) if len(shown) else 1
    axis = year_axis()
    return alt.Axis(title=axis.title, values=list(range(5, last + 1, 5)) or [last], labelAngle=0, grid=False)


def _count_scale() -> alt.Scale:
    return alt.Scale(type="symlog", constant=1, nice=False)


def _count_ticks(shown: pd.DataFrame) -> list[int]:
    highest = float(shown["value"].max()) if len(shown) else 1.0
    return [tick for tick in _COUNT_TICKS if tick <= 1.2 * highest]
