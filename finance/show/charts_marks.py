"""The three kinds of charts: panels of dots with intervals, of stacked bars, of lines with bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt
import pandas as pd

from finance.language import message
from finance.show.charts_style import (
    FONT_SIZE,
    INK,
    PAPER,
    Chart,
    Room,
    category_colours,
    panel_header,
    row_axis,
    top_legend,
    value_axis,
    wrapped,
)

#: Height of a line of text, and of a row besides its text.
_LINE, _ROW_SPACE = 14, 9
#: Between panels side by side, and one below the other: the axis of the upper, the heading of the lower.
_GAP, _BELOW = 24, 76
#: Narrower, a panel of dots or bars cannot be read.
LEAST_PANEL = 150
_IS_INTERVAL = "isValid(datum.low) && isValid(datum.high)"


@dataclass(frozen=True)
class Panels:
    """Small charts of one kind side by side.

    Attributes
    ----------
    column : str
        Of the frame, with the headings of the panels; empty for a single panel without one.
    order : sequence of str
        The headings.
    share_axis : bool
        Whether all have the same axis of values.
    most : int
        Panels side by side at most; 0 for as many as have room.
    """

    column: str
    order: Sequence[str]
    share_axis: bool = True
    most: int = 0


@dataclass(frozen=True)
class Rows:
    """The rows of a panel.

    Attributes
    ----------
    column : str
        Of the frame, with the names of the rows.
    order : sequence of str
        From top to bottom.
    offset : str
        Column that puts several dots into a row, one below the other; empty for one dot.
    offsets : sequence of str
        Its labels, from top to bottom.
    """

    column: str
    order: Sequence[str]
    offset: str = ""
    offsets: Sequence[str] = ()


def row_height(room: Room, rows: Rows) -> int:
    """Return the pixels of a row: room for its lines of text, and for its dots."""
    lines = max((room.wrapped(label).count("\n") + 1 for label in rows.order), default=1)
    return max(lines * _LINE + _ROW_SPACE, 8 * len(rows.offsets) + 6)


def dot_panels(
    frame: pd.DataFrame,
    rows: Rows,
    panels: Panels,
    room: Room,
    colour: alt.Color,
    *,
    scale: alt.Scale,
    axis_title: str = "",
    ticks: Sequence[float] = (),
    written: bool = False,
    zero_line: bool = False,
) -> Chart:
    """Draw a dot with its interval for each value.

    Parameters
    ----------
    frame : DataFrame
        ``value``, ``low``, ``high``, and the columns that rows, panels and colour name. With a column ``is_clear``,
        dots are hollow where it is false. With a column ``text``, it is written beside the dots.
    rows, panels, room
        What stands where.
    colour : alt.Color
        Of dots and intervals.
    scale, axis_title, ticks
        Of the axis of values; ticks are chosen to fit, if none are given.
    written : bool
        Whether the values are written beside the dots.
    zero_line : bool
        Whether zero is marked.

    Returns
    -------
    Chart
    """
    shown = _wrapped_rows(frame, rows, room)
    order = [room.wrapped(label) for label in rows.order]
    columns = 1 if room.is_narrow else panels.most or room.columns(len(panels.order), LEAST_PANEL)
    width = room.panel(columns)
    axis = value_axis(axis_title, width, ticks)
    x = alt.X("value:Q", scale=scale, axis=axis)
    # Several dots a row need lines between the rows.
    lines = {"grid": True, "tickBand": "extent"} if rows.offset else {}
    y = alt.Y("row:N", sort=order, axis=row_axis(**lines), scale=alt.Scale(domain=order))
    place: dict[str, Any] = {"y": y}
    if rows.offset:
        place["yOffset"] = alt.YOffset(f"{rows.offset}:N", sort=list(rows.offsets), scale=alt.Scale(paddingOuter=0.25))
    interval = (
        alt.Chart()
        .transform_filter(_IS_INTERVAL)
        .mark_rule(strokeWidth=2.5, strokeCap="round")
        .encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=colour, **place)
    )
    layers: list[alt.Chart] = [interval, *_points(frame, x, place, colour)]
    if written:
        layers.append(
            alt.Chart()
            .mark_text(align="left", dx=9, color=INK, fontSize=FONT_SIZE - 1)
            .encode(x=x, text="text:N", **place)
        )
    if zero_line:
        layers.insert(0, alt.Chart().mark_rule(color=INK, strokeDash=[3, 3]).encode(x=alt.datum(0)))
    chart = alt.layer(*layers, data=headed(shown, panels, width)).properties(
        width=width, height=row_height(room, rows) * len(rows.order)
    )
    return _faceted(chart, panels, columns, width, has_title=bool(axis_title))


def bar_panels(
    frame: pd.DataFrame,
    rows: Rows,
    panels: Panels,
    room: Room,
    parts: tuple[str, Sequence[str], Sequence[str]],
    axis_title: str,
    ticks: Sequence[float] = (),
) -> Chart:
    """Draw bars of stacked parts.

    Parameters
    ----------
    frame : DataFrame
        ``value``, and the columns that rows, panels and parts name.
    rows, panels, room
        What stands where.
    parts : tuple of (str, sequence of str, sequence of str)
        Column of the parts, their labels from the axis outwards, and their colours (none: one hue each).
    axis_title, ticks
        As in `dot_panels`.

    Returns
    -------
    Chart
    """
    column, labels, hues = parts
    shown = _wrapped_rows(frame, rows, room)
    shown["part_order"] = shown[column].map({label: place for place, label in enumerate(labels)})
    order = [room.wrapped(label) for label in rows.order]
    columns = 1 if room.is_narrow else panels.most or room.columns(len(panels.order), LEAST_PANEL)
    height = max(20, row_height(room, rows) - 2)
    width = room.panel(columns)
    chart = (
        alt.Chart(headed(shown, panels, width))
        .mark_bar(stroke=PAPER, strokeWidth=0.5, height=alt.RelativeBandSize(0.78))
        .encode(
            x=alt.X("value:Q", stack="zero", axis=value_axis(axis_title, width, ticks)),
            y=alt.Y("row:N", sort=order, axis=row_axis(), scale=alt.Scale(domain=order)),
            color=alt.Color(
                f"{column}:N",
                scale=alt.Scale(domain=list(labels), range=list(hues or category_colours(labels))),
                legend=top_legend(labels, room),
            ),
            order=alt.Order("part_order:Q"),
            tooltip=_tooltips(panels, rows.column, column, is_interval="low" in shown),
        )
        .properties(width=width, height=height * len(order))
    )
    return _faceted(chart, panels, columns, width)


def line_panels(
    frame: pd.DataFrame, panels: Panels, room: Room, colour: alt.Color, axis: alt.Axis, height: int = 190
) -> Chart:
    """Draw values by year, with a band for their interval.

    Parameters
    ----------
    frame : DataFrame
        ``year``, ``value``, ``low``, ``high`` and the columns that panels and colour name.
    panels, room
        What stands where.
    colour : alt.Color
        Of lines and bands.
    axis : alt.Axis
        Of the values.
    height : int
        Of a panel, pixels.

    Returns
    -------
    Chart
    """
    years = alt.X("year:Q", axis=year_axis(), scale=alt.Scale(nice=False, zero=False))
    band = (
        alt.Chart()
        .transform_filter(_IS_INTERVAL)
        .mark_area(opacity=0.22)
        .encode(x=years, y=alt.Y("low:Q", axis=axis), y2="high:Q", color=colour)
    )
    line = (
        alt.Chart()
        .mark_line(strokeWidth=2)
        .encode(x=years, y=alt.Y("value:Q", axis=axis), color=colour, tooltip=_tooltips(panels, "title", "year"))
    )
    columns = 1 if room.is_narrow else panels.most or room.columns(len(panels.order), LEAST_PANEL)
    # Each panel has an axis of its own, as wide as its numbers.
    width = max(60, (room.width - 66 * columns) // columns)
    chart = alt.layer(band, line, data=headed(frame, panels, width)).properties(width=width, height=height)
    faceted = _faceted(chart, panels, columns, width, has_own_axes=True)
    # The panels of a faceted chart share their scales unless told otherwise.
    return faceted if panels.share_axis else cast("Any", faceted).resolve_scale(x="shared", y="independent")


def year_axis() -> alt.Axis:
    """Return the axis of years after the levers switch on."""
    return alt.Axis(
        title=message("report.axis.year"), format="d", tickMinStep=1, tickCount=6, grid=False, titlePadding=6
    )


def headed(frame: pd.DataFrame, panels: Panels, width: int) -> pd.DataFrame:
    """Return the frame with the ``heading`` of each row's panel, broken into lines that fit the panel."""
    if not panels.column:
        return frame
    return frame.assign(heading=[heading_of(str(label), width) for label in frame[panels.column]])


def heading_of(label: str, width: int) -> str:
    """Break the heading of a panel into lines. It is bold, so wider than it is taken for."""
    return wrapped(label, round(0.9 * (width + _GAP // 2)))


def _points(frame: pd.DataFrame, x: alt.X, place: dict[str, Any], colour: alt.Color) -> list[alt.Chart]:
    tooltip = [alt.Tooltip(f"{name}:N") for name in ("title",) if name in frame]
    tooltip += [alt.Tooltip(f"{name}:Q", format=",.4~r") for name in ("value", "low", "high") if name in frame]
    full = alt.Chart().mark_point(filled=True, size=62, opacity=1).encode(x=x, color=colour, tooltip=tooltip, **place)
    if "is_clear" not in frame or frame["is_clear"].all():
        return [full]
    hollow = (
        alt.Chart()
        .transform_filter("!datum.is_clear")
        .mark_point(filled=False, fill=PAPER, size=62, strokeWidth=2, opacity=1)
        .encode(x=x, color=colour, tooltip=tooltip, **place)
    )
    return [full.transform_filter("datum.is_clear"), hollow]


def _tooltips(panels: Panels, *columns: str, is_interval: bool = True) -> list[alt.Tooltip]:
    named = [name for name in (panels.column, *columns) if name]
    numbers = ("value", "low", "high") if is_interval else ("value",)
    return [alt.Tooltip(f"{name}:N") for name in dict.fromkeys(named)] + [
        alt.Tooltip(f"{name}:Q", format=",.4~r") for name in numbers
    ]


def _wrapped_rows(frame: pd.DataFrame, rows: Rows, room: Room) -> pd.DataFrame:
    shown = frame[frame[rows.column].isin(list(rows.order))].copy()
    shown["row"] = [room.wrapped(str(label)) for label in shown[rows.column]]
    return shown


def _faceted(
    chart: Any,  # Altair's own types do not follow a chart through its methods
    panels: Panels,
    columns: int,
    panel: int,
    *,
    has_title: bool = True,
    has_own_axes: bool = False,
) -> Chart:
    if not panels.column:
        return cast("Chart", chart)
    headings = [heading_of(label, panel) for label in panels.order]
    facet = alt.Facet("heading:N", sort=headings, header=panel_header())
    if has_own_axes:
        apart = chart.facet(facet, columns=columns, spacing=16).resolve_axis(x="independent", y="independent")
        return cast("Chart", apart)
    # Flush: a tick label that sticks out must not push its panel's heading out of line with its neighbours'.
    lines = max((label.count("\n") for label in headings), default=0)
    row = (_BELOW if has_title else _BELOW - 18) + _LINE * lines
    spacing = alt.RowColnumber(row=row, column=_GAP)
    faceted = chart.facet(facet, columns=columns, spacing=spacing, bounds="flush").resolve_axis(x="independent")
    return cast("Chart", faceted if panels.share_axis else faceted.resolve_scale(x="independent", y="shared"))
