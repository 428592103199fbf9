"""The page on which a scenario is looked into: what it asks, what it changes and on whose word; and its levers moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from finance.language import current_language, format_number, message
from finance.pages import session, shelf, viewport
from finance.pages.levers import LARGEST_DOSE, lever_name, lever_of, levers
from finance.pages.link import Choice, unique
from finance.pages.question import naming, spoken, title_of
from finance.pages.words import bullets, plain
from finance.scenario import GRADES, ExplainedValue, Scenario, ScenarioError, assumption_share, explain
from finance.scenario.problems import written

if TYPE_CHECKING:
    import pandas as pd

_DOSE_STEP = 0.05


def take() -> None:
    """Take the scenario, the doses and the place in the comparison that the page on the screen shows."""
    state = st.session_state
    looked_at: Choice | None = state.get("looked_at")
    if looked_at is None:
        return
    moved = looked_at.at(dict(_told_doses(looked_at)))
    asked: Choice | None = state.get("asked_of")
    is_in = None if asked is None else state.get(_join_key(asked))
    if asked is not None and is_in is not None and is_in != (asked in session.wish().in_order()):
        # If a lever was moved right before, it is the scenario at the new dose that joins.
        _put(moved if is_in and moved.name == asked.name else asked, is_in=is_in)
    name = state.get(session.key("scenario"), looked_at.name)
    state["looked_at"] = moved if name == looked_at.name else Choice(name)


def page() -> None:
    """Draw the page."""
    viewport.measure()
    st.title(message("pages.scenarios.title"))
    st.markdown(message("pages.scenarios.lead"))
    _broken_files()
    looked_at = _choice()
    if looked_at is None:
        st.info(message("pages.no_scenarios"))
        return
    try:
        scenario = shelf.scenario(Choice(looked_at.name))
    except ScenarioError as error:
        st.error(bullets([problem.text() for problem in error.problems]))
        session.write_address()
        return
    _head(scenario)
    if scenario.baseline_scenario is None:
        _own_values(scenario)
    else:
        looked_at = _levers(scenario, looked_at)
    st.session_state["looked_at"] = looked_at
    session.write_address()


def _broken_files() -> None:
    """Name the scenario files that cannot be read, and why."""
    for one in shelf.found():
        if one.problems:
            st.warning(bullets([problem.text() for problem in one.problems]))


def _choice() -> Choice | None:
    """Let a scenario be chosen; the one of the address at first."""
    state = st.session_state
    names = [one.name for one in shelf.found()]
    if not names:
        return None
    looked_at: Choice = state.get("looked_at") or Choice(_first(names))
    name = st.selectbox(
        message("pages.scenario"),
        names,
        index=names.index(looked_at.name) if looked_at.name in names else 0,
        key=session.key("scenario"),
        format_func=naming(names),
        placeholder=message("pages.choose"),
    )
    return looked_at if looked_at.name == name else Choice(name)


def _first(names: list[str]) -> str:
    """Return the first scenario that differs from a baseline, because it has something to say."""
    differing = [one.name for one in shelf.found() if one.baseline is not None and not one.is_reference]
    return (differing or names)[0]


def _head(scenario: Scenario) -> None:
    with st.container(border=True, key="head"):
        st.markdown(f"**{plain(str(getattr(scenario.question, current_language())))}**")
        assumed, stated = assumption_share(scenario)
        values = {"assumed": format_number(assumed), "stated": format_number(stated)}
        below = scenario.baseline_scenario
        text = message("pages.is_root", **values)
        if below is not None:
            text = message("pages.differs_from", baseline=plain(spoken(below)), **values)
        st.caption(text)
        if scenario.as_modelled is not None:
            note = str(getattr(scenario.as_modelled, current_language()))
            st.markdown(plain(message("show.explain.as_modelled", text=note)))
        for warning in scenario.warnings:
            st.warning(plain(warning.text()))


def _own_values(scenario: Scenario) -> None:
    """Show the values of a root scenario, table by table."""
    st.subheader(message("pages.own_values"), anchor="values")
    values = explain(scenario)
    tables = list(dict.fromkeys(lever_of(one.key) for one in values))
    table = st.selectbox(
        message("pages.part"), tables, key="part", format_func=lambda lever: lever_name(scenario, lever)
    )
    chosen = [one for one in values if lever_of(one.key) == table]
    st.table(_rows(chosen), border="horizontal", hide_index=True)
    _grades()
    _sources(chosen)


def _rows(values: list[ExplainedValue], at_dose: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Lay values out: what each is, the baseline's where there is one, the scenario's, that at the doses if moved."""
    import pandas as pd

    rows = []
    for one in values:
        unit = f" :gray[{plain(one.unit)}]" if one.unit else ""
        row = {message("pages.column.meaning"): f"{plain(one.meaning)}  \n`{one.key}`{unit}"}
        if one.is_changed:
            row[message("pages.column.baseline")] = _shown(one.baseline_value)
        row[message("pages.column.value")] = f"**{_shown(one.value)}**"
        if at_dose is not None:
            row[message("pages.column.dosed")] = f":blue[**{_shown(at_dose.get(one.key))}**]"
        row[message("pages.column.range")] = _range(one)
        row[message("pages.column.grade")] = one.grade or "–"
        rows.append(row)
    return pd.DataFrame(rows)


def _sources(values: list[ExplainedValue]) -> None:
    """Name the source of each value; what rests on the same one stands together."""
    by_source: dict[tuple[str, str, str], list[str]] = {}
    for one in values:
        by_source.setdefault((one.source, one.url, one.grade), []).append(one.key)
    with st.expander(message("pages.sources"), icon=":material/menu_book:", expanded=True, key="sources"):
        for (source, url, grade), keys in by_source.items():
            keyed = " ".join(f"`{key}`" for key in keys)
            text = plain(source)
            # A link is left to the reader: nothing is fetched until it is clicked.
            address = f" [{message('pages.source_link')}]({_address(url)})" if url else ""
            graded = message("pages.graded", grade=grade) if grade else ""
            st.markdown(f"- {keyed}  \n{text}{graded}{address}")


def _grades() -> None:
    st.caption(" · ".join(f"**{grade}** {message(f'pages.grade.{_grade_word(grade)}')}" for grade in GRADES))


def _levers(scenario: Scenario, looked_at: Choice) -> Choice:
    """Let the levers be moved, show what that makes of what the scenario changes, and put it into the comparison."""
    st.subheader(message("pages.levers"), anchor="levers")
    st.markdown(message("pages.levers_lead"))
    moved = looked_at.at(_doses(scenario, looked_at))
    at_dose = _at_dose(moved) if moved.doses else None
    if at_dose is not None or not moved.doses:
        _join(moved)
    changed = [one for one in explain(scenario) if one.is_changed]
    st.subheader(message("pages.changes"), anchor="changes")
    st.table(_rows(changed, at_dose), border="horizontal", hide_index=True)
    _grades()
    _sources(changed)
    return moved


def _at_dose(moved: Choice) -> dict[str, object] | None:
    """Return the values at the doses, by path; None where the doses lead to what no scenario may be."""
    try:
        dosed = shelf.scenario(moved)
    except ScenarioError as error:
        st.error(bullets([problem.text() for problem in error.problems]))
        return None
    for warning in dosed.warnings:
        st.warning(plain(warning.text()))
    return {one.key: one.value for one in explain(dosed)}


def _doses(scenario: Scenario, looked_at: Choice) -> dict[str, float]:
    """Draw a slider for each lever."""
    given = dict(looked_at.doses)
    doses = {}
    with st.grid(min_column_width=300, gap="medium", key="sliders"):
        for lever in levers(scenario):
            doses[lever] = st.slider(
                lever_name(scenario, lever),
                min_value=0.0,
                max_value=LARGEST_DOSE,
                value=_in_range(given.get(lever)),
                step=_DOSE_STEP,
                key=_dose_key(scenario, lever),
                format="%.2f",
                help=message("pages.dose_help", lever=lever),
            )
    return doses


def _told_doses(looked_at: Choice) -> Iterator[tuple[str, float]]:
    """Return the doses that the sliders on the screen show, and where there is none what was known."""
    try:
        scenario = shelf.scenario(Choice(looked_at.name))
    except ScenarioError:
        return
    given = dict(looked_at.doses)
    for lever in levers(scenario):
        told = st.session_state.get(_dose_key(scenario, lever))
        yield lever, _in_range(given.get(lever)) if told is None else told


def _dose_key(scenario: Scenario, lever: str) -> str:
    return session.key(f"dose_{scenario.name}_{lever}", spoken=False)


def _in_range(text: str | None) -> float:
    """Return the dose of an address, 1 where it says none that the slider has."""
    try:
        dose = float(text) if text is not None else 1.0
    except ValueError:
        return 1.0
    return dose if 0.0 <= dose <= LARGEST_DOSE else 1.0


def _join(choice: Choice) -> None:
    """Let the scenario be put into the comparison, or be taken out again."""
    wish = session.wish()
    is_in, is_baseline = choice in wish.in_order(), choice == wish.baseline
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="join"):
        st.toggle(
            message("pages.is_in_dosed" if choice.doses else "pages.is_in"),
            value=is_in,
            key=_join_key(choice),
            disabled=is_baseline,
            help=message(
                "pages.is_baseline" if is_baseline else "pages.is_in_help", title=plain(title_of(str(choice)))
            ),
            width="content",
        )
        st.button(
            message("pages.to_comparison"),
            key="to_comparison",
            type="primary" if is_in else "secondary",
            icon=":material/arrow_forward:",
            on_click=session.go,
            args=("compare",),
        )
    st.session_state["asked_of"] = choice


def _join_key(choice: Choice) -> str:
    return session.key(f"join_{choice}", spoken=False)


def _put(choice: Choice, *, is_in: bool) -> None:
    """Put a scenario into the comparison, or take it out."""
    wish = session.wish()
    others = tuple(one for one in wish.choices if one != choice)
    session.change(replace(wish, choices=unique([*wish.choices, choice]) if is_in else others))


def _shown(value: Any) -> str:
    """Write a value as a table has it; a number the reader's way."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return message("pages.yes" if value else "pages.no")
    if isinstance(value, int | float):
        return plain(format_number(float(value)))
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return plain("; ".join(f"{key} {_shown(item)}" for key, item in value.items()))
    return plain(written(value))


def _range(one: ExplainedValue) -> str:
    if one.low is None or one.high is None:
        return "–"
    return f"{_shown(one.low)} – {_shown(one.high)}"


def _grade_word(grade: str) -> str:
    return {"S": "read", "S~": "secondary", "M": "recalled", "D": "derived", "A": "assumption"}.get(grade, "other")


def _address(url: str) -> str:
    """Return an address as Markdown takes it."""
    return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
