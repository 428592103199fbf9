"""What a session knows: its language, its wish, what it shows; and the address that says all of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from finance.language import LANGUAGES, current_language, set_language
from finance.pages import link, shelf
from finance.pages.kept import is_current, wish_of
from finance.pages.link import Choice, Wish, unique
from finance.request import chosen_language

#: Scenarios that are chosen for somebody who comes without a link, at most.
_MOST_AT_FIRST = 4

PAGES = ("compare", "scenarios")
VIEWS = ("answer", "valley", "ventures", "money", "tables")


def begin() -> None:
    """Take over what the address says if somebody has changed it; speak the language of the widgets on the screen."""
    address = {key: value for key, value in st.query_params.to_dict().items() if isinstance(value, str)}
    if "wish" not in st.session_state or (address and _is_another(address)):
        _take_over(address)
    speak()


def go_on() -> None:
    """Take the language and the page that were clicked: after all else that the widgets on the screen say."""
    state = st.session_state
    state["language"] = state.get(key("language", spoken=False)) or state["language"]
    speak()
    if state.get("next_page"):
        state["page"] = state["next_page"]
        _renew_widgets()
        state["next_page"] = ""


def speak() -> None:
    """Speak the session's language from here on; every rerun begins in English."""
    set_language(st.session_state.get("language") or _browser_language())


def key(name: str, *, spoken: bool = True) -> str:
    """Return the key of a widget.

    Parameters
    ----------
    name : str
        Of the widget.
    spoken : bool
        Whether its options are words, so that it is another widget in another language.

    Returns
    -------
    str
        Another one whenever the session is told by a link, a kept run or another page what the widget is to show.
    """
    version = st.session_state.get("version", 0)
    return f"{name}_{version}_{current_language()}" if spoken else f"{name}_{version}"


def page() -> str:
    """Return the page that is seen."""
    return str(st.session_state.get("page", PAGES[0]))


def go(page: str) -> None:
    """Go to a page, one of `PAGES`, when the page is drawn again: for a button, which says so before anything is read."""
    st.session_state["next_page"] = page


def turn(page: str) -> None:
    """Take the page that the widget shows which names the pages."""
    state = st.session_state
    if page != state["page"]:
        state["page"] = page
        # What stood on the other page is read no more; the widget itself stays, and with it the keyboard.
        _renew_widgets(but_pages=True)


def page_key() -> str:
    """Return the key of the widget that names the pages."""
    return f"page_{st.session_state.get('page_version', 0)}_{current_language()}"


def wish() -> Wish:
    """Return what is to be compared."""
    value: Wish = st.session_state["wish"]
    return value


def change(new: Wish) -> None:
    """Take the wish that the widgets show."""
    state = st.session_state
    if new != state["wish"]:
        state["wish"], state["ending"] = new, None
    remember(new.in_order())


def push(new: Wish) -> None:
    """Change the wish and let the widgets show it: for whatever is no widget of it."""
    change(new)
    _renew_widgets()


def dosed() -> tuple[Choice, ...]:
    """Return the scenarios at other doses that this session has met."""
    met: tuple[Choice, ...] = st.session_state.get("dosed", ())
    return met


def remember(choices: tuple[Choice, ...]) -> None:
    """Keep scenarios at other doses among those that can be chosen."""
    st.session_state["dosed"] = unique([*dosed(), *(choice for choice in choices if choice.doses)])


def show(run: str) -> None:
    """Show a kept run until another one is asked for."""
    st.session_state["run"] = run


def address() -> dict[str, str]:
    """Return what the address says of all that is seen."""
    state = st.session_state
    said = {**wish().address(), "seed": wish().seed, "run": state.get("run", ""), "language": current_language()}
    said["page"] = page()
    if page() == "scenarios":
        said["scenario"] = str(state.get("looked_at", ""))
    else:
        said["view"] = state.get("view", VIEWS[0])
    return {key: value for key, value in said.items() if value}


def write_address() -> None:
    """Put all that is seen into the address."""
    said = address()
    st.session_state["address"] = said
    if st.query_params.to_dict() != said:
        st.query_params.from_dict(said)


def page_link() -> str:
    """Return the address of what is seen, to be given to others."""
    return link.link(st.context.url or "", address())


def _renew_widgets(*, but_pages: bool = False) -> None:
    """Let all widgets begin again with what they are to show."""
    state = st.session_state
    state["version"] = state.get("version", 0) + 1
    if not but_pages:
        state["page_version"] = state.get("page_version", 0) + 1


def _is_another(address: Mapping[str, str]) -> bool:
    """Whether the reader went to an address, back or forward.

    Otherwise one that is not the session's is an old one of its own: a busy browser tells it for seconds after it has
    been replaced, and to take it over would undo what was clicked meanwhile.
    """
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation and address != st.session_state.get("address")


def _take_over(address: Mapping[str, str]) -> None:
    state = st.session_state
    state.setdefault("wish", None)
    language = address.get("language", "")
    state["language"] = language if language in LANGUAGES else state.get("language") or _browser_language()
    state["view"] = address["view"] if address.get("view") in VIEWS else VIEWS[0]
    state["page"] = address["page"] if address.get("page") in PAGES else PAGES[0]
    speak()
    run = address.get("run", "")
    state["run"] = run if any(one.run == run for one in shelf.manifests()) else ""
    state["is_run_missing"] = bool(run) and not state["run"]
    given = Wish.read(address)
    if address.get("scenario"):
        state["looked_at"] = Choice.read(address["scenario"])
        remember((state["looked_at"],))
    push(given or state["wish"] or _first_wish())
    # The run of a link is what its reader is to see, even if the model has changed since.
    state["answered"] = state["wish"] if state["run"] else None
    state["address"] = dict(address)


def _first_wish() -> Wish:
    """Return what was asked last; where nothing was, the first calibration and some that differ from it."""
    known = {one.name for one in shelf.found() if not one.problems}
    for manifest in shelf.manifests():
        last = wish_of(manifest)
        if is_current(manifest) and all(choice.name in known for choice in last.in_order()):
            return last
    found = [one for one in shelf.found() if not one.problems]
    roots = [one.name for one in found if one.baseline is None] or [one.name for one in found]
    if not roots:
        return Wish((), Choice(""))
    others = [one.name for one in found if one.baseline == roots[0] and not one.is_reference]
    choices = tuple(Choice(name) for name in [roots[0], *others][:_MOST_AT_FIRST])
    return Wish(choices, choices[0])


def _browser_language() -> str:
    """Return the language of the reader's browser, or of the machine where no browser says."""
    locale: Any = st.context.locale
    if locale:
        return "zh" if str(locale).lower().startswith("zh") else "en"
    return chosen_language([], os.environ)
