"""Compile the kernels with Numba, and never serve a stale one.

Numba keys its disk cache by the one file a function is written in, so it goes on serving old machine code
after a function *called* from another file has changed. Before Numba is imported, this module therefore
points ``NUMBA_CACHE_DIR`` at a folder named by a fingerprint of everything that ends up in machine code: the
compiled sources and what they import, the versions of the compiler, and the processor. Whoever sets
``NUMBA_CACHE_DIR`` themselves keeps their own folder.

Only modules that hold compiled functions import this one, so a command that computes nothing never pays for
importing Numba.
"""

import atexit
import gc
import hashlib
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, overload

import llvmlite.binding
import platformdirs

PACKAGE = Path(__file__).resolve().parent
CACHE_VARIABLE = "NUMBA_CACHE_DIR"
# What this module itself chose. A child process inherits both variables; were it to take the inherited folder
# for the user's own choice, sources edited since the parent started would meet the parent's machine code.
CHOSEN_VARIABLE = "FINANCE_COMPILED_CACHE"

_IMPORT = re.compile(r"^\s*(?:from\s+finance([\w.]*)\s+import\s+(\([^)]*\)|[^\n]*)|import\s+finance([\w.]*))", re.M)

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled_sources(package: Path) -> list[Path]:
    """List the source files that decide what the machine code is.

    Parameters
    ----------
    package : Path
        Folder of the package.

    Returns
    -------
    list of Path
        Files that mention ``njit`` and the package's own modules they import, directly or not, sorted. The
        imported ones count because Numba freezes a global constant into the code that reads it.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    wanted = [path for path, text in texts.items() if "njit" in text]
    found: set[Path] = set()
    while wanted:
        path = wanted.pop()
        if path in found:
            continue
        found.add(path)
        wanted += [other for other in _imported(package, texts[path]) if other in texts]
    return sorted(found)


def _imported(package: Path, text: str) -> list[Path]:
    """Files an import statement of the text may mean: a module, a package, or a name within either."""
    paths = []
    for inner, names, plain in _IMPORT.findall(text):
        folder = package.joinpath(*(part for part in (inner or plain).split(".") if part))
        members = [folder] + [folder / name for name in re.findall(r"\w+", names)]
        paths += [member.with_suffix(".py") for member in members]
        paths += [member / "__init__.py" for member in members]
    return paths


def fingerprint(package: Path) -> str:
    """Hash the compiled sources, the versions of the compiler and the processor's name.

    Parameters
    ----------
    package : Path
        Folder of the package.

    Returns
    -------
    str
        24 hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=12)
    for path in compiled_sources(package):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()}:{len(content)}:".encode())
        digest.update(content)
    for distribution in ("numba", "llvmlite", "numpy"):
        digest.update(f"{distribution}={version(distribution)};".encode())
    digest.update(f"{platform.python_implementation()}={platform.python_version()};".encode())
    digest.update(llvmlite.binding.get_host_cpu_name().encode())
    return digest.hexdigest()


def choose_cache_folder(package: Path, environment: dict[str, str] | os._Environ[str]) -> Path | None:
    """Find the folder for machine code and write it into the environment.

    Parameters
    ----------
    package : Path
        Folder of the package.
    environment : mapping
        Environment variables, changed in place.

    Returns
    -------
    Path or None
        The folder, or None where the user has set ``NUMBA_CACHE_DIR`` and it was left alone.
    """
    present = environment.get(CACHE_VARIABLE)
    if present and present != environment.get(CHOSEN_VARIABLE):
        return None
    name = fingerprint(package)
    if present and Path(present).name.endswith(name) and _is_writable(Path(present)):
        return Path(present)
    folder = platformdirs.user_cache_path("finance", appauthor=False) / "compiled" / name
    if not _is_writable(folder):
        # A fresh private folder: what lies in a shared temporary folder under a known name may be another's.
        folder = Path(tempfile.mkdtemp(prefix="finance-", suffix="-" + name))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment[CACHE_VARIABLE] = environment[CHOSEN_VARIABLE] = str(folder)
    return folder


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


_FOLDER = choose_cache_folder(PACKAGE, os.environ)

import numba  # noqa: E402  (reads NUMBA_CACHE_DIR when imported)
from numba.core.event import Listener, register  # noqa: E402

if _FOLDER is not None:
    # Where Numba was imported earlier, by a notebook say, it has read the variable already.
    setattr(numba.config, "CACHE_DIR", str(_FOLDER))  # noqa: B010  (the checker sees no such name)


class _NoCollection(Listener):
    """Collects no garbage while something is compiled.

    A compiler makes many objects that stay, and a tenth of its time goes into looking through them. Compilations lie
    within one another, all under Numba's one lock.
    """

    def __init__(self) -> None:
        self._depth, self._was_on = 0, False

    def on_start(self, event: Any) -> None:
        """A compilation begins."""
        if self._depth == 0:
            self._was_on = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        """A compilation is over, or has failed."""
        self._depth -= 1
        if self._depth == 0 and self._was_on:
            gc.enable()


register("numba:compile", _NoCollection())  # type: ignore[no-untyped-call]


@overload
def njit(function: Function, /) -> Function: ...
@overload
def njit(*, inline: Literal["never", "always"] = ...) -> Callable[[Function], Function]: ...
def njit(function: Any = None, /, *, inline: Literal["never", "always"] = "never") -> Any:
    """Compile a function to machine code, with the one set of options the package uses.

    Cached on disk; releases the interpreter lock, so that threads run blocks side by side; division by zero
    gives inf or NaN as in NumPy; ``fastmath`` is off, because it may reorder sums and lose bit equality.

    Parameters
    ----------
    function : callable
        When used bare, as ``@njit``.
    inline : {"never", "always"}
        "always" copies the body into its callers before types are inferred.

    Returns
    -------
    callable
        The compiled function, or a decorator when options are given.
    """
    decorate = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=False, inline=inline)
    if function is None:
        return lambda decorated: _without_literals(decorate(decorated))
    return _without_literals(decorate(function))


def _without_literals(compiled: Any) -> Any:
    """Have one machine code for all constants of a type that callers hand over, not one for each constant."""
    template_of, type_alone = compiled.get_call_template, cast(Any, numba.types.unliteral)

    def template(args: Any, kws: Any) -> Any:
        return template_of([type_alone(kind) for kind in args], kws)

    compiled.get_call_template = template
    return compiled
