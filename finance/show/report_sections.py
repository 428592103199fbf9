"""What a report has to say, section by section: figures, tables and notes, ready for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from finance.language import format_share, message
from finance.show import charts
from finance.show.charts_style import Names
from finance.show.charts_svg import svg
from finance.show.grid import Grid
from finance.show.report_ranking import ranking
from finance.show.report_run import ReportedRun
from finance.show.report_tables import (
    assumptions_table,
    by_measure,
    causes_table,
    change_table,
    differences_table,
    equilibrium_table,
    headline_table,
    plain_table,
    sums_table,
    titles_of,
    words_of,
)
from finance.study.starts import other_ends

#: Pixels for which a figure is drawn: for a page that is wide, and for a telephone.
WIDE, NARROW = 820, 335

_BY_STAGE = (
    *("asked", "supplied", "observed_gap", "latent_gap", "total_gap", "gap_ratio"),
    *("coverage", "conditional_coverage", "coverage_rounds", "crowding", "price_over_floor"),
)
_READING = {
    "headline": ("coverage",),
    "differences": ("versus",),
    "valley": ("gap",),
    "causes": ("causes",),
    "returns": ("returns",),
    "accounts": ("cost",),
}


@dataclass(frozen=True)
class Figure:
    """A chart drawn twice, with its title, what one has to know to read it, and what it shows in words."""

    name: str
    title: str
    note: str
    alt: str
    wide: str
    narrow: str


@dataclass
class Section:
    """A part of the page.

    Attributes
    ----------
    name, title : str
        Its anchor and heading.
    lead : list of str
        Paragraphs above the figure.
    figures : list of Figure
        Charts.
    tables : list of Grid
        Folded, unless ``is_open``.
    notes : list of str
        Paragraphs at the end.
    is_open : bool
        Whether its tables are there to be read at once.
    """

    name: str
    title: str
    lead: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_open: bool = False


def sections(run: ReportedRun) -> list[Section]:
    """Lay out all sections for which the run has a table, but inputs, method and provenance.

    Parameters
    ----------
    run : ReportedRun
        What is reported.

    Returns
    -------
    list of Section
        In the order in which they are read.
    """
    found = []
    for name, table, fill in _FILLED:
        if run.tables.get(table) is None or run.tables[table].empty:
            continue
        section = Section(name, message(f"report.section.{name}"))
        section.figures += _figures(run, name)
        fill(run, section)
        section.tables = [grid for grid in section.tables if grid.labels and grid.columns]
        section.notes += [message(f"show.reading.{one}") for one in _READING.get(name, ())]
        found.append(section)
    return found


def _headline(run: ReportedRun, section: Section) -> None:
    section.tables = [headline_table(run)]
    section.is_open = True


def _differences(run: ReportedRun, section: Section) -> None:
    section.lead = ranking(run)
    section.tables = [differences_table(run)]
    section.is_open = True


def _valley(run: ReportedRun, section: Section) -> None:
    section.tables = [by_measure(run, "gap_by_stage", "stage", _BY_STAGE)]
    if "gap_change" in run.tables:
        section.tables.append(change_table(run))


def _causes(run: ReportedRun, section: Section) -> None:
    orders = list(dict.fromkeys(run.tables["gap_causes"]["order"].astype(str)))
    section.tables = [causes_table(run, order) for order in orders]


def _years(run: ReportedRun, section: Section) -> None:
    section.tables = [by_measure(run, "gap_by_year", "year", stage="all")]


def _funnel(run: ReportedRun, section: Section) -> None:
    section.tables = [by_measure(run, "funnel", "stage")]


def _fates(run: ReportedRun, section: Section) -> None:
    grid = by_measure(run, "fates", "fate", stage="all")
    grid.sections = {}  # one measure alone, which the title names
    section.tables = [grid]


def _returns(run: ReportedRun, section: Section) -> None:
    section.tables = [by_measure(run, "returns", "class")]
    if "capital" in run.tables:
        section.tables.append(sums_table(run, "capital", "class"))


def _accounts(run: ReportedRun, section: Section) -> None:
    section.tables = [sums_table(run, "public_accounts", "instrument")]
    if "credit" in run.tables and (run.tables["credit"]["measure"] == "loss_share").any():
        section.tables.append(plain_table(run, "credit"))


def _leverage(run: ReportedRun, section: Section) -> None:
    section.tables = [by_measure(run, "leverage", "tier")]
    section.is_open = True


def _indices(run: ReportedRun, section: Section) -> None:
    section.tables = [by_measure(run, "indices", "index")]
    if "public_risk" in run.tables:
        section.tables.append(plain_table(run, "public_risk"))


def _equilibrium(run: ReportedRun, section: Section) -> None:
    for name, title in titles_of(run):
        for end in other_ends(run.tables, name):
            kind = "settled" if end.is_settled else "unsettled"
            ratios = {"ratio": format_share(end.gap_ratio.value), "own": format_share(end.own_gap_ratio.value)}
            start = message(f"show.start.{end.start}")
            section.lead.append(message(f"report.equilibrium.{kind}", name=title, start=start, **ratios))
    section.lead = section.lead or [message("report.equilibrium.one")]
    section.tables = [equilibrium_table(run)]


#: Name of a section, the table that it rests on, and what fills it.
_FILLED: tuple[tuple[str, str, Callable[[ReportedRun, Section], None]], ...] = (
    ("headline", "headline", _headline),
    ("differences", "differences", _differences),
    ("valley", "gap_by_stage", _valley),
    ("causes", "gap_causes", _causes),
    ("years", "gap_by_year", _years),
    ("funnel", "funnel", _funnel),
    ("fates", "fates", _fates),
    ("returns", "returns", _returns),
    ("accounts", "public_accounts", _accounts),
    ("leverage", "leverage", _leverage),
    ("indices", "indices", _indices),
    ("equilibrium", "equilibrium", _equilibrium),
)


def assumptions_section(run: ReportedRun) -> Section:
    """Lay out how much of the inputs is assumed."""
    section = Section("inputs", message("report.section.inputs"), is_open=True)
    section.tables = [assumptions_table(run)]
    return section


def _figures(run: ReportedRun, name: str) -> Iterator[Figure]:
    """The chart of a section, if it has one."""
    if name not in charts.CHARTS:
        return
    frame, scenarios, words = run.tables[charts.CHARTS[name]], titles_of(run), words_of(run)
    kind = _NAMED.get(name)
    named: dict[str, Names] = {"names": words[kind]} if kind else {}
    draw = _DRAWN[name]
    wide, narrow = (svg(draw(frame, scenarios, width=width, **named), f"{name}-{width}") for width in (WIDE, NARROW))
    alt = charts.alt_text(name, frame, scenarios, names=named.get("names"))
    yield Figure(name, charts.chart_title(name), charts.chart_note(name), alt, wide, narrow)


#: Charts whose rows are stages or classes.
_NAMED = {"valley": "stage", "causes": "stage", "funnel": "stage", "returns": "class"}
_DRAWN: dict[str, Callable[..., charts.Chart]] = {
    "headline": charts.headline_chart,
    "differences": charts.differences_chart,
    "valley": charts.valley_chart,
    "causes": charts.causes_chart,
    "years": charts.years_chart,
    "funnel": charts.funnel_chart,
    "fates": charts.fates_chart,
    "returns": charts.returns_chart,
    "accounts": charts.accounts_chart,
}
