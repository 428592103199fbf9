"""What is wrong with a scenario, said so that it can be mended: where, what was given, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, NamedTuple

from finance.language import current_language, format_list, message

_LONGEST_VALUE = 80


class _Nothing:
    """The type of `NO_VALUE`."""

    def __repr__(self) -> str:
        return "NO_VALUE"

    def __reduce__(self) -> str:
        return "NO_VALUE"


NO_VALUE: Final = _Nothing()
"""Stands where a problem is about a key that was given no value."""


class Phrase(str):
    """The id of a message that stands inside another message."""

    __slots__ = ()


class Meaning(NamedTuple):
    """A text that is kept in both languages beside the thing it describes."""

    en: str
    zh: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or worth a warning, in a scenario.

    Attributes
    ----------
    file : str
        The file, or the name of a scenario made in code.
    key : str
        Dotted path of the value, as in ``"classes.patient.capacity"``; empty for the file as a whole.
    value : object
        What was given; `NO_VALUE` where nothing was.
    message_id : str
        Id in the message catalogue.
    values : mapping of str to object
        What stands in the message's placeholders. `Phrase` and `Meaning` follow the language.
    is_warning : bool
        Whether the scenario works nevertheless.
    origin : str
        The file that states the value, where it is another one than ``file``: what a file changes may be at odds
        with what it inherits.
    """

    file: str
    key: str
    value: object
    message_id: str
    values: Mapping[str, object] = field(default_factory=dict)
    is_warning: bool = False
    origin: str = ""

    def text(self, language: str | None = None) -> str:
        """Say the problem in a language.

        Parameters
        ----------
        language : {"en", "zh"}, optional
            The language of the context, if left out.

        Returns
        -------
        str
            One line: file, key, what was given, what is allowed, what to do.
        """
        language = language or current_language()
        shown = {name: _spoken(value, language) for name, value in self.values.items()}
        sentence = message(self.message_id, language, **shown)
        place: dict[str, object] = {"file": self.file, "key": self.key, "text": sentence}
        if not self.key:
            return message("scenario.problem.file", language, **place)
        if self.value is NO_VALUE:
            return message("scenario.problem.key", language, **place)
        place["value"] = written(self.value)
        if self.origin:
            return message("scenario.problem.inherited", language, origin=self.origin, **place)
        return message("scenario.problem.value", language, **place)

    def __str__(self) -> str:
        return self.text()


class ScenarioError(ValueError):
    """A scenario cannot be used; ``problems`` lists everything that is wrong with it, not the first only.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = list(problems)
        super().__init__(self.problems)

    def text(self, language: str | None = None) -> str:
        """Say all problems in a language, one a line, below a line that counts them."""
        lines = [message("scenario.problem.count", language, count=len(self.problems))]
        return "\n".join([*lines, *(f"  {problem.text(language)}" for problem in self.problems)])

    def __str__(self) -> str:
        return self.text()


def once(problems: Iterable[Problem]) -> list[Problem]:
    """Leave out what was said before, the order kept."""
    kept: list[Problem] = []
    for problem in problems:
        if problem not in kept:
            kept.append(problem)
    return kept


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like ``word``, or None if none is like it."""
    by_folded = {name.lower().replace("-", "_"): name for name in known}
    matches = get_close_matches(word.lower().replace("-", "_"), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def written(value: object) -> str:
    """Write a value the way a TOML file would, shortened to one line.

    Parameters
    ----------
    value : object
        Anything a file or a caller may have given.

    Returns
    -------
    str
        At most some eighty characters.
    """
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = '"' + value.replace("\n", "\\n") + '"'
    elif isinstance(value, Mapping):
        text = "{ " + ", ".join(f"{key} = {written(item)}" for key, item in value.items()) + " }"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(written(item) for item in value) + "]"
    elif isinstance(value, int) and abs(value) >= 10**18:
        text = "±10^18…"  # writing out an integer of thousands of digits is refused by Python itself
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _spoken(value: object, language: str) -> object:
    if isinstance(value, Phrase):
        return message(str(value), language)
    if isinstance(value, Meaning):
        return value.zh if language == "zh" else value.en
    if isinstance(value, list | tuple):
        if not value:
            return "–"
        return format_list([str(_spoken(item, language)) for item in value], language)
    return value
