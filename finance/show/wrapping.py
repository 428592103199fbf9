"""Breaking text into lines: at spaces, and between any two Chinese characters that may part."""

from __future__ import annotations

import re

from rich.cells import cell_len

_NOT_FIRST = "，。、；：？！）》”’】〕…"
_NOT_LAST = "（《“‘【〔"
#: What stays together: a run without spaces and Chinese characters, or one Chinese character, with the
#: brackets that open before it, the marks that close after it, and the spaces behind. A percent sign closes too,
#: but parts no run: addresses have many.
_PIECE = re.compile(
    rf"[{_NOT_LAST}]*(?:[^\s⺀-鿿　-〿＀-￯{_NOT_FIRST}{_NOT_LAST}]+|\S)"
    rf"[{_NOT_FIRST}%]*\s*"
)


def wrapped(text: str, width: int, indent: str = "", first: str | None = None) -> list[str]:
    """Break a text into lines.

    Parameters
    ----------
    text : str
        Without line breaks that matter.
    width : int
        Cells of a terminal in a line; a Chinese character takes two.
    indent : str
        Before each line.
    first : str, optional
        Before the first line instead.

    Returns
    -------
    list of str
        At least one line. Only a piece that is longer than a whole line makes one that is too long.
    """
    lines, line = [], indent if first is None else first
    is_begun = False
    for piece in _PIECE.findall(" ".join(text.split())):
        if is_begun and cell_len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = indent
        line += piece
        is_begun = True
    return [*lines, line.rstrip()]
