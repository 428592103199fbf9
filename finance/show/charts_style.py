"""What all charts have in common: colours, units, names, room, and the grammar of dots, bars and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt
import pandas as pd

from finance.language import current_language, message, message_ids, money_unit

#: Any chart.
Chart = alt.TopLevelMixin
#: (name, title) of each scenario, in order; the first is the baseline.
Scenarios = Sequence[tuple[str, str]]
#: Machine name → what it is called, of stages, classes and instruments.
Names = Mapping[str, str]

#: Grey for the baseline, then eleven hues. Made by a search for the largest distance between any two of them as eyes
#: with full colour vision and those that lack red, green or blue see them (in OKLab; Machado and others, 2009), each
#: with three times the contrast of white paper and of a dark screen (nearly so: 2.86). `test_charts` has the measure.
PALETTE = (
    *("#7a7d85", "#076c92", "#ed6e12", "#8938d0", "#54a555", "#d8122c"),
    *("#9588e9", "#526e2a", "#e163b3", "#5568fd", "#8e4969", "#bc28a4"),
)
#: What was supplied, what was asked for in vain, what was never asked for.
SUPPLIED, OBSERVED, LATENT = "#076c92", "#ed6e12", "#8b9099"
#: Text and lines of no colour of their own: to be read on white and on black.
INK = "#797e87"
#: Hairlines between the parts of a stacked bar.
PAPER = "#ffffff"

#: Room in pixels that a chart takes unless told otherwise.
WIDTH = 760
#: Below this a chart has one panel a row and narrow labels.
NARROW = 480
FONT_SIZE = 12
#: Pixels that a tick needs for its label.
_TICK = 46

#: What a value is multiplied with to be drawn; money and the rest are seen to in `drawn_unit`.
_PERCENT = frozenset({"share", "rate a year"})


def colours(scenarios: Scenarios) -> dict[str, str]:
    """Give each scenario its colour, the same in all charts.

    Parameters
    ----------
    scenarios : sequence of (name, title)
        The baseline first.

    Returns
    -------
    dict of str to str
        Name → ``#rrggbb``. Twelve differ; further ones begin again behind the baseline's.
    """
    hues = PALETTE[1:]
    return {name: PALETTE[0] if k == 0 else hues[(k - 1) % len(hues)] for k, (name, _) in enumerate(scenarios)}


def category_colours(labels: Sequence[str]) -> list[str]:
    """Return colours for things that are no scenarios, in order; the grey comes last."""
    turned = (*PALETTE[1:], PALETTE[0])
    return [turned[k % len(turned)] for k in range(len(labels))]


def spoken(kind: str, label: str, names: Names | None = None, *, inside: bool = False) -> str:
    """Return what a label of a table is called.

    Parameters
    ----------
    kind : str
        Its dimension, or ``"measure"``.
    label : str
        Machine name.
    names : mapping of str to str, optional
        Titles that scenarios give to their stages, classes and instruments.
    inside : bool
        Whether it stands inside a sentence, so that it needs no capital.

    Returns
    -------
    str
        The title, else the catalogue's words, else the machine name with blanks for underscores.
    """
    text = _spoken(kind, label, names)
    # Causes and fates are written to stand inside a sentence.
    return text if inside else text[:1].upper() + text[1:]


def _spoken(kind: str, label: str, names: Names | None) -> str:
    if label == "all" and kind != "tier":  # tiers have a word of their own for the whole programme
        return message("report.all")
    if names is not None and label in names:
        return names[label]
    known = message_ids(current_language())
    areas = {"measure": ("report.measure", "show.measure", "show.column"), "cause": ("study.cause",)}
    for area in (*areas.get(kind, ()), f"report.{kind}", f"show.{kind}"):
        if f"{area}.{label}" in known:
            return message(f"{area}.{label}")
    return label.replace("_", " ")


def drawn_unit(unit: str, *, is_difference: bool = False) -> tuple[float, str]:
    """Return the factor that brings values into the unit in which they are drawn, and what that unit is called."""
    if unit in _PERCENT:
        return 100.0, message("report.unit.points" if is_difference else "report.unit.percent")
    if unit == "CNY million":
        return 1.0 / money_unit(), message("report.unit.money")
    known = f"report.unit.{unit.replace(' ', '_')}"
    return 1.0, message(known) if known in message_ids(current_language()) else unit


def drawn(frame: pd.DataFrame, scenarios: Scenarios, **kinds: Names | None) -> pd.DataFrame:
    """Turn rows of a tidy table into what is drawn.

    Parameters
    ----------
    frame : DataFrame
        Rows; those of other scenarios are dropped.
    scenarios : sequence of (name, title)
        In the order in which they are shown.
    **kinds
        Dimension → names for it; ``measure`` may be one.

    Returns
    -------
    DataFrame
        With ``value``, ``low``, ``high`` in the unit of the language, ``title`` of the scenario, and for each
        kind a column of words named after it with ``_words`` behind. Rows without a value are left out.
    """
    titles = dict(scenarios)
    rows = frame[frame["scenario"].isin(list(titles)) & frame["value"].notna()].copy()
    is_difference = "baseline" in rows.columns
    factors = rows["unit"].map(lambda unit: drawn_unit(unit, is_difference=is_difference)[0]).astype("float64")
    for column in ("value", "low", "high"):
        rows[column] = rows[column].astype("float64") * factors
    rows["title"] = rows["scenario"].map(titles)
    for kind, names in kinds.items():
        rows[f"{kind}_words"] = [spoken(kind, str(label), names) for label in rows[kind]]
    kept = [name for name in rows.columns if rows[name].notna().any() or name in ("low", "high")]
    return rows[kept]


def in_order(frame: pd.DataFrame, column: str) -> list[str]:
    """Return the labels of a column, each once, in the order of the table; the total goes last."""
    labels = list(dict.fromkeys(frame[column].dropna().astype(str)))
    return sorted(labels, key=lambda label: label == "all")


@dataclass(frozen=True)
class Room:
    """How a width is shared between labels and panels.

    Attributes
    ----------
    width : int
        Pixels for all of the chart.
    labels : tuple of str
        What stands left of the leftmost panel.
    """

    width: int
    labels: tuple[str, ...] = ()

    @property
    def is_narrow(self) -> bool:
        """Whether there is room for one panel a row only."""
        return self.width < NARROW

    @property
    def label_width(self) -> int:
        """Pixels for the labels: what the longest needs, but no more than a third of the width."""
        return min(max((_text_width(label) for label in self.labels), default=0), self.width // 3)

    def wrapped(self, label: str) -> str:
        """Break a label into lines that fit `label_width`."""
        return wrapped(label, self.label_width)

    def columns(self, panels: int, least: int) -> int:
        """Return how many panels stand side by side: as even as it gets, each at least so many pixels wide."""
        fitting = max(1, (self.width - self.label_width) // least)
        if self.is_narrow or panels <= 1:
            return 1
        rows = -(-panels // min(fitting, panels))
        return -(-panels // rows)

    def panel(self, columns: int, gap: int = 24) -> int:
        """Return the width of one of so many panels side by side."""
        # Axis ticks, padding and half a tick label beyond the last tick.
        spare = self.width - self.label_width - 34 - gap * (columns - 1)
        return max(60, spare // columns)


def wrapped(text: str, width: int) -> str:
    """Break a text into lines of so many pixels: between words, and anywhere between Chinese characters."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _text_width((lines[-1] + piece).rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for character in text:
        is_wide = _is_wide(character)
        # A closing mark stays with what it closes.
        if pieces[-1] and character not in "，。、；：）》”" and (is_wide or _is_wide(pieces[-1][-1])):
            pieces.append("")
        pieces[-1] += character
        if character in " -":
            pieces.append("")
    return [piece for piece in pieces if piece]


def _is_wide(character: str) -> bool:
    return ord(character) >= 0x2E80


def _text_width(text: str, size: float = FONT_SIZE) -> int:
    """Estimate pixels on the wide side: which face draws the text is known only where it is read.

    A Chinese character is as wide as high, another up to three fifths of that.
    """
    return round(sum(size if _is_wide(one) else 0.6 * size for one in text)) + 1


def lines_of(expression: str = "datum.label") -> str:
    """Return the expression that shows a label with line breaks in it as several lines."""
    return f"split({expression}, '\\n')"


def row_axis(**options: Any) -> alt.Axis:
    """Return the axis of a chart whose rows are things with names."""
    # Vega centres the first line of a label on its row; several lines have to be lifted.
    lines = f"length({lines_of()})"
    lifted = [{"test": f"{lines} == {n}", "value": -7 * (n - 1)} for n in (2, 3, 4)]
    return alt.Axis(
        title=None, labelExpr=lines_of(), labelLimit=0, ticks=False, domain=False, labelPadding=8,
        labelOffset=cast("Any", {"condition": lifted, "value": 0}), **options,
    )  # fmt: skip


def value_axis(title: str = "", width: int = 0, ticks: Sequence[float] = (), **options: Any) -> alt.Axis:
    """Return the axis of values, with a light grid and as many ticks as its width in pixels has room for."""
    given = {"values": list(ticks)} if ticks else {"tickCount": max(2, min(5, width // _TICK)) if width else 5}
    return alt.Axis(
        title=title or None, format=",.4~r", grid=True, domain=False, labelOverlap=True, titlePadding=6,
        **given, **options,
    )  # fmt: skip


def panel_header() -> alt.Header:
    """Return the headings of panels; their lines are broken already."""
    return alt.Header(
        title=None, labelExpr=lines_of(), labelLimit=0, labelAnchor="start", labelFontWeight="bold", labelPadding=6
    )


def scenario_colour(scenarios: Scenarios, room: Room, *, legend: bool = True) -> alt.Color:
    """Return the colour of scenarios by title, with a legend above the chart where one is wanted."""
    chosen = colours(scenarios)
    titles = [title for _, title in scenarios]
    return alt.Color(
        "title:N",
        scale=alt.Scale(domain=titles, range=[chosen[name] for name, _ in scenarios]),
        legend=top_legend(titles, room) if legend else None,
    )


def top_legend(labels: Sequence[str], room: Room, **options: Any) -> alt.Legend:
    """Return a legend above the chart, in as many columns as have room."""
    entries = [_text_width(label) + 40 for label in labels] or [60]
    # In one row each entry is as wide as it is; in several, columns are as wide as their widest.
    columns = len(entries) if sum(entries) <= room.width else max(1, room.width // max(entries))
    return alt.Legend(
        title=None, orient="top", direction="horizontal", columns=columns,
        labelLimit=room.width - 30, symbolType="square", symbolStrokeWidth=0, symbolOpacity=1,
        columnPadding=14 + max(entries) // 8, **options,
    )  # fmt: skip
