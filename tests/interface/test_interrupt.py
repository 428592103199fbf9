"""Ctrl-C: a running comparison ends at once with 130, says so in a line, and leaves nothing half written."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from finance import compiling

TINY = Path(__file__).parents[1] / "scenarios" / "tiny.toml"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal and its signals are wanted")

#: Seconds that a test waits for what should be there much earlier, before it gives up.
PATIENCE = 120


@pytest.fixture
def started(tmp_path):
    """Start the command line in a folder and with a cache of its own, on a pseudo-terminal; it is killed in the end."""
    processes = []

    def start(*arguments, **environment):
        import pty

        master, slave = pty.openpty()
        # The cache of equilibria is empty; that of compiled functions is the one that this process uses.
        numba = os.environ[compiling.CACHE_VARIABLE]
        own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), compiling.CACHE_VARIABLE: numba, "TERM": "xterm", "LANG": "C"}
        inherited = {name: value for name, value in os.environ.items() if name != compiling.CHOSEN_VARIABLE}
        process = subprocess.Popen(
            [sys.executable, "-m", "finance", *arguments], cwd=tmp_path, env=inherited | own | environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave,
            # Whoever runs the tests in the background has Ctrl-C ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        os.close(slave)
        processes.append((process, master))
        return process, master

    yield start
    for process, master in processes:
        process.kill()
        process.communicate()
        os.close(master)


def read_until(master, wanted, seen=""):
    """Read what is printed until a pattern is in it, or until there is no more to come."""
    while wanted is None or not re.search(wanted, seen):
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other end is closed
            piece = b""
        if not piece:
            assert wanted is None, f"{wanted!r} is not in {seen!r}"
            break
        seen += piece.decode("utf-8", "replace")
    return seen


def ended(process, master, seen):
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=PATIENCE)
    return code, read_until(master, None, seen)


def equilibria_in(folder):
    """What is kept there of solves; planners' pools are another matter."""
    return [path for path in folder.rglob("*.npz") if not path.stem.endswith("-shelf")]


def left_over(folder):
    """Files that are only half written, by their names."""
    return [path for path in folder.rglob("*") if path.name.startswith(".writing-")]


def test_while_equilibria_are_solved(started, tmp_path):
    process, master = started("compare", str(TINY), "--paths", "10000000", "--out", "runs")
    seen = read_until(master, r"Equilibrium.*step \d+, tiny, pilot \d")
    code, seen = ended(process, master, seen)
    assert code == 130, seen
    assert "interrupted before a block of paths was finished" in seen
    assert "Traceback" not in seen
    assert process.stdout.read() == b""
    assert left_over(tmp_path) == []
    assert not equilibria_in(tmp_path / "cache")
    assert not (tmp_path / "runs").exists()


def test_while_paths_are_simulated(started, tmp_path):
    process, master = started("compare", str(TINY), "--paths", "10000000", "--out", "runs")
    seen = read_until(master, r"Paths[^\n]* [1-9]\d*/10000000")
    code, seen = ended(process, master, seen)
    assert code == 130, seen
    assert re.search(r"finished blocks kept \([\d,]+ of 10,000,000 paths, in runs\)", seen)
    assert "Traceback" not in seen
    assert process.stdout.read() == b""
    assert left_over(tmp_path) == []
    (unfinished,) = (tmp_path / "runs").iterdir()
    assert unfinished.name.startswith(".unfinished-")
    assert list((unfinished / "blocks").glob("node-*.npz"))
    # What was solved is kept: the equilibrium and what other starts lead to.
    assert len(equilibria_in(tmp_path / "cache")) == 2


def test_while_functions_are_compiled(started, tmp_path):
    """Compilation cannot be broken off; the program does not wait for it."""
    empty = tmp_path / "numba"
    process, master = started("compare", str(TINY), "--out", "runs", **{compiling.CACHE_VARIABLE: str(empty)})
    seen = read_until(master, "Compiling")
    code, seen = ended(process, master, seen)
    assert code == 130, seen
    assert "interrupted" in seen
    assert "Traceback" not in seen
    assert left_over(tmp_path) == []
