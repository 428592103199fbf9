"""The compiled code follows its sources, and the user's own cache folder is left alone."""

import gc
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from finance import compiling

CALLER = """
from finance.compiling import njit
from finance.luck import uniform

@njit
def doubled(word):
    return 2.0 * uniform(word)

print(doubled(0) * 2.0**32)
"""


def run_copy(folder: Path, **environment: str) -> str:
    """Import the copied package in a fresh interpreter and return what its caller prints."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("NUMBA", "FINANCE"))}
    settings = {
        **inherited,
        "PYTHONPATH": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }
    command = [sys.executable, "-c", "import finance.caller"]
    return subprocess.run(command, env=settings, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(
        compiling.PACKAGE, tmp_path / "finance", ignore=shutil.ignore_patterns("__pycache__", "pages", "show")
    )
    (tmp_path / "finance" / "caller.py").write_text(CALLER)
    return tmp_path


def edit_uniform(folder: Path) -> None:
    source = folder / "finance" / "luck.py"
    text = source.read_text(encoding="utf-8")
    edited = text.replace("(word + 0.5) * 2.0**-32", "(word + 0.25) * 2.0**-32")
    assert edited != text
    source.write_text(edited, encoding="utf-8")


def test_an_edit_in_another_file_moves_the_compiled_result(copy):
    assert run_copy(copy) == "1.0"
    edit_uniform(copy)
    assert run_copy(copy) == "0.5"


def test_numba_alone_would_serve_the_stale_function(copy):
    # Why the module exists: with one fixed folder the edited function is not seen.
    fixed = str(copy / "fixed")
    assert run_copy(copy, NUMBA_CACHE_DIR=fixed) == "1.0"
    edit_uniform(copy)
    assert run_copy(copy, NUMBA_CACHE_DIR=fixed) == "1.0"


def test_a_child_process_does_not_inherit_a_stale_folder(copy):
    stale = str(copy / "cache" / "finance" / "compiled" / "0123456789abcdef01234567")
    run_copy(copy, NUMBA_CACHE_DIR=stale, FINANCE_COMPILED_CACHE=stale)
    assert not Path(stale).exists()
    assert list((copy / "cache" / "finance" / "compiled").iterdir())


@pytest.fixture
def small_package(tmp_path: Path) -> Path:
    package = tmp_path / "finance"
    (package / "inner").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "kernel.py": "from finance.compiling import njit\nfrom finance.inner import (\n    axes,\n)\n",
        "inner/__init__.py": "",
        "inner/axes.py": "from finance.inner.lengths import LENGTH\n",
        "inner/lengths.py": "LENGTH = 3\n",
        "words.py": "import os\n",
    }.items():
        (package / name).write_text(text)
    return package


def test_the_fingerprint_covers_what_compiled_files_import(small_package):
    names = {path.relative_to(small_package).as_posix() for path in compiling.compiled_sources(small_package)}
    assert names == {"kernel.py", "inner/__init__.py", "inner/axes.py", "inner/lengths.py"}


@pytest.mark.parametrize(("name", "moves"), [("kernel.py", True), ("inner/lengths.py", True), ("words.py", False)])
def test_the_fingerprint_moves_with_compiled_sources_only(small_package, name, moves):
    before = compiling.fingerprint(small_package)
    path = small_package / name
    path.write_text(path.read_text() + "# edited\n")
    assert (compiling.fingerprint(small_package) != before) == moves


def test_compiled_sources_import_absolutely():
    # The fingerprint reads absolute imports only.
    for path in compiling.compiled_sources(compiling.PACKAGE):
        assert not re.search(r"^\s*from \.", path.read_text(encoding="utf-8"), re.M), path


def test_the_users_own_folder_is_kept(small_package, tmp_path):
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "mine")}
    assert compiling.choose_cache_folder(small_package, environment) is None
    assert environment == {"NUMBA_CACHE_DIR": str(tmp_path / "mine")}


def test_a_folder_that_cannot_be_written_gives_a_temporary_one(small_package, tmp_path, monkeypatch):
    occupied = tmp_path / "occupied"
    occupied.write_text("a file where the folder should be")
    monkeypatch.setattr(compiling.platformdirs, "user_cache_path", lambda *_, **__: occupied)
    environment: dict[str, str] = {}
    folder = compiling.choose_cache_folder(small_package, environment)
    assert folder is not None
    assert folder.is_dir()
    assert not folder.is_relative_to(occupied)
    assert environment["NUMBA_CACHE_DIR"] == str(folder)
    # A child process with the same sources shares it.
    assert compiling.choose_cache_folder(small_package, environment) == folder


@compiling.njit
def half(number):
    return 0.5 * number


def test_constants_do_not_multiply_machine_code():
    types = compiling.numba.types
    for constant in (1, 2, 3):
        half.get_call_template((types.literal(constant),), {})
    assert list(half.overloads) == [(types.int64,)]


def test_no_garbage_is_collected_while_something_is_compiled():
    seen = []

    def told(number):
        return number

    @compiling.numba.extending.overload(told)
    def told_in_code(number):
        seen.append(gc.isenabled())
        return lambda number: number

    @compiling.numba.njit
    def asks(number):
        return told(number)

    assert gc.isenabled()
    assert asks(3) == 3
    assert seen
    assert not any(seen)
    assert gc.isenabled()


def test_after_a_compilation_that_fails_garbage_is_collected_again():
    @compiling.numba.njit
    def wrong(number):
        return number.nothing

    with pytest.raises(compiling.numba.core.errors.TypingError):
        wrong(3)
    assert gc.isenabled()
