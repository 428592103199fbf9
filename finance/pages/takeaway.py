"""A kept run to be taken away: the report and the workbook that the command line writes, and the tables as they are."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from finance.language import set_language
from finance.pages.kept import Shown

if TYPE_CHECKING:
    import pandas as pd

# Each of these is called when somebody clicks, in a thread of its own, in which nobody has chosen a language.


def report(shown: Shown, command: str, language: str) -> bytes:
    """Return the report as an HTML page that needs nothing else.

    Parameters
    ----------
    shown : Shown
        The run.
    command : str
        What to type for the same again; empty where no command does it.
    language : {"en", "zh"}
        Of the report.

    Returns
    -------
    bytes
        UTF-8.
    """
    from finance.show.report import page

    set_language(language)
    return page(replace(shown.read, command=command)).encode("utf-8")


def workbook(shown: Shown, command: str, language: str) -> bytes:
    """Return the workbook, with the parameters of `report`."""
    from finance.show.excel import write_workbook

    set_language(language)
    with tempfile.TemporaryDirectory(prefix="patient-capital-") as folder:
        path = Path(folder) / f"{shown.run}.xlsx"
        write_workbook(replace(shown.read, command=command), path)
        return path.read_bytes()


def csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV that spreadsheets read as UTF-8."""
    return frame.to_csv(index=False).encode("utf-8-sig")


def zipped(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return all tables as CSV files in one ZIP file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables.items():
            archive.writestr(f"{name}.csv", csv(table))
    return stream.getvalue()


def as_json(shown: Shown) -> str:
    """Return all tables as the command line prints them with ``--json``."""
    from finance.running.store import to_json

    return to_json(shown.run, shown.tables)
