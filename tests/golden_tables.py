"""Golden files: tables as the model gave them when somebody last looked at them and agreed.

A golden file is never edited. ``make golden`` rewrites those that moved, and the diff is reviewed like code.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

#: How far a float may lie from its golden value: another processor may round a sum differently in the last
#: digits, while any change of the model moves more than this.
RELATIVE_TOLERANCE = 1e-9

#: How many differences a failure names before it only counts them.
_DIFFERENCES_SHOWN = 10


@dataclass(frozen=True)
class GoldenTables:
    """Compare tables with the golden files of a folder, or rewrite the files.

    Attributes
    ----------
    folder : Path
        Where ``<name>.json`` lies.
    refresh : bool
        Whether tables overwrite their files and always agree.
    """

    folder: Path
    refresh: bool = False

    def __call__(self, name: str, table: pd.DataFrame) -> None:
        """Assert that ``table`` is what ``<name>.json`` says.

        Whole numbers, truth values and text must be equal, floats within `RELATIVE_TOLERANCE` (a golden zero
        therefore exactly zero). Rows and columns are compared in their order. Missing values equal missing.

        Parameters
        ----------
        name : str
            Name of the file: lower case, digits and hyphens.
        table : DataFrame
            What the model says now. The index is left out.

        Raises
        ------
        AssertionError
            If the table differs, with the first differences, or the file does not exist.
        ValueError
            If the name is none.
        """
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            raise ValueError(f"not a name for a golden file: {name!r}")
        path = self.folder / f"{name}.json"
        columns, rows = list(map(str, table.columns)), _plain_rows(table)
        if self.refresh:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_as_text(columns, rows), encoding="utf-8")
            return
        assert path.is_file(), f"no golden file {path}: write it with `make golden` and look at it"
        golden = json.loads(path.read_text(encoding="utf-8"))
        assert columns == golden["columns"], f"{path.name}: columns {columns}, golden {golden['columns']}"
        assert len(rows) == len(golden["rows"]), f"{path.name}: {len(rows)} rows, golden {len(golden['rows'])}"
        differences = _differences(columns, rows, golden["rows"])
        assert not differences, _report(path.name, differences)


def _plain_rows(table: pd.DataFrame) -> list[list[Any]]:
    return [[_plain(value) for value in row] for row in table.itertuples(index=False, name=None)]


def _plain(value: Any) -> Any:
    """Turn a cell into what JSON can hold: numpy scalars into Python's, any kind of missing into None."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def _as_text(columns: list[str], rows: list[list[Any]]) -> str:
    """Write one row a line, so that a diff shows the rows that moved."""
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"columns": {json.dumps(columns)},\n "rows": [\n{lines}\n ]}}\n'


def _is_same(value: Any, golden: Any) -> bool:
    if isinstance(value, float) and isinstance(golden, float):
        return math.isclose(value, golden, rel_tol=RELATIVE_TOLERANCE, abs_tol=0.0)
    return type(value) is type(golden) and value == golden


def _differences(columns: list[str], rows: list[list[Any]], golden_rows: list[list[Any]]) -> list[str]:
    found = []
    for row, golden_row in zip(rows, golden_rows, strict=True):
        label = " ".join(str(cell) for cell in golden_row if isinstance(cell, str))
        for column, value, golden in zip(columns, row, golden_row, strict=True):
            if not _is_same(value, golden):
                found.append(f"{label}: {column} is {value!r}, golden {golden!r}")
    return found


def _report(file_name: str, differences: list[str]) -> str:
    shown = "\n  ".join(differences[:_DIFFERENCES_SHOWN])
    return (
        f"{file_name}: {len(differences)} values moved\n  {shown}\n"
        "If the change is meant, run `make golden`, review the diff and say so in CHANGELOG.md."
    )
