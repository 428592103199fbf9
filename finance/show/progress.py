"""How far a simulation is: a bar for those who watch, and what an interruption has to say."""

from __future__ import annotations

from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column

from finance.language import current_language, format_number, message

if TYPE_CHECKING:
    from finance.running.equilibria import Solving

_BAR_WIDTH = 10


class ProgressBars:
    """Bars on a terminal, one a stage of the work; used as a context, and called with (stage, done, total).

    Parameters
    ----------
    console : Console
        Where the bars are drawn: if it is no terminal, nowhere.
    quiet : bool
        Whether to draw nothing in any case.

    Attributes
    ----------
    has_begun : bool
        Whether anything was ever told, that is whether the arguments were found to be in order.
    paths_done : int
        Finished paths.
    """

    # Those who tell do so from threads of their own, in which nobody has chosen a language.

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self.has_begun = False
        self.paths_done = 0
        self._language, self._lock = current_language(), Lock()
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=_BAR_WIDTH),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[now]}", style="dim", markup=False, table_column=Column(no_wrap=True, ratio=1)),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(self, stage: str, done: int, total: int, now: Solving | None = None, /) -> None:
        """Take note of how far a stage is.

        Parameters
        ----------
        stage : {"compiling", "equilibrium", "diagnosis", "paths"}
            What is being worked on.
        done, total : int
            Of its solves or paths; one in all for compiling.
        now : Solving, optional
            The step that a solve is at.
        """
        with self._lock:
            self.has_begun = True
            if stage == "paths":
                self.paths_done = done
            if stage not in self._tasks:
                text = message(f"show.progress.{stage}", self._language)
                self._tasks[stage] = self._bars.add_task(text, total=total, now="")
            task = self._tasks[stage]
            self._bars.update(task, completed=done, total=total)
            if now is not None or done >= total:
                # Behind the last solve stands nothing any more.
                self._bars.update(task, now="" if now is None or done >= total else self._step(now))

    def _step(self, now: Solving) -> str:
        values = {"scenario": now.scenario, "iteration": format_number(now.iteration, self._language)}
        if now.start == "baseline":
            pilot = format_number(now.pilot + 1, self._language)
            return message("show.progress.pilot", self._language, **values, pilot=pilot)
        start = message(f"show.start.{now.start}", self._language)
        return message("show.progress.start", self._language, **values, start=start)
