"""Where the app starts: pages, language, and what all pages share. Run by ``app.py`` and by the command ``app``."""

from __future__ import annotations

from html import escape

import streamlit as st

from finance.language import LANGUAGES, current_language, message
from finance.pages import session

#: What Streamlit's own options do not reach: a page that is not too wide to read, and sentences with their colour.
_STYLE = """<style>
[data-testid="stMainBlockContainer"] { max-width: 1180px; padding-top: 1.1rem; padding-bottom: 4rem; }
header[data-testid="stHeader"] { background: transparent; pointer-events: none; }
.pc-brand { display: inline-flex; align-items: center; gap: 0.6rem; font-weight: 600; margin-right: 0.6rem; }
.pc-brand::before { content: ""; width: 10px; height: 22px; border-radius: 3px; background: #0b5c8a; }
.st-key-head_row { border-bottom: 1px solid rgba(125, 130, 140, 0.25); padding-bottom: 0.8rem; margin-bottom: 0.6rem; }
[data-testid="stElementToolbar"] { display: none; }
.st-key-viewport { display: none; }
[data-testid="stMainBlockContainer"] hr { margin: 0.4rem 0; }
.pc-sentence { border-left: 5px solid; padding: 0.15rem 0 0.15rem 0.9rem; margin: 0 0 0.9rem 0; line-height: 1.6; }
[class*="st-key-section_"] { overflow-x: auto; margin-top: 1rem; }
.st-key-numbers [class*="st-key-precision"] [role="radiogroup"] button { min-height: 2.5rem; }
.st-key-numbers [class*="st-key-run_button"] { flex: 1 1 130px; }
[data-testid="stMetricLabel"] p { white-space: normal; }
[data-testid="stMainBlockContainer"] h1 { text-wrap: balance; font-size: clamp(1.7rem, 4vw, 2.4rem); padding-top: 0; }
[data-testid="stMainBlockContainer"] h3 { text-wrap: balance; font-size: clamp(1.2rem, 2.6vw, 1.5rem); }
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
  [data-testid="stTable"] tr { display: flex; flex-wrap: wrap; }
  [data-testid="stTable"] td, [data-testid="stTable"] th {
    flex: 1 1 0; padding: 0.25rem; font-size: 0.8rem; border-style: none;
  }
  [data-testid="stTable"] tr > :first-child { flex: 0 0 100%; border-top: 1px solid rgba(125, 130, 140, 0.25); }
  [data-testid="stTable"] tr > :last-child { flex: 0 0 3.2rem; }
  [data-testid="stTable"] tr > :nth-last-child(2) { flex-grow: 1.4; }
  [data-testid="stTable"] code { white-space: normal; overflow-wrap: anywhere; }
}
@media print {
  .st-key-question, .st-key-kept_runs, .st-key-facts button, .st-key-head_row { display: none; }
}
</style>"""

#: Drawn here: an icon by name would be fetched from outside.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5c8a"/>'
    '<g fill="#ffffff"><rect x="6" y="18" width="5" height="8"/><rect x="13.5" y="13" width="5" height="13"/>'
    '<rect x="21" y="6" width="5" height="20"/></g></svg>'
)


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Patient capital", page_icon=_ICON, layout="wide")
    session.begin()
    _take()
    session.go_on()
    st.html(_STYLE)
    _head()
    # One address with the page in it, not an address a page: Streamlit would first look for itself below the latter.
    if session.page() == "scenarios":
        from finance.pages import scenarios

        scenarios.page()
    else:
        from finance.pages import compare

        compare.page()


def _take() -> None:
    """Take what the widgets on the screen say, before any page is drawn.

    Whoever clicks on at once breaks off the drawing, and may be on another page before it comes to a widget: what a
    widget shows has to be known by then. The browser tells it again each time, while a click on a button is told once,
    and lost if that drawing is broken off. So nothing that must not be lost hangs on a button.
    """
    if session.page() == "scenarios":
        from finance.pages import scenarios

        scenarios.take()
    else:
        from finance.pages import question

        question.take()


def _head() -> None:
    """Draw what all pages have on top: their names, and the languages."""
    with st.container(horizontal=True, vertical_alignment="center", key="head_row"):
        st.html(f'<span class="pc-brand">{escape(message("pages.brand"))}</span>', width="content")
        page = st.segmented_control(
            message("pages.page"),
            session.PAGES,
            default=session.page(),
            key=session.page_key(),
            format_func=lambda name: message(f"pages.{name}.name"),
            required=True,
            label_visibility="collapsed",
        )
        st.space("stretch")
        st.segmented_control(
            message("pages.language"),
            LANGUAGES,
            default=current_language(),
            key=session.key("language", spoken=False),
            format_func=lambda language: message("pages.language_name", language),
            required=True,
            label_visibility="collapsed",
        )
    session.turn(str(page))
