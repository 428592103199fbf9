"""Finding scenario files and reading them: whatever is wrong with a file is a problem, never a traceback."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

from finance.scenario.problems import NO_VALUE, Phrase, Problem, nearest
from finance.scenario.schema import FORMAT
from finance.scenario.schema_base import NAME_PATTERN
from finance.scenario.shape import Content

LARGEST_FILE = 1_000_000
"""Bytes of the largest file that is read; a scenario has some ten thousand."""

CURVES_FOLDER = "data"
"""Folder, inside a scenario folder, with curves and targets: no scenarios there."""

#: Scenarios that a message names before it only counts them.
_MOST_NAMED = 20
_PLACE_IN_MESSAGE = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")


def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios: inside an installed package, beside it in a checkout."""
    package = Path(str(files("finance")))
    installed = package / "shipped"
    return installed if installed.is_dir() else package.parent / "scenarios"


def scenario_folders() -> list[Path]:
    """Return the folders where names are looked up: ``./scenarios``, then the shipped ones."""
    folders = [Path("scenarios"), shipped_folder()]
    return list({folder.resolve(): folder for folder in folders if folder.is_dir()}.values())


def is_path(name_or_path: str) -> bool:
    """Whether a text is a path (it has a slash or ends in ``.toml``) and not a name."""
    return "/" in name_or_path or "\\" in name_or_path or name_or_path.lower().endswith(".toml")


def is_name(name: object) -> bool:
    """Whether something can be the name of a scenario or a curve."""
    return isinstance(name, str) and re.fullmatch(NAME_PATTERN, name) is not None


def files_in(folder: Path) -> list[Path]:
    """Return the scenario files of a folder and its sub-folders, those of data left out, sorted by path."""
    return [path for path in _all_files_in(folder) if stays_inside(path, folder)]


def stays_inside(path: Path, folder: Path) -> bool:
    """Whether a path, links followed, is inside a folder; a link that leads to itself is nowhere."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # RuntimeError: a circle of links
        return False


def is_file(path: Path) -> bool:
    """Whether there is a file at a path; no system has one at a path that is too long for it."""
    try:
        return path.is_file()
    except OSError:
        return False


def find_scenario(name: str, beside: Path | None = None) -> Path | None:
    """Return the file of the scenario of this name, or None.

    Parameters
    ----------
    name : str
        The file's stem.
    beside : Path, optional
        A folder that is looked into first, without its sub-folders: that of the file which names a baseline.

    Returns
    -------
    Path or None
        The first file found; a file in the folder itself goes before one in a sub-folder.
    """
    if not is_name(name):
        return None
    if beside is not None:
        path = beside / f"{name}.toml"
        if is_file(path) and stays_inside(path, beside):
            return path
    for folder in scenario_folders():
        matches = [path for path in files_in(folder) if path.stem == name]
        if matches:
            return min(matches, key=lambda path: (len(path.parts), str(path)))
    return None


def known_names(beside: Path | None = None) -> list[str]:
    """Return the names that can be found, sorted."""
    paths = [path for folder in scenario_folders() for path in files_in(folder)]
    if beside is not None:
        paths += [path for path in beside.glob("*.toml") if stays_inside(path, beside)]
    return sorted({path.stem for path in paths})


def not_found(file: str, key: str, name: str, beside: Path | None = None) -> Problem:
    """Return the problem of a scenario that is nowhere, with the one that was probably meant.

    Parameters
    ----------
    file, key : str
        Who asked for it, and where.
    name : str
        What was asked for.
    beside : Path, optional
        The folder that was looked into first.

    Returns
    -------
    Problem
        It says so where a file of this name is there but leads out of the folders by a link.
    """
    places = [(path, folder) for folder in scenario_folders() for path in _all_files_in(folder)]
    if beside is not None:
        places = [*((path, beside) for path in sorted(beside.glob("*.toml"))), *places]
    for path, folder in places:
        if path.stem == name and not stays_inside(path, folder):
            return Problem(file, key, name, "scenario.leaves_by_link", {"link": str(path)})
    names = known_names(beside)
    near = nearest(name, names)
    if near is not None:
        return Problem(file, key, name, "scenario.not_found_near", {"near": near})
    if len(names) > _MOST_NAMED:
        more = {"known": names[:_MOST_NAMED], "more": len(names) - _MOST_NAMED}
        return Problem(file, key, name, "scenario.not_found_many", more)
    return Problem(file, key, name, "scenario.not_found", {"known": names})


def read_toml(path: Path) -> tuple[Content, list[Problem]]:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    content : dict
        What the file says; empty where it cannot be read.
    problems : list of Problem
        Why it cannot be read.
    """
    raw, problems = read_bytes(path)
    if problems:
        return {}, problems
    text, problem = _decode(raw, str(path))
    if problem is not None:
        return {}, [problem]
    return _parse(text, str(path))


def read_bytes(path: Path) -> tuple[bytes, list[Problem]]:
    """Read a file's bytes, or say why they cannot be read."""
    file = str(path)
    try:
        if path.is_dir():
            return b"", [Problem(file, "", NO_VALUE, "scenario.file_is_folder")]
        if not path.exists():
            return b"", [Problem(file, "", NO_VALUE, "scenario.file_missing")]
        if not path.is_file():
            return b"", [Problem(file, "", NO_VALUE, "scenario.file_no_file")]
        if path.stat().st_size > LARGEST_FILE:
            values = {"limit": f"{LARGEST_FILE:,}"}
            return b"", [Problem(file, "", NO_VALUE, "scenario.file_too_large", values)]
        return path.read_bytes(), []
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return b"", [Problem(file, "", NO_VALUE, "scenario.file_unreadable", {"reason": reason})]


def format_problem(content: Content, file: str) -> Problem | None:
    """Return the problem of a file written for a newer version, whose other keys cannot be judged."""
    version = content.get("format")
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
        return Problem(file, "format", version, "scenario.newer_format", {"newest": FORMAT})
    return None


def _all_files_in(folder: Path) -> list[Path]:
    """Return what `files_in` does, links that lead out of the folder included."""
    found = (path for path in folder.rglob("*.toml") if path.relative_to(folder).parts[0] != CURVES_FOLDER)
    return sorted(found)


def _decode(raw: bytes, file: str) -> tuple[str, Problem | None]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_utf16(raw):
        return "", Problem(file, "", NO_VALUE, "scenario.file_utf16")
    if b"\x00" in raw:
        return "", Problem(file, "", NO_VALUE, "scenario.file_binary")
    try:
        text = raw.decode("utf-8-sig")  # editors on Windows put a mark before the text
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", Problem(file, "", NO_VALUE, "scenario.file_not_utf8", {"line": line})
    if not text.strip():
        return "", Problem(file, "", NO_VALUE, "scenario.file_empty")
    return text, None


def _looks_like_utf16(raw: bytes) -> bool:
    """Whether every other byte is zero, as in English text in UTF-16 without a mark."""
    sample = raw[:200]
    return len(sample) >= 4 and (not any(sample[1::2]) or not any(sample[::2])) and any(sample)


def _parse(text: str, file: str) -> tuple[Content, list[Problem]]:
    try:
        content = tomllib.loads(text)
    except RecursionError:
        return {}, [
            Problem(file, "", NO_VALUE, "scenario.toml_broken", {"reason": Phrase("scenario.nested_too_deeply")})
        ]
    except ValueError as error:  # broken TOML, and integers of thousands of digits
        found = _PLACE_IN_MESSAGE.search(str(error))
        reason = _PLACE_IN_MESSAGE.sub("", str(error)).replace("\n", " ")
        if found is None:
            return {}, [Problem(file, "", NO_VALUE, "scenario.toml_broken", {"reason": reason})]
        values = {"reason": reason, "line": found[1], "column": found[2]}
        return {}, [Problem(file, "", NO_VALUE, "scenario.toml_broken_at", values)]
    if not content:  # nothing but comments
        return {}, [Problem(file, "", NO_VALUE, "scenario.file_empty")]
    return content, []
