"""The page on which scenarios are compared: a question, its answer, and the answers that are kept."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from finance.language import current_language, format_date, format_list, format_number, message
from finance.pages import progress, question, result, session, shelf, viewport
from finance.pages.jobs import Ending
from finance.pages.kept import Shown, baseline_place, is_current, names_in, titles_in, wish_of
from finance.pages.words import bullets, plain
from finance.request import Question
from finance.running.store import Manifest
from finance.scenario import ScenarioError
from finance.show.report_run import UnreadableRunError

#: Kept runs that are listed.
_MOST_LISTED = 20


def page() -> None:
    """Draw the page."""
    viewport.measure()
    st.title(message("pages.compare.title"))
    st.markdown(message("pages.compare.lead"))
    wants_answer = question.card()
    asked, name, problems = question.checked()
    _complain(problems)
    _explained()
    kept_runs = st.container()
    _finish()
    if asked is not None:
        _answer(asked, name, wants_answer)
    # Only now is it known which of them is shown.
    with kept_runs:
        _kept_runs()
    _notice()
    if st.session_state.get("job"):
        progress.watch(st.session_state["job"])
    _show(asked)
    session.write_address()


def _answer(asked: Question, name: str, wants_answer: bool) -> None:
    """Show what is kept, join what is under way, or start it if it is asked for."""
    state = st.session_state
    kept = shelf.kept(asked)
    if kept is not None:
        # A run that was opened by hand stays until something else is asked.
        if wants_answer or state.get("answered") != session.wish():
            session.show(kept)
        state["answered"] = session.wish()
        return
    if state.get("job"):
        return
    job = shelf.jobs().find(name)
    if wants_answer:
        job = shelf.jobs().start(name, session.wish(), current_language())
    # One that was asked for may have ended by now, and its ending has to be told all the same.
    if job is not None and (wants_answer or job.ending is None):
        state["job"] = job.id
        state["ending"] = None
        # The button is drawn already, and has to be drawn as busy.
        st.rerun()


def _finish() -> None:
    """Take the ending of the session's job, if it has ended."""
    state = st.session_state
    if not state.get("job"):
        return
    job = shelf.jobs().find(state["job"])
    if job is not None and job.ending is None:
        return
    ending = job.ending if job is not None else None
    if ending is not None and ending.kind == "done":
        session.show(ending.run)
        state["answered"] = session.wish()
    else:
        state["ending"] = ending or Ending("lost")
    # Last, because a click may break this off anywhere: it is then done again.
    state["job"] = ""
    # The button is drawn already, as busy.
    st.rerun()


def _complain(problems: list[str]) -> None:
    """Say everything that is wrong with the question; what is shown below stays."""
    if problems:
        st.error(bullets(problems), icon=":material/error:")


def _notice() -> None:
    """Say how the last job ended, if it came to nothing; and that a run of a link is not here."""
    state = st.session_state
    ending = state.get("ending")
    if ending is not None:
        problems = bullets(list(ending.problems)) if ending.problems else ""
        text = f"{message(f'pages.ending.{ending.kind}')}\n\n{problems}".strip()
        (st.info if ending.kind == "cancelled" else st.error)(text)
    if state.get("is_run_missing"):
        st.info(message("pages.run_missing"), icon=":material/link_off:")


def _show(asked: Question | None) -> None:
    """Show the session's run, if it has one."""
    state = st.session_state
    order = [] if asked is None else [one.name for one in asked.scenarios]
    try:
        shown = shelf.run(state["run"], order) if state.get("run") else None
    except UnreadableRunError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if shown is None:
        if not state.get("job"):
            st.info(message("pages.nothing_yet"), icon=":material/play_circle:")
        return
    state["is_run_missing"] = False
    if not _is_answer(shown, asked):
        st.info(message("pages.other_question"), icon=":material/info:")
    st.divider()
    result.draw(shown)
    _how_to_read(shown)


def _is_answer(shown: Shown, asked: Question | None) -> bool:
    """Whether what is shown is the answer to what is asked, be it that of an earlier model, which says so itself."""
    if asked is not None and shelf.kept(asked) == shown.run:
        return True
    wish, own = session.wish(), wish_of(shown.manifest)
    same = ({*one.in_order()} | {(one.baseline, one.paths, one.seed)} for one in (wish, own))
    return not is_current(shown.manifest) and next(same) == next(same)


def _explained() -> None:
    """Say what each scenario asks."""
    with st.expander(message("pages.questions"), icon=":material/help:", key="questions"):
        for choice in session.wish().in_order():
            try:
                scenario = shelf.scenario(choice)
            except ScenarioError:
                continue
            asks = str(getattr(scenario.question, current_language()))
            st.markdown(message("pages.question_line", title=plain(question.spoken(scenario)), question=plain(asks)))


def _kept_runs() -> None:
    """List the kept runs, each with a button that opens it."""
    manifests = shelf.manifests()
    if not manifests:
        return
    count = format_number(len(manifests))
    with st.expander(message("pages.kept_runs", count=count), icon=":material/history:", key="kept_runs"):
        for manifest in manifests[:_MOST_LISTED]:
            left, right = st.columns([5, 1], vertical_alignment="center")
            left.markdown(_line(manifest))
            is_open = manifest.run == st.session_state.get("run")
            right.button(
                message("pages.opened" if is_open else "pages.open"),
                key=f"open_{manifest.run}",
                on_click=_open,
                args=(manifest,),
                disabled=is_open,
                width="stretch",
            )
        if len(manifests) > _MOST_LISTED:
            st.caption(message("pages.more_runs", count=format_number(len(manifests) - _MOST_LISTED)))


def _line(manifest: Manifest) -> str:
    made = datetime.fromisoformat(manifest.created).astimezone()
    titles, names = titles_in(manifest), names_in(manifest)
    ordered = [names[baseline_place(manifest)], *(n for k, n in enumerate(names) if k != baseline_place(manifest))]
    paths = manifest.determinants.get("paths")
    text = message(
        "pages.kept_line",
        titles=plain(format_list(titles[name][current_language()] for name in ordered)),
        date=format_date(made.date()),
        time=f"{made:%H:%M}",
        paths=format_number(paths if isinstance(paths, int) else None),
        seed=str(manifest.determinants.get("seed", "–")),
        run=manifest.run[:8],
    )
    return text if is_current(manifest) else f"{text} {message('pages.older_mark')}"


def _open(manifest: Manifest) -> None:
    """Show a kept run, and ask what it answers."""
    session.push(wish_of(manifest))
    session.show(manifest.run)
    st.session_state["answered"] = session.wish()
    st.session_state["ending"] = None


def _how_to_read(shown: Shown) -> None:
    """Say what the measures mean, and what no interval knows of."""
    from finance.scenario import assumption_share

    with st.expander(message("pages.how_to_read"), icon=":material/menu_book:", key="how_to_read"):
        for name in ("coverage", "gap", "causes", "cost", "returns"):
            st.markdown(plain(message(f"show.reading.{name}")))
        assumed, stated = assumption_share(shown.baseline)
        counts = {"assumed": format_number(assumed), "stated": format_number(stated)}
        st.markdown(plain(message("show.reading.intervals", **counts, name=question.spoken(shown.baseline))))
