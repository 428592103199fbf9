"""What people read: the message catalogue, and numbers the way the reader's language writes them.

Everything else in the package speaks machine English; this module turns a message id and its values into
a sentence. The catalogue is a set of gettext files, ``finance/locale/*.en.po`` and ``*.zh.po``, read at the
first message. An area of the package keeps its messages in files of its own (``scenario.en.po`` and
``scenario.zh.po``); all of one language are one catalogue.

The language is local to the context: two threads of a server can speak to two readers. A new thread starts in
English, so text is made where the reader is known, not in a worker.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

LANGUAGES = ("en", "zh")

#: How Babel names the place whose number and date formats are meant.
_LOCALES = {"en": "en", "zh": "zh_Hans_CN"}

#: CNY million in one unit of money as it is written: million, and 亿元 (a hundred million).
_MONEY_UNITS = {"en": 1.0, "zh": 100.0}

#: Digits that a number shows when the caller does not say how many decimals it wants.
_SIGNIFICANT_DIGITS = 3

_language: ContextVar[str] = ContextVar("language", default="en")


def set_language(language: str) -> None:
    """Speak ``language`` from here on in this context.

    Parameters
    ----------
    language : {"en", "zh"}
        English or simplified Chinese.

    Raises
    ------
    ValueError
        If the language is not one of `LANGUAGES`.
    """
    _language.set(_known(language))


def current_language() -> str:
    """Return the language of this context, ``"en"`` unless `set_language` chose another."""
    return _language.get()


def message(message_id: str, /, language: str | None = None, **values: object) -> str:
    """Say a message of the catalogue.

    Parameters
    ----------
    message_id : str
        The dotted id under which the catalogue files have the message, as in ``"language.unknown"``.
    language : {"en", "zh"}, optional
        The language of the context, if left out.
    **values
        What stands in the message's ``{placeholders}``. Numbers are passed as text, made by `format_number`
        and its relatives, so that they too follow the language.

    Returns
    -------
    str
        The message with its values.

    Raises
    ------
    KeyError
        If the catalogue has no such message, or the message has a placeholder that got no value.
    ValueError
        If the language is not one of `LANGUAGES`.
    """
    language = _resolved(language)
    texts = _catalogue(language)
    if message_id not in texts:
        raise KeyError(f"no message {message_id!r} in finance/locale/*{language}.po")
    return texts[message_id].format(**values)


def message_ids(language: str) -> frozenset[str]:
    """Return the ids of all messages that the catalogue of ``language`` has."""
    return frozenset(_catalogue(_known(language)))


def format_number(
    value: float | None, language: str | None = None, digits: int | None = None, *, signed: bool = False
) -> str:
    """Write a number.

    Parameters
    ----------
    value : float or None
        The number. What does not exist (None, NaN) is written as a dash.
    language : {"en", "zh"}, optional
        The language of the context, if left out.
    digits : int, optional
        Decimals. If left out, as many as show three significant digits; whole numbers and all from 1,000 up
        get none.
    signed : bool
        Whether a number above zero gets a plus, as a difference should.

    Returns
    -------
    str
        As in ``"1,234"``, ``"0.0512"``, ``"+3.10"``.

    Raises
    ------
    ValueError
        If the language is not one of `LANGUAGES`.
    """
    return _written(value, _resolved(language), digits, signed=signed, pattern="{}")


def format_share(value: float | None, language: str | None = None, digits: int = 1, *, signed: bool = False) -> str:
    """Write a share or a rate as a percentage.

    Parameters
    ----------
    value : float or None
        The share as a decimal: 0.415 is written ``"41.5%"``.
    language, signed
        As in `format_number`.
    digits : int
        Decimals of the percentage.

    Returns
    -------
    str
        The percentage; a dash for what does not exist.
    """
    percentage = None if value is None else 100.0 * value
    return _written(percentage, _resolved(language), digits, signed=signed, pattern="{}%")


def format_multiple(value: float | None, language: str | None = None, digits: int = 2, *, signed: bool = False) -> str:
    """Write a multiple of the money invested, as in ``"1.85×"``.

    Parameters
    ----------
    value : float or None
        Times the money invested.
    language, digits, signed
        As in `format_number`.

    Returns
    -------
    str
        The multiple; a dash for what does not exist.
    """
    return _written(value, _resolved(language), digits, signed=signed, pattern="{}×")


def money_unit(language: str | None = None) -> float:
    """Return the unit in which the language writes money, CNY million: 1 in English, 100 (亿元) in Chinese."""
    return _MONEY_UNITS[_resolved(language)]


def format_money(
    value: float | None, language: str | None = None, digits: int | None = None, *, signed: bool = False
) -> str:
    """Write an amount of money in the unit of the language.

    Parameters
    ----------
    value : float or None
        CNY million. It is constant prices or not as the caller has it; the text does not say.
    language, digits, signed
        As in `format_number`; ``digits`` are decimals of the unit that is written.

    Returns
    -------
    str
        1,250 is ``"CNY 1,250 million"`` in English and ``"12.5 亿元"`` in Chinese; a dash for what does not
        exist.
    """
    language = _resolved(language)
    amount = None if value is None else value / money_unit(language)
    pattern = message("language.money", language, amount="{}")
    return _written(amount, language, digits, signed=signed, pattern=pattern)


def format_date(value: date, language: str | None = None) -> str:
    """Write a date in full, as in ``"22 November 2026"`` or ``"2026年11月22日"``.

    Parameters
    ----------
    value : date
        The day.
    language : {"en", "zh"}, optional
        The language of the context, if left out.

    Returns
    -------
    str
        The date.
    """
    from babel.dates import format_date as write_date

    language = _resolved(language)
    return write_date(value, message("language.date_pattern", language), locale=_LOCALES[language])


def format_list(items: Iterable[str], language: str | None = None) -> str:
    """Write several things one after the other: ``"a, b, c"``, in Chinese ``"a、b、c"``.

    Parameters
    ----------
    items : iterable of str
        The things, in the order they are to be named.
    language : {"en", "zh"}, optional
        The language of the context, if left out.

    Returns
    -------
    str
        The list; the empty text if there is nothing.
    """
    return message("language.list_separator", language).join(items)


def _known(language: str) -> str:
    if language not in LANGUAGES:
        choices = format_list(LANGUAGES)
        raise ValueError(message("language.unknown", given=language, choices=choices))
    return language


def _resolved(language: str | None) -> str:
    return current_language() if language is None else _known(language)


def _written(value: float | None, language: str, digits: int | None, *, signed: bool, pattern: str) -> str:
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return pattern.format("∞" if value > 0 else "-∞")
    if digits is None:
        digits = _digits_shown(value)
    # Adding 0.0 turns the −0.0 that rounding leaves of a small loss into 0.0.
    rounded = round(float(value), digits) + 0.0
    from babel.numbers import format_decimal

    decimals = "." + "0" * digits if digits else ""
    written = format_decimal(rounded, format="#,##0" + decimals, locale=_LOCALES[language])
    return pattern.format(f"+{written}" if signed and rounded > 0 else written)


def _digits_shown(value: float) -> int:
    if float(value).is_integer():
        return 0
    # Rounded first: 9.996 is 10.0, which has one decimal less than 9.99.
    leading = float(f"{value:.{_SIGNIFICANT_DIGITS - 1}e}")
    return max(0, _SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(leading))))


@cache
def _catalogue(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in _catalogue_files(language):
        for message_id, text in _read_catalogue_file(path, language):
            if message_id in texts:
                raise ValueError(f"message {message_id!r} stands in {path.name} and in another catalogue file")
            texts[message_id] = text
    return texts


def _catalogue_files(language: str) -> list[Traversable]:
    folder = files("finance") / "locale"
    own, areas = f"{language}.po", f".{language}.po"
    found = [path for path in folder.iterdir() if path.name == own or path.name.endswith(areas)]
    return sorted(found, key=lambda path: path.name)


def _read_catalogue_file(path: Traversable, language: str) -> list[tuple[str, str]]:
    from babel.messages.pofile import read_po

    with path.open("rb") as stream:
        entries = read_po(stream, locale=_LOCALES[language], abort_invalid=True)
    # The entry with the empty id is the file's header. A text not yet written is no message.
    return [(str(entry.id), str(entry.string)) for entry in entries if entry.id and entry.string]
