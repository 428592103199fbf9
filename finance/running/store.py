"""The run store: a folder a run, named by what determines its result, whole or not there.

``<store>/<id>/`` holds ``manifest.json`` and one Parquet file a table. It is written under a temporary name,
pushed to the disk and renamed. ``<store>/.unfinished-<id>/`` holds a run's request and its finished blocks
until it is saved.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from finance.language import message
from finance.running.files import sync_file, sync_folder, write_whole
from finance.running.provenance import NAMED_LIBRARIES, lock_digest, machine, versions

#: The format of the store; a run of a newer one is not read.
FORMAT = 1

FOLDER_VARIABLE = "PATIENT_CAPITAL_RUNS"

_ID = re.compile(r"[0-9a-f]{4,64}")
_TABLE_NAME = re.compile(r"[a-z0-9_]+")
_log = logging.getLogger(__name__)


def default_folder() -> Path:
    """Return the folder that ``PATIENT_CAPITAL_RUNS`` names, else ``runs`` in the working folder."""
    return Path(os.environ.get(FOLDER_VARIABLE) or "runs")


def run_id(determinants: Mapping[str, object]) -> str:
    """Name a run by what determines its result.

    Parameters
    ----------
    determinants : mapping
        What JSON can hold: resolved values, baseline, digests, paths, seed, precision, versions.

    Returns
    -------
    str
        20 hexadecimal digits of the SHA-256 of the determinants, whose order does not matter.

    Raises
    ------
    TypeError, ValueError
        If JSON cannot hold them, NaN included.
    """
    text = json.dumps(determinants, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class TableFile:
    """What the manifest knows of a table: its number of rows, and its file's size and SHA-256."""

    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a run is, and where it came from.

    Attributes
    ----------
    run : str
        Its id.
    determinants : mapping
        What the id is the hash of.
    scenarios : mapping of str to str
        Name → text of the scenario.
    timings : mapping of str to float
        Step → seconds.
    created : str
        When it was saved, ISO 8601, UTC.
    machine, versions : mapping
        Processor and system; library → version.
    lock : str or None
        SHA-256 of the lock file.
    tables : mapping of str to TableFile
        Filled when saved.
    format : int
        Of the store.
    """

    run: str
    determinants: Mapping[str, object]
    scenarios: Mapping[str, str]
    timings: Mapping[str, float] = field(default_factory=dict)
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    machine: Mapping[str, object] = field(default_factory=machine)
    versions: Mapping[str, str | None] = field(default_factory=lambda: versions(NAMED_LIBRARIES))
    lock: str | None = field(default_factory=lock_digest)
    tables: Mapping[str, TableFile] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True)
class StoredRun:
    """A run read back: its manifest and its tables."""

    manifest: Manifest
    tables: dict[str, pd.DataFrame]


class RunStore:
    """A folder of runs.

    Parameters
    ----------
    folder : Path, optional
        Made when something is first saved; `default_folder` if left out.
    report : callable, optional
        Told, in a sentence, of each run that cannot be read and is skipped; the log, if left out.
    """

    def __init__(self, folder: Path | None = None, report: Callable[[str], None] | None = None) -> None:
        self.folder = default_folder() if folder is None else Path(folder)
        self._report = _log.warning if report is None else report

    def save(self, manifest: Manifest, tables: Mapping[str, pd.DataFrame]) -> Path:
        """Save a run, then drop its unfinished folder.

        Parameters
        ----------
        manifest : Manifest
            Its ``tables`` are filled here.
        tables : mapping of str to DataFrame
            Name (letters, digits, underscores) → table.

        Returns
        -------
        Path
            Its folder. A run of the same id that was there is replaced.

        Raises
        ------
        ValueError
            If the id or a table's name is not as said.
        OSError
            If it cannot be written; then the store is as it was.
        """
        target = self._path(manifest.run)
        unfit = [name for name in tables if not _TABLE_NAME.fullmatch(name)]
        if unfit:
            raise ValueError(f"a table's name has small letters, digits and underscores: {unfit}")
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".writing-{manifest.run}-", dir=self.folder))
        try:
            written = {name: _write_table(draft / f"{name}.parquet", table) for name, table in tables.items()}
            text = json.dumps(asdict(replace(manifest, tables=written)), allow_nan=False, ensure_ascii=False, indent=1)
            write_whole(draft / "manifest.json", lambda stream: stream.write(text.encode()))
            draft.chmod(0o755)
            self._put(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self._unfinished_path(manifest.run), ignore_errors=True)
        return target

    def has(self, run: str) -> bool:
        """Whether the run is there and whole; one that is not whole is reported."""
        return self.find(run) is not None

    def find(self, run: str) -> StoredRun | None:
        """Return a run, None if it is not there; a broken one is reported and counts as not there."""
        folder = self._path(run)
        if not folder.is_dir():
            return None
        try:
            return self._read(folder)
        except _UnreadableRunError as error:
            self._report(str(error))
            return None

    def load(self, run: str) -> StoredRun:
        """Read a run.

        Parameters
        ----------
        run : str
            Its id, or the beginning of it if no other run's id begins so; at least 4 digits.

        Returns
        -------
        StoredRun
            Manifest and tables.

        Raises
        ------
        ValueError
            If there is no such run, several begin so, or it is broken or of a newer format.
        """
        if not _ID.fullmatch(run):
            raise ValueError(message("running.no_such_run", run=run, folder=str(self.folder)))
        begun = [folder for folder in self._folders() if folder.name.startswith(run)]
        begun = [folder for folder in begun if folder.name == run] or begun
        if len(begun) > 1:
            raise ValueError(message("running.ambiguous_run", run=run))
        if not begun:
            raise ValueError(message("running.no_such_run", run=run, folder=str(self.folder)))
        return self._read(begun[0])

    def runs(self) -> list[Manifest]:
        """Return the manifests of all runs, the newest first; broken and half runs are reported."""
        found = []
        for folder in self._folders():
            try:
                found.append(self._manifest(folder))
            except _UnreadableRunError as error:
                self._report(str(error))
        return sorted(found, key=lambda manifest: (manifest.created, manifest.run), reverse=True)

    def begin(self, run: str, request: Mapping[str, object]) -> Path:
        """Keep what was asked, so that the run can be resumed.

        Parameters
        ----------
        run : str
            Its id.
        request : mapping
            What JSON can hold, enough to ask the same again.

        Returns
        -------
        Path
            Folder for the run's finished blocks. Gone once the run is saved.
        """
        folder = self._unfinished_path(run)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(request, allow_nan=False, ensure_ascii=False)
        write_whole(folder / "request.json", lambda stream: stream.write(text.encode()))
        blocks = folder / "blocks"
        blocks.mkdir(exist_ok=True)
        return blocks

    def unfinished(self) -> dict[str, dict[str, Any]]:
        """Return the requests of all runs that were begun and not saved, by id."""
        found = {}
        for folder in sorted(self.folder.glob(".unfinished-*")):
            try:
                found[folder.name.removeprefix(".unfinished-")] = json.loads(
                    (folder / "request.json").read_text(encoding="utf-8")
                )
            except (OSError, ValueError):
                self._report(message("running.broken_request", folder=str(folder)))
        return found

    def _path(self, run: str) -> Path:
        if not _ID.fullmatch(run):
            raise ValueError(f"a run id is 4 to 64 hexadecimal digits, not {run!r}")
        return self.folder / run

    def _unfinished_path(self, run: str) -> Path:
        return self._path(run).with_name(f".unfinished-{run}")

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if path.is_dir() and _ID.fullmatch(path.name))

    def _put(self, draft: Path, target: Path) -> None:
        """Give the draft its name; a folder cannot be renamed onto one that is not empty."""
        for path in draft.iterdir():
            sync_file(path)
        sync_folder(draft)
        if target.exists():
            aside = Path(tempfile.mkdtemp(prefix=".replaced-", dir=self.folder))
            target.rename(aside / target.name)
            draft.rename(target)
            shutil.rmtree(aside, ignore_errors=True)
        else:
            draft.rename(target)
        sync_folder(self.folder)

    def _manifest(self, folder: Path) -> Manifest:
        path = folder / "manifest.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            is_newer = content["format"] > FORMAT
        except (OSError, ValueError, KeyError, TypeError):
            raise _UnreadableRunError(message("running.broken_run", folder=str(folder))) from None
        if is_newer:
            raise _UnreadableRunError(message("running.newer_run", folder=str(folder)))
        try:
            content["tables"] = {name: TableFile(**table) for name, table in content["tables"].items()}
            manifest = Manifest(**content)
        except (KeyError, TypeError, AttributeError):
            raise _UnreadableRunError(message("running.broken_run", folder=str(folder))) from None
        files = {folder / f"{name}.parquet": table.size for name, table in manifest.tables.items()}
        is_whole = all(path.is_file() and path.stat().st_size == size for path, size in files.items())
        if not is_whole or manifest.run != folder.name:
            raise _UnreadableRunError(message("running.broken_run", folder=str(folder)))
        return manifest

    def _read(self, folder: Path) -> StoredRun:
        manifest = self._manifest(folder)
        tables = {}
        for name, known in manifest.tables.items():
            path = folder / f"{name}.parquet"
            if _sha256(path) != known.sha256:
                raise _UnreadableRunError(message("running.broken_run", folder=str(folder)))
            tables[name] = pd.read_parquet(path)
        return StoredRun(manifest, tables)


class _UnreadableRunError(ValueError):
    """A run that cannot be read; the text says which and why."""


def to_json(run: str | None, tables: Mapping[str, pd.DataFrame]) -> str:
    """Write tables as strict JSON.

    Parameters
    ----------
    run : str or None
        The run's id; None for what belongs to no run.
    tables : mapping of str to DataFrame
        Name → table.

    Returns
    -------
    str
        ``{"run": id, "tables": {name: [rows]}}``, null for what is empty or undefined.
    """
    rows = {name: _rows(table) for name, table in tables.items()}
    return json.dumps({"run": run, "tables": rows}, allow_nan=False, ensure_ascii=False)


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    columns = {str(name): [_plain(value) for value in table[name].tolist()] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> object:
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _write_table(path: Path, table: pd.DataFrame) -> TableFile:
    table.to_parquet(path, index=False)
    return TableFile(len(table), path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
