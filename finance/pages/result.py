"""A kept run on the page: what it says in plain sentences, the pictures of the report, the tables behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from finance.language import current_language, format_date, format_number, message
from finance.pages import session, viewport
from finance.pages.asking import again
from finance.pages.kept import Shown, is_current, wish_of
from finance.pages.settings import SETTINGS
from finance.pages.words import message_or, plain
from finance.show.cells import difference, level
from finance.study.sentence import sentences
from finance.study.values import value_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Section:
    """A picture and the table behind it.

    Attributes
    ----------
    name : str
        Of the picture: its function is ``show.charts.<name>_chart``.
    table : str
        Of the result.
    view : str
        Under which it stands.
    has_names : bool
        Whether it says stages, classes or instruments.
    rows : mapping of str to tuple of str
        Labels of the rows that its table shows; everything, if empty.
    """

    name: str
    table: str
    view: str
    has_names: bool = False
    rows: Mapping[str, tuple[str, ...]] | None = None


SECTIONS = (
    Section("headline", "headline", "answer"),
    Section("differences", "differences", "answer", rows={"table": ("headline",)}),
    Section("valley", "gap_by_stage", "valley", has_names=True),
    Section("causes", "gap_causes", "valley", has_names=True),
    Section("years", "gap_by_year", "valley", rows={"stage": ("all",)}),
    Section("funnel", "funnel", "ventures", has_names=True),
    Section("fates", "fates", "ventures", rows={"stage": ("all",)}),
    Section("accounts", "public_accounts", "money"),
    Section("returns", "returns", "money", has_names=True),
)

#: Headline figures side by side, at most.
_TILES_A_ROW = 5

#: Rows of a table that are shown without scrolling in it.
_ROWS_AT_ONCE = 40

_KINDS = {
    "report": "text/html",
    "workbook": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
    "json": "application/json",
}


def draw(shown: Shown) -> None:
    """Draw a kept run."""
    titles, names = shown.titles(), shown.names()
    above = st.container()
    view = _view_choice()
    with above:
        _facts(shown)
    if view == "tables":
        _all_tables(shown, titles, names)
        return
    if view == "answer":
        _tiles(shown, titles)
        _sentences(shown, titles, names)
    _paper_and_ink()
    present = [one for one in SECTIONS if one.view == view and _has_rows(shown, one.table)]
    if not present and view != "answer":
        st.info(message("pages.nothing_here"))
    for section in present:
        _section(section, shown, titles, names)


def _paper_and_ink() -> None:
    """Let the charts have the page's own paper and ink: they know white, and a grey that is read on either."""
    from finance.show.charts_style import INK, PAPER

    paper = SETTINGS[f"theme.{st.context.theme.type or 'light'}.backgroundColor"]
    chart = '[data-testid="stVegaLiteChart"] svg'
    rules = {
        f'{chart} text[fill="{INK}"]': "fill: currentColor",
        f'{chart} [fill="{PAPER}"], {chart} [fill="white"]': f"fill: {paper}",
        f'{chart} [stroke="{PAPER}"], {chart} [stroke="white"]': f"stroke: {paper}",
    }
    st.html(f"<style>{' '.join(f'{what} {{ {how} }}' for what, how in rules.items())}</style>")


def _facts(shown: Shown) -> None:
    """Say which run it is, and give the link to it and what to type for it."""
    manifest = shown.manifest
    made = datetime.fromisoformat(manifest.created)
    values = {
        "run": manifest.run,
        "date": format_date(made.date()),
        "paths": format_number(_whole(manifest.determinants.get("paths"))),
        "seed": str(manifest.determinants.get("seed", "–")),
    }
    if not is_current(manifest):
        st.warning(message("pages.older_model"), icon=":material/history:")
    elif not shown.read.is_as_run:
        st.warning(message("report.page.not_as_run"), icon=":material/history:")
    with st.container(horizontal=True, vertical_alignment="center", key="facts"):
        st.caption(message("pages.facts", **values), width="stretch")
        text, language = _again(shown)
        with st.popover(message("pages.take_away"), icon=":material/download:", key="take_away"):
            _downloads(shown, text if language == "bash" else "")
        with st.popover(message("pages.link"), icon=":material/link:", key="link"):
            st.caption(message("pages.link_help"))
            st.code(session.page_link(), language=None, wrap_lines=True)
        with st.popover(message("pages.again"), icon=":material/terminal:", key="again"):
            st.caption(message(f"pages.again_help.{language}"))
            st.code(text, language=language, wrap_lines=True)


def _downloads(shown: Shown, command: str) -> None:
    """Offer the run as files; each is made when it is asked for."""
    from finance.pages.takeaway import as_json, report, workbook, zipped

    language, run = current_language(), shown.run
    files: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "report": (f"{run}.{language}.html", lambda: report(shown, command, language)),
        "workbook": (f"{run}.xlsx", lambda: workbook(shown, command, language)),
        "csv": (f"{run}.zip", lambda: zipped(shown.tables)),
        "json": (f"{run}.json", lambda: as_json(shown)),
    }
    for name, (file, content) in files.items():
        st.download_button(
            message(f"pages.download.{name}"),
            content,
            file_name=file,
            mime=_KINDS[name],
            on_click="ignore",
            key=f"download_{name}",
            type="tertiary",
        )
    st.caption(message("pages.download_help"))


def _again(shown: Shown) -> tuple[str, str]:
    from finance.pages import shelf
    from finance.scenario import ScenarioError

    wish = wish_of(shown.manifest)
    try:
        return again(wish, [shelf.scenario(choice) for choice in wish.in_order()])
    except ScenarioError as error:
        return error.text(), "bash"


def _tiles(shown: Shown, titles: Mapping[str, str]) -> None:
    """Draw the headline of each scenario, with its change."""
    headline, changes = shown.tables.get("headline"), shown.tables.get("differences")
    rows = -(-len(titles) // _TILES_A_ROW)
    with st.grid(-(-len(titles) // rows), min_column_width=160, gap="small", key="tiles"):
        for name in titles:
            value = value_of(headline, scenario=name, measure="coverage")
            if value is None:
                continue
            cell = level("coverage", value)
            change = value_of(changes, scenario=name, table="headline", measure="coverage")
            delta = None if change is None else difference("coverage", change)
            st.metric(
                titles[name],
                cell.number,
                delta=None if delta is None else f"{delta.number} {delta.margin}",
                delta_color="off" if delta is None or delta.mark else "normal",
                border=True,
                height="stretch",
                help=message("pages.tile_help", margin=cell.margin or "–"),
            )
    st.caption(message("pages.tiles_caption"))


def _sentences(shown: Shown, titles: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Say the plain sentences, each with the colour of its scenario."""
    spoken = sentences(
        shown.tables, titles, shown.baseline.name, scenario_names=titles, stage_names=names,
    )  # fmt: skip
    hues = _colours(shown, titles)
    items = [
        f'<p class="pc-sentence" style="border-color:{hues.get(name, "#888888")}">{escape(text)}</p>'
        for name, text in spoken.items()
    ]
    with st.container(key="sentences"):
        st.html("".join(items))


def _view_choice() -> str:
    state = st.session_state
    chosen = st.segmented_control(
        message("pages.view"),
        session.VIEWS,
        default=state.get("view", session.VIEWS[0]),
        key=session.key("view"),
        format_func=lambda view: message(f"pages.view.{view}"),
        required=True,
        label_visibility="collapsed",
    )
    state["view"] = chosen or session.VIEWS[0]
    return str(state["view"])


def _section(section: Section, shown: Shown, titles: Mapping[str, str], names: Mapping[str, str]) -> None:
    _section_fragment(section, shown, titles, names, viewport.width())


@st.fragment
def _section_fragment(
    section: Section, shown: Shown, titles: Mapping[str, str], names: Mapping[str, str], width: int
) -> None:
    """Draw a picture or its table; a click on one of the two draws nothing else again."""
    session.speak()
    with st.container(key=f"section_{section.name}"):
        from finance.show.charts import chart_note, chart_title

        st.subheader(chart_title(section.name), anchor=section.name)
        st.caption(plain(chart_note(section.name)))
        labels = [message("pages.picture"), message("pages.table")]
        picture, table = st.tabs(labels, on_change="rerun", key=f"tabs_{section.name}_{current_language()}")
        if not table.open:
            with picture:
                _picture(section, shown, titles, names, width)
        else:
            with table:
                _table(section.name, section.table, shown, titles, names, section.rows)


def _picture(section: Section, shown: Shown, titles: Mapping[str, str], names: Mapping[str, str], width: int) -> None:
    from finance.show import charts

    draw_chart: Callable[..., Any] = getattr(charts, f"{section.name}_chart")
    frame = shown.tables[section.table]
    scenarios = list(titles.items())
    options: dict[str, Any] = {"width": width, **({"names": names} if section.has_names else {})}
    # Streamlit would else squeeze a chart of one panel, axes and legend included, into the width of the panel.
    chart = draw_chart(frame, scenarios, **options).properties(autosize="pad")
    alt = charts.alt_text(section.name, frame, scenarios, names=names)
    st.altair_chart(chart, width="content", theme=None, alt=alt, key=f"chart_{section.name}_{width}")


def _table(
    name: str,
    table: str,
    shown: Shown,
    titles: Mapping[str, str],
    names: Mapping[str, str],
    rows: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    from finance.pages.frames import readable, rows_of
    from finance.pages.takeaway import csv

    frame = shown.tables[table]
    read = readable(rows_of(frame, rows or {}), titles, names)
    own = {title: st.column_config.TextColumn(alignment="right") for title in titles.values()}
    st.dataframe(read, hide_index=True, column_config=own, height="auto" if len(read) > _ROWS_AT_ONCE else "content")
    st.download_button(
        message("pages.download_csv"),
        lambda: csv(frame),
        file_name=f"{shown.run}-{table}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"download_{name}",
    )


def _all_tables(shown: Shown, titles: Mapping[str, str], names: Mapping[str, str]) -> None:
    present = [name for name in shown.tables if _has_rows(shown, name)]
    table = st.selectbox(
        message("pages.table_choice"),
        present,
        key="table_choice",
        format_func=lambda name: message_or(f"pages.table.{name}", name),
    )
    if table is not None:
        _table("chosen", table, shown, titles, names)


def _colours(shown: Shown, titles: Mapping[str, str]) -> dict[str, str]:
    from finance.show.charts import colours

    return colours(list(titles.items()))


def _has_rows(shown: Shown, table: str) -> bool:
    frame: pd.DataFrame | None = shown.tables.get(table)
    return frame is not None and not frame.empty


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
