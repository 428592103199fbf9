"""Tables that fit the terminal: a column a scenario or a measure, as many beside one another as have room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from finance.show.cells import UNCLEAR, Cell
from finance.show.wrapping import wrapped

#: A heading is broken at its hyphens and spaces to be no wider than this, if its column need not be.
_HEADING_WIDTH = 10


@dataclass(frozen=True)
class Column:
    """A column of a grid: its heading, and a cell for each row."""

    heading: str
    cells: Sequence[Cell]


@dataclass
class Grid:
    """A table in the making.

    Attributes
    ----------
    title : str
        Above the table.
    labels : list of str
        One a row.
    columns : list of Column
        As many cells each as there are labels.
    sections : dict of int to str
        Row → heading that stands above it.
    note : str
        Below the table; empty for none.
    """

    title: str
    labels: list[str]
    columns: list[Column] = field(default_factory=list)
    sections: dict[int, str] = field(default_factory=dict)
    note: str = ""

    def show(self, console: Console) -> None:
        """Print the grid, closer together or in several parts one below the other where it is too wide."""
        rest = list(self.columns)
        space = 0 if self._width(rest, console, 1) > console.width >= self._width(rest, console, 0) else 1
        while rest and self.labels:
            taken = self._fitting(rest, console, space)
            console.print()
            console.print(Text(self.title, style="bold"))
            console.print(self._table(rest[:taken], space))
            rest = rest[taken:]
        if self.note and self.labels:
            for line in wrapped(self.note, console.width):
                console.print(Text(line, style="dim"))

    def _fitting(self, columns: list[Column], console: Console, space: int) -> int:
        """Count the columns, from the first on, for which the terminal has room; at least one."""
        for taken in range(len(columns), 1, -1):
            if self._width(columns[:taken], console, space) <= console.width:
                return taken
        return 1

    def _width(self, columns: list[Column], console: Console, space: int) -> int:
        table = self._table(columns, space)
        return Measurement.get(console, console.options.update(max_width=10_000), table).maximum

    def _table(self, columns: list[Column], space: int) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, space, 0, 0), show_edge=False)
        table.add_column("")
        written = []
        for column in columns:
            texts = _aligned(column.cells)
            heading = broken(column.heading, max(_HEADING_WIDTH, *map(cell_len, texts)))
            # Padded here: a right-justified column would lose the blanks that stand for a missing mark.
            width = max(map(cell_len, [*heading.split("\n"), *texts]))
            written.append([_padded(text, width, is_number=True) for text in texts])
            table.add_column(Text(heading, justify="right"), no_wrap=True, vertical="bottom")
        for row, label in enumerate(self.labels):
            if row in self.sections:
                table.add_row(Text(self.sections[row], style="italic"))
            indent = "  " if self.sections else ""
            shown = [Text(texts[row], style="dim" if UNCLEAR in texts[row] else "") for texts in written]
            table.add_row(Text(indent + label), *shown)
        return table


def broken(heading: str, width: int) -> str:
    """Break a heading into lines at its hyphens and spaces.

    Parameters
    ----------
    heading : str
        A name or a few words.
    width : int
        Cells that a line has, unless one piece is wider.

    Returns
    -------
    str
        The lines, with line breaks between them.
    """
    lines = [""]
    for piece in heading.replace("-", "-\0").replace(" ", " \0").split("\0"):
        if lines[-1] and cell_len(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


def _aligned(cells: Sequence[Cell]) -> list[str]:
    """Write the cells of a column so that their intervals and marks stand below one another."""
    widths = [max((cell_len(part) for part in parts), default=0) for parts in zip(*map(_parts, cells), strict=True)]
    return [
        " ".join(
            _padded(part, width, is_number=place == 0)
            for place, (part, width) in enumerate(zip(_parts(cell), widths, strict=True))
            if width
        )
        for cell in cells
    ]


def _parts(cell: Cell) -> tuple[str, str, str]:
    return cell.number, cell.margin, cell.mark


def _padded(text: str, width: int, *, is_number: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if is_number else text + space
