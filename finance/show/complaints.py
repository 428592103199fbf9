"""What is said on standard error: what has to be mended, what is worth knowing, what went wrong."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from finance.language import format_number, message

if TYPE_CHECKING:
    from finance.scenario import Scenario


def say(text: str) -> None:
    """Print a line to standard error, whatever the terminal can show."""
    print(text, file=sys.stderr)


def say_problems(problems: Sequence[str]) -> None:
    """Print what is wrong with what was typed.

    Parameters
    ----------
    problems : sequence of str
        One stands alone; several are counted first.
    """
    if len(problems) > 1:
        say(message("cli.problems", count=format_number(len(problems))))
    for problem in problems:
        say(problem if len(problems) == 1 else f"  {problem}")


def say_warnings(scenarios: Iterable[Scenario]) -> None:
    """Print what is worth knowing of scenarios, each thing once."""
    texts = [warning.text() for scenario in scenarios for warning in scenario.warnings]
    for text in dict.fromkeys(texts):
        say(message("cli.warning", text=text))


def say_interrupted(finished: int = 0, paths: int | None = None, folder: Path | None = None) -> None:
    """Print that the user broke off, and what is kept.

    Parameters
    ----------
    finished : int
        Finished paths.
    paths : int or None
        Paths that were asked for; None if nothing was simulated yet.
    folder : Path or None
        Where finished blocks are kept.
    """
    if paths is None:
        say(message("cli.interrupted"))
    elif not finished:
        say(message("cli.interrupted_early"))
    else:
        counts = {"finished": format_number(finished), "paths": format_number(paths)}
        say(message("cli.interrupted_kept", **counts, folder=str(folder)))


def say_failure(error: BaseException, arguments: Sequence[str], folder: Path | None) -> None:
    """Print one line on a failure nobody expected, and keep the rest in a log file.

    Parameters
    ----------
    error : BaseException
        The failure.
    arguments : sequence of str
        What was typed.
    folder : Path or None
        Folder for the log, the run store; the system's temporary folder if it is None or not writable.
    """
    lines = str(error).strip().splitlines() or [""]
    name = type(error).__name__
    short = f"{name}: {lines[0]}" if lines[0] else name
    with _log_file(folder) as stream:
        stream.write(f"{sys.version}\n{list(arguments)!r}\n\n")
        stream.write("".join(traceback.format_exception(error)))
        say(message("cli.failed", error=short, log=stream.name))


def _log_file(folder: Path | None) -> IO[str]:
    def opened(place: Path | None) -> IO[str]:
        return tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="backslashreplace", prefix="patient-capital-", suffix=".log",
            dir=place, delete=False,
        )  # fmt: skip

    if folder is not None and folder.is_dir():
        try:
            return opened(folder)
        except OSError:
            pass  # a full or write-protected disk may be what failed
    return opened(None)
