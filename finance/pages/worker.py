"""``python -m finance.pages.worker``: answers one question in a process of its own, for a page that watches.

The question is the first line of standard input, a JSON object; lines of standard output say how far the work is
and, last of all, how it ended. It is broken off when standard input ends: because the page cancels, or because the
app is gone. Finished blocks are kept, so that the same question goes on from there.
"""

from __future__ import annotations

import _thread
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from finance.language import current_language, set_language
from finance.request import Refused, answer

if TYPE_CHECKING:
    from finance.running.equilibria import Solving

#: Seconds between two reports on the same stage: nobody reads faster.
_REPORT_SECONDS = 0.2

#: A page that others use too should stay quick while this works.
_NICENESS = 5


class Reporter:
    """Writes how far the work is, a JSON object a line; called as `study.compare.Progress` says."""

    def __init__(self, stream: IO[str]) -> None:
        self.has_begun = False
        self._stream, self._lock = stream, threading.Lock()
        self._last = ("", 0.0)

    def __call__(self, stage: str, done: int, total: int, now: Solving | None = None, /) -> None:
        """Take note, and tell if there is something new to tell."""
        with self._lock:
            self.has_begun = True
            moment = time.monotonic()
            if stage == self._last[0] and moment - self._last[1] < _REPORT_SECONDS and done < total:
                return
            self._last = (stage, moment)
            step = {} if now is None else {
                "scenario": now.scenario, "iteration": now.iteration, "pilot": now.pilot, "start": now.start,
            }  # fmt: skip
            self._write({"stage": stage, "done": done, "total": total, **step})

    def end(self, ending: Mapping[str, object]) -> None:
        """Say how it ended."""
        with self._lock:
            self._write({"ending": ending})

    def _write(self, line: Mapping[str, object]) -> None:
        try:
            self._stream.write(json.dumps(line, ensure_ascii=True) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass  # nobody listens any more, which standard input says too


def main() -> None:
    """Answer the question on standard input."""
    reporter = Reporter(sys.stdout)
    # What others print must not come between the reports.
    sys.stdout = sys.stderr
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    set_language(str(asked["language"]))
    # Whoever started the app in the background may have had interrupts ignored, which is inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_break_off_at_end_of_input, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    try:
        ending = _answered(asked, reporter)
    except KeyboardInterrupt:
        ending = {"kind": "cancelled"}
    reporter.end(ending)
    sys.stderr.flush()
    # What is being compiled still, nobody wants to wait for.
    os._exit(0)


def _answered(asked: Mapping[str, Any], reporter: Reporter) -> dict[str, object]:
    from finance.pages.asking import question_of
    from finance.pages.link import Wish
    from finance.scenario import ScenarioError

    wish = Wish.read(asked["address"])
    assert wish is not None, asked
    began = time.perf_counter()
    try:
        question = question_of(wish)
        found = answer(question, reporter)
    except Refused as refusal:
        return {"kind": "refused", "problems": refusal.problems}
    except ScenarioError as error:
        return {"kind": "refused", "problems": [problem.text() for problem in error.problems]}
    except Exception as error:
        # As on the command line: before any work is told of, a plain ValueError is about what was asked.
        if type(error) is ValueError and not reporter.has_begun:
            return {"kind": "refused", "problems": [str(error)]}
        return {"kind": "failed", "text": _logged(error, asked)}
    return {"kind": "done", "run": found.run, "seconds": time.perf_counter() - began, "is_kept": found.is_kept}


def _logged(error: Exception, asked: Mapping[str, Any]) -> str:
    """Keep the failure in a log file, and return the line that says so."""
    import contextlib
    import io

    from finance.pages.asking import open_store
    from finance.show.complaints import say_failure

    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        say_failure(error, [current_language(), json.dumps(asked["address"])], open_store()[0].folder)
    return said.getvalue().strip()


def _break_off_at_end_of_input() -> None:
    while sys.stdin.readline():
        pass
    if hasattr(signal, "pthread_kill"):
        # Wakes the main thread, which waits for a block; told otherwise it would first wait for the whole block.
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, signal.SIGINT)
    else:
        _thread.interrupt_main()


if __name__ == "__main__":
    main()
