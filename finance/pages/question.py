"""The card on which a comparison is put together: scenarios, baseline, paths, seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import streamlit as st

from finance.language import current_language, format_number, message
from finance.pages import session, shelf
from finance.pages.asking import PRECISIONS
from finance.pages.link import Choice, Wish, unique
from finance.request import Question, Refused
from finance.scenario import Scenario

#: The precision that stands for a number of the user's own.
_OWN = "own"

#: Pixels of a field for a number, of the list of baselines, of the button.
_NUMBER_WIDTH, _BASELINE_WIDTH, _RUN_WIDTH = 120, 270, 140


def take() -> None:
    """Take the wish that the card on the screen shows."""
    wish, shown = session.wish(), st.session_state
    chosen = shown.get(session.key("scenarios"))
    choices = wish.choices if chosen is None else tuple(map(Choice.read, chosen))
    text = shown.get(session.key("baseline"))
    baseline = wish.baseline if text is None else Choice.read(text)
    typed = shown.get(session.key("paths"), wish.paths)
    paths = PRECISIONS.get(str(shown.get(session.key("precision"))), typed)
    seed = shown.get(session.key("seed"), wish.seed)
    session.change(Wish(choices, baseline, _digits(paths), _digits(seed)))


def card() -> bool:
    """Draw the card, take the wish from it, and return whether the user asks for the answer."""
    wish = session.wish()
    with st.container(border=True, key="question"):
        choices = _scenarios(wish)
        # Side by side as far as there is room, from a desk to a telephone.
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="numbers"):
            baseline = _baseline(wish, choices)
            precision = _precision(wish)
            paths = PRECISIONS.get(precision) or _paths(wish)
            seed = st.text_input(
                message("pages.seed"),
                value=wish.seed,
                key=session.key("seed"),
                help=message("pages.seed_help"),
                width=_NUMBER_WIDTH,
            )
            session.change(Wish(choices, baseline, _digits(paths), _digits(seed)))
            return _run_button()


def checked() -> tuple[Question | None, str, list[str]]:
    """Return the question of the wish, the id of its run, and what is wrong with it."""
    try:
        return *shelf.question(session.wish()), []
    except Refused as refusal:
        return None, "", refusal.problems


def title_of(text: str) -> str:
    """Return what a choice is called; its own text, if there is no such scenario."""
    return _titles([text])[text]


def naming(options: Iterable[str]) -> Callable[[str], str]:
    """Return `title_of` for a widget with many options: their files are looked at once, not once an option."""
    titles = _titles(options)
    return lambda text: titles[text] if text in titles else title_of(text)


def _titles(texts: Iterable[str]) -> dict[str, str]:
    choices = {text: Choice.read(text) for text in texts}
    loaded = shelf.scenarios(choices.values())
    known = Counter(_text(one.title) for one in shelf.found() if one.title is not None)
    titles = {}
    for text, choice in choices.items():
        scenario = loaded[choice]
        title = message("pages.unusable", name=text) if scenario is None else spoken(scenario)
        is_twin = scenario is not None and known[title] > 1
        titles[text] = message("pages.twin", title=title, name=choice.name) if is_twin else title
    return titles


def spoken(scenario: Scenario) -> str:
    """Return a scenario's title in the reader's language."""
    return _text(scenario.title)


def _text(text: object) -> str:
    return str(getattr(text, current_language()))


def _scenarios(wish: Wish) -> tuple[Choice, ...]:
    # What a widget shows at first is given as its default, not put into the session's state: a browser that is told
    # a state twice in quick succession may show neither.
    options = _options(wish)
    chosen = st.multiselect(
        message("pages.scenarios"),
        options,
        default=[str(choice) for choice in wish.choices],
        key=session.key("scenarios"),
        format_func=naming(options),
        placeholder=message("pages.choose"),
        help=message("pages.scenarios_help"),
        select_all=False,
    )
    return tuple(map(Choice.read, chosen))


def _options(wish: Wish) -> list[str]:
    """Return what can be chosen: all scenarios found, those at other doses, and whatever a link named."""
    found = [Choice(one.name) for one in shelf.found()]
    return [str(choice) for choice in unique([*found, *session.dosed(), *wish.in_order()]) if choice.name]


def _baseline(wish: Wish, choices: tuple[Choice, ...]) -> Choice:
    """Let the baseline be chosen, from the scenarios that are compared first of all."""
    options = list(dict.fromkeys([*map(str, choices), *_options(wish)]))
    text = str(wish.baseline)
    chosen = st.selectbox(
        message("pages.baseline"),
        options,
        index=options.index(text) if text in options else 0,
        key=session.key("baseline"),
        format_func=naming(options),
        placeholder=message("pages.choose"),
        help=message("pages.baseline_help"),
        width=_BASELINE_WIDTH,
    )
    return Choice.read(chosen or "")


def _precision(wish: Wish) -> str:
    names = {paths: name for name, paths in PRECISIONS.items()}
    chosen = st.segmented_control(
        message("pages.precision"),
        [*PRECISIONS, _OWN],
        default=names.get(wish.paths, _OWN),
        key=session.key("precision"),
        format_func=_precision_name,
        required=True,
        help=message("pages.precision_help"),
        wrap=True,
    )
    return str(chosen)


def _paths(wish: Wish) -> str:
    """Let a number of paths be typed."""
    typed = st.text_input(
        message("pages.paths"),
        value=wish.paths,
        key=session.key("paths"),
        help=message("pages.paths_help"),
        width=_NUMBER_WIDTH,
    )
    return typed or ""


def _digits(text: str | None) -> str:
    """Take out what people put between digits to read them: blanks and commas."""
    return "".join(letter for letter in (text or "").strip() if letter not in " ,，")


def _precision_name(name: str) -> str:
    if name == _OWN:
        return message("pages.precision.own")
    return message(f"pages.precision.{name}", paths=format_number(int(PRECISIONS[name])))


def _run_button() -> bool:
    busy = bool(st.session_state.get("job"))
    return st.button(
        message("pages.run"),
        key="run_button",
        type="primary",
        icon=":material/play_arrow:",
        width=_RUN_WIDTH,
        disabled=busy,
        help=message("pages.run_busy") if busy else None,
    )
