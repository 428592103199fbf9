"""What a result came from: the engine's sources, the versions it ran with, the machine it ran on."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

#: Libraries whose version determines a result, so that it is part of the run id.
DETERMINING_LIBRARIES = ("numpy", "numba", "QuantLib")

#: Libraries a manifest names.
NAMED_LIBRARIES = (*DETERMINING_LIBRARIES, "patient-capital", "scipy", "pandas", "pyarrow", "pydantic")

#: What shows results and takes part in none.
_NOT_ENGINE = frozenset({"show", "pages", "cli.py", "cli_options.py", "cli_program.py", "request.py", "locale"})

#: What no equilibrium depends on besides: of a scenario only its values count, which have a digest of their own, and
#: studies come after.
NOT_MARKET = frozenset({"study", "scenario"})


def engine_digest(package: Path = PACKAGE, leave_out: frozenset[str] = frozenset()) -> str:
    """Hash the sources that results depend on.

    Parameters
    ----------
    package : Path
        Folder of the package.
    leave_out : frozenset of str
        Folders that do not count, besides those that only show.

    Returns
    -------
    str
        SHA-256, hexadecimal, of the names and contents of all Python files but those that show results or read
        what was typed (``show``, ``pages``, ``cli*.py``, ``request.py``, ``locale``).
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).as_posix()):
        name = path.relative_to(package)
        if name.parts[0] in _NOT_ENGINE | leave_out:
            continue
        content = path.read_bytes()
        digest.update(f"{name.as_posix()}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def versions(names: Iterable[str] = DETERMINING_LIBRARIES) -> dict[str, str | None]:
    """Return the installed version of each library, None for one that is not installed."""
    return {name: _version(name) for name in names}


def lock_digest(package: Path = PACKAGE) -> str | None:
    """Return the SHA-256 of the lock file beside the package; None where there is none, as in a wheel."""
    path = package.parent / "requirements.lock"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


@cache
def machine() -> dict[str, str | int | None]:
    """Describe the machine: processor, its number, system, and Python."""
    return {
        "cpu": _processor(),
        "processors": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor(description: Path = Path("/proc/cpuinfo")) -> str:
    if description.is_file():
        for line in description.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, name = line.partition(":")
            if key.strip() == "model name":
                return name.strip()
    return platform.processor() or platform.machine()
