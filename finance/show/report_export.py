"""A run of the store as a file for people or programs: where it goes, and that it is there whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from finance.language import current_language, message
from finance.running.store import Manifest, RunStore, StoredRun
from finance.show.report_run import UnreadableRunError, find_run, reported

#: What a run can be written as.
FORMATS = ("xlsx", "parquet", "csv", "html")
#: Those of which each table is a file in a folder.
_IN_FOLDERS = ("parquet", "csv")


def export(
    run: str, kind: str, store: RunStore, to: str | None, command_of: Callable[[Manifest], str]
) -> tuple[str, Path]:
    """Write a run as a file, or as a folder of files.

    Parameters
    ----------
    run : str
        As `find_run` takes it.
    kind : str
        One of `FORMATS`.
    store : RunStore
        Where an id is looked up.
    to : str or None
        File or folder; a file may also be given by the folder that it goes to. Beside the run's folder, if None.
    command_of : callable
        Tells what to type for the same run again.

    Returns
    -------
    run : str
        Its id.
    path : Path
        What was written.

    Raises
    ------
    UnreadableRunError
        If the run cannot be read, or nothing can be written there.
    """
    stored = find_run(run, store)
    identity = stored.manifest.run
    path = _place(identity, kind, _folder_of(run, store), to)
    try:
        _write(stored, kind, path, command_of)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableRunError(message("report.cannot_write", path=str(path), reason=reason)) from None
    return identity, path


def _write(stored: StoredRun, kind: str, path: Path, command_of: Callable[[Manifest], str]) -> None:
    if kind in _IN_FOLDERS:
        from finance.show.report_files import write_tables

        write_tables(stored.tables, path, kind)
        return
    run = reported(stored, command_of(stored.manifest))
    if kind == "html":
        from finance.show.report import write_report

        write_report(run, path)
    else:
        from finance.show.excel import write_workbook

        write_workbook(run, path)


def _folder_of(run: str, store: RunStore) -> Path:
    folder = Path(run)
    return folder.resolve().parent if (folder / "manifest.json").is_file() else store.folder


def _place(identity: str, kind: str, beside: Path, to: str | None) -> Path:
    """Choose the file, or the folder, and refuse what stands in the way."""
    # A page is in one language; numbers and workbooks are in none, and in both.
    name = {"html": f"{identity}.{current_language()}.html", "xlsx": f"{identity}.xlsx"}.get(kind, f"{identity}-{kind}")
    if to is None:
        return beside / name
    path = Path(to)
    try:
        if kind in _IN_FOLDERS:
            return path
        return path / name if path.is_dir() else path
    except (OSError, ValueError) as error:  # a name too long, or with a null character
        raise UnreadableRunError(message("report.cannot_write", path=to[:40], reason=str(error))) from None
