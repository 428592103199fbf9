"""How far a simulation is: a bar for those who watch, and what an interruption has to say."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from finance.language import message


class ProgressBars:
    """Bars on a terminal, one a stage; used as a context, and called with (stage, done, total).

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

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self.has_begun = False
        self.paths_done = 0
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
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

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note of how far a stage is.

        Parameters
        ----------
        stage : {"equilibrium", "paths"}
            What is being worked on.
        done, total : int
            Of its steps or paths.
        """
        self.has_begun = True
        if stage == "paths":
            self.paths_done = done
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(message(f"show.progress.{stage}"), total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)
