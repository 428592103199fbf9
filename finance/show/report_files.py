"""A run's tables as files: a folder with a file for each, whole or not there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from finance.language import message
from finance.running.files import sync_file, sync_folder
from finance.show.report_run import UnreadableRunError


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, kind: str) -> None:
    """Write each table as a file of its own, machine names and full precision kept.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Name → table; the name becomes that of the file.
    folder : Path
        Made if absent. One with tables of an earlier export, and nothing else, is replaced.
    kind : {"csv", "parquet"}
        Of the files.

    Raises
    ------
    UnreadableRunError
        If the folder holds anything else.
    OSError
        If it cannot be written; then it is as it was.
    """
    if folder.exists():
        if not folder.is_dir():
            raise UnreadableRunError(message("report.is_file", path=str(folder)))
        if any(not path.is_file() or path.suffix != f".{kind}" for path in folder.iterdir()):
            raise UnreadableRunError(message("report.folder_in_use", folder=str(folder)))
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
    try:
        for name, table in tables.items():
            path = draft / f"{name}.{kind}"
            if kind == "csv":
                table.to_csv(path, index=False, lineterminator="\n")
            else:
                table.to_parquet(path, index=False)
            sync_file(path)
        draft.chmod(0o755)
        _put(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_folder(folder.parent)


def _put(draft: Path, folder: Path) -> None:
    """Give the draft its name; a folder cannot be renamed onto one that is not empty."""
    if not folder.exists():
        draft.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=".replaced-", dir=folder.parent))
    folder.rename(aside / folder.name)
    draft.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)
