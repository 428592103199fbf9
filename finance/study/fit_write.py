"""Fitted values put back into a scenario's file and tables into a page, everything else of them left as it stands."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from finance.language import message

_HEADER = re.compile(r"^\[(?P<table>[^\[\]]+)\]\s*$")
_LINE = re.compile(r"^(?P<key>[\w-]+)(?P<between>\s*=\s*)(?P<number>[-+.\deE_]+)(?P<rest>\s*(?:#.*)?)$")
_DIGITS = 3


def rounded(value: float, digits: int = _DIGITS) -> float:
    """Return a value with so many digits that count."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def with_values(text: str, changes: Mapping[str, float]) -> str:
    """Return a scenario file's text with other numbers.

    Parameters
    ----------
    text : str
        The file. Each number stands on a line of its own under the header of its table.
    changes : mapping of str to float
        New numbers by dotted path, written with three digits that count (burn with five: needs follow from it).

    Raises
    ------
    ValueError
        If the file does not state one of the paths.
    """
    table, left, lines = "", dict(changes), []
    for line in text.split("\n"):
        header, found = _HEADER.match(line), _LINE.match(line)
        if header:
            table = header["table"]
        path = f"{table}.{found['key']}" if found else ""
        if found and path in left:
            number = rounded(left.pop(path), 5 if path.endswith(".burn") else _DIGITS)
            line = f"{found['key']}{found['between']}{number!r}{found['rest']}"
        lines.append(line)
    if left:
        raise ValueError(message("fit.not_stated", paths=", ".join(sorted(left))))
    return "\n".join(lines)


def with_tables(text: str, tables: Mapping[str, str]) -> str:
    """Return a page's text with other tables between ``<!-- name -->`` and ``<!-- end -->``.

    Raises
    ------
    ValueError
        If the page has no place for one of the tables.
    """
    for name, table in tables.items():
        place = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.S)
        if not place.search(text):
            raise ValueError(message("fit.no_place", name=name))
        text = place.sub(lambda found, table=table: f"{found[1]}\n{table}\n\n{found[2]}", text)  # type: ignore[misc]
    return text
