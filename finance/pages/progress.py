"""A simulation that goes on: what it is at, how long it has been, and a button to break it off."""

from __future__ import annotations

import contextlib
import time

import streamlit as st

from finance.language import format_list, format_number, message
from finance.pages import session, shelf
from finance.pages.jobs import Job, Report
from finance.pages.question import title_of
from finance.scenario import ScenarioError

#: Seconds between two looks at a job.
_LOOK_SECONDS = 1.0

#: The stages of the work in their order, and the part of the bar that each has: solving takes by far the longest.
_STAGES = {"compiling": (0.01, 0.02), "equilibrium": (0.02, 0.62), "diagnosis": (0.62, 0.80), "paths": (0.80, 1.0)}


@st.fragment(run_every=_LOOK_SECONDS)
def watch(name: str) -> None:
    """Show how far a job is, again and again until it ends; then run the page again."""
    session.speak()
    job = shelf.jobs().find(name)
    if job is None or job.ending is not None:
        st.rerun()
    with st.container(border=True, key="progress"):
        titles = format_list(title_of(str(choice)) for choice in job.wish.in_order())
        st.markdown(message("pages.working", titles=titles))
        st.progress(share_done(job.report), text=doing(job))
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.caption(message("pages.elapsed", time=_clock(time.monotonic() - job.began)))
        right.button(
            message("pages.cancel"),
            key="cancel_button",
            icon=":material/stop:",
            on_click=job.cancel,
            disabled=job.is_cancelling,
            width="stretch",
        )


def share_done(report: Report) -> float:
    """Return how much of the work is done, 0 to 1, as a bar shows it."""
    if report.stage not in _STAGES:
        return 0.0
    start, end = _STAGES[report.stage]
    return start + (end - start) * min(1.0, report.done / max(report.total, 1))


def doing(job: Job) -> str:
    """Say what a job is at."""
    report = job.report
    if job.is_cancelling:
        return message("pages.cancelling")
    if report.stage not in _STAGES:
        return message("pages.stage.start")
    counts = {"done": format_number(report.done), "total": format_number(report.total)}
    text = message(f"pages.stage.{report.stage}", **counts)
    return text + _step(job) if report.step and report.done < report.total else text


def _step(job: Job) -> str:
    """Say which scenario is being solved, and how far its solve is."""
    titles = {}
    for choice in job.wish.in_order():
        with contextlib.suppress(ScenarioError):
            titles[shelf.scenario(choice).name] = title_of(str(choice))
    step = job.report.step
    name = str(step.get("scenario", ""))
    iteration = step.get("iteration")
    values = {"scenario": titles.get(name, name), "iteration": format_number(iteration)}
    return message("pages.stage.step", **values)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
