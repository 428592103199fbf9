"""Work in processes of its own: started once for a question however many pages ask it, watched, broken off."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from finance.pages.link import Wish

#: How a job can end. ``lost``: its process is gone without a word.
Kind = Literal["done", "refused", "failed", "cancelled", "lost"]


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes
    ----------
    kind : {"done", "refused", "failed", "cancelled", "lost"}
        Which of them.
    run : str
        The run's id, if done.
    seconds : float
        How long it took, if done.
    problems : tuple of str
        What was wrong with the question, if refused, or with the program, if failed; in the language of who asked.
    """

    kind: Kind
    run: str = ""
    seconds: float = 0.0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """How far a job is: a stage of the work, what is done of it, and the step that a solve is at."""

    stage: str = ""
    done: int = 0
    total: int = 0
    step: Mapping[str, Any] = field(default_factory=dict)


class Job:
    """One question that is being answered.

    Attributes
    ----------
    id : str
        Of the job, and of the run that it makes.
    wish : Wish
        What was asked.
    began : float
        Monotonic clock.
    report : Report
        How far it is.
    ending : Ending or None
        None while it goes on.
    """

    def __init__(self, name: str, wish: Wish, process: subprocess.Popen[str]) -> None:
        self.id, self.wish, self.began = name, wish, time.monotonic()
        self.report = Report()
        self.ending: Ending | None = None
        self.is_cancelling = False
        self._process = process
        self._listener = threading.Thread(target=self._listen, name=f"job-{name}", daemon=True)
        self._listener.start()

    def cancel(self) -> None:
        """Ask the process to stop; it keeps what is finished and says so within seconds."""
        self.is_cancelling = True
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it is gone already
            self._process.stdin.close()

    def wait(self, seconds: float) -> Ending | None:
        """Wait for the ending, no longer than some seconds."""
        self._listener.join(seconds)
        return self.ending

    def _listen(self) -> None:
        ending = Ending("lost")
        try:
            ending = self._heard()
        finally:
            # Whatever came: somebody waits for an ending.
            self.ending = ending
            if not self.is_cancelling:
                self.cancel()  # which closes the pipe

    def _heard(self) -> Ending:
        """Take note of what the process says until it is gone; return the last ending it told."""
        assert self._process.stdout is not None
        ending = Ending("lost")
        with self._process.stdout as lines:
            for line in lines:
                said = _read(line)
                if "ending" in said:
                    ending = _ending(said["ending"])
                elif "stage" in said:
                    stage, done, total = (said.pop(name) for name in ("stage", "done", "total"))
                    self.report = Report(stage, done, total, said)
        self._process.wait()
        return ending


class Jobs:
    """The jobs of an app, by id."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, name: str, wish: Wish, language: str, command: tuple[str, ...] | None = None) -> Job:
        """Start a job, or join the one that is at the same question already.

        Parameters
        ----------
        name : str
            Of the question: the id of its run.
        wish : Wish
            Checked.
        language : {"en", "zh"}
            In which problems are said.
        command : tuple of str, optional
            What to start; the worker, if left out.

        Returns
        -------
        Job
        """
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.ending is not None or job.is_cancelling:
                job = Job(name, wish, _process(wish, language, command or _WORKER))
                self._jobs[name] = job
            return job

    def find(self, name: str) -> Job | None:
        """Return a job, None if there is none of that id."""
        return self._jobs.get(name)

    def running(self) -> list[Job]:
        """Return the jobs that go on, the oldest first."""
        return [job for job in self._jobs.values() if job.ending is None]


_WORKER = (sys.executable, "-m", "finance.pages.worker")


def _process(wish: Wish, language: str, command: tuple[str, ...]) -> subprocess.Popen[str]:
    # The package is found where this one was, whatever the working folder.
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # gone already: its ending is "lost"
        process.stdin.write(json.dumps({"address": wish.address(), "language": language}) + "\n")
        process.stdin.flush()
    return process


def _read(line: str) -> dict[str, Any]:
    """Return what a line says; nothing, if it is no report: a library may print to where reports go."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _ending(said: Mapping[str, Any]) -> Ending:
    problems = said.get("problems") or ([said["text"]] if said.get("text") else [])
    return Ending(said["kind"], str(said.get("run", "")), float(said.get("seconds", 0.0)), tuple(problems))
