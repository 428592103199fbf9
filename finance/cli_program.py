"""The program behind the commands: its language, its help, its exit codes, and what is said when something goes wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextvars import copy_context
from difflib import get_close_matches
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from finance.language import format_list, message, set_language
from finance.request import Refused, chosen_language, shortened
from finance.show.complaints import say_failure, say_interrupted, say_problems

if TYPE_CHECKING:
    from rich.console import Console

PROGRAM = "patient-capital"

#: Exit codes: bad input, a failure not of the user's making, and an interruption (128 + SIGINT).
BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130

#: The class of all usage mistakes has no public name in Typer; that of bad parameters, which has, is one.
_UsageMistake: type[Exception] = typer.BadParameter.__bases__[0]


class Failed(Exception):  # noqa: N818  (carries the error that it was raised from)
    """A simulation failed; its log goes to the run store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(str(folder))


class Command(TyperCommand):
    """A command whose help speaks the reader's language."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """Typer's, in the reader's language."""
        return _spoken_help_option(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        """Typer's, in the reader's language."""
        return _spoken_usage(super().get_usage(ctx))


class Program(TyperGroup):
    """All commands; decides on the language, and on what is said when something goes wrong."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """Typer's, in the reader's language."""
        return _spoken_help_option(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        """Typer's, in the reader's language."""
        return _spoken_usage(super().get_usage(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Typer's, but an unknown command is answered with the nearest one."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            near = get_close_matches(args[0], self.commands, n=1)
            if near:
                raise Refused([message("cli.no_command_near", given=shortened(args[0]), near=near[0])])
            raise Refused([message("cli.no_command", given=shortened(args[0]), known=format_list(self.commands))])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Typer's, but an interruption is an end like others."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say_interrupted()
            return INTERRUPTED

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run a command and exit with its code, whatever goes wrong."""
        arguments = list(sys.argv[1:] if args is None else args)
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # a terminal that lacks ± still gets the numbers
        # In a context of its own: whoever called from Python keeps the language they had.
        sys.exit(copy_context().run(self._exit_code, arguments, *rest, **options))

    def _exit_code(self, arguments: list[str], *rest: Any, **options: Any) -> int:
        set_language(chosen_language(arguments, os.environ))
        _speak(self)
        options |= {"standalone_mode": False, "prog_name": PROGRAM}
        try:
            code = super().main(arguments or ["--help"], *rest, **options)
            sys.stdout.flush()
        except Refused as refusal:
            say_problems(refusal.problems)
            return BAD_INPUT
        except _UsageMistake as mistake:
            say_problems([_usage_problem(mistake)])
            return BAD_INPUT
        except (BrokenPipeError, SystemExit):
            # Whoever read has seen enough; Typer and Rich exit on that, and on nothing else. The rest goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 0
        except Failed as failure:
            say_failure(failure.__cause__ or failure, arguments, failure.folder)
            return FAILED
        except Exception as error:
            say_failure(error, arguments, None)
            return FAILED
        return int(code or 0)


def console(stream: IO[str]) -> Console:
    """Where tables and bars are printed."""
    from rich.console import Console

    return Console(file=stream, highlight=False, emoji=False)


def _speak(program: TyperGroup) -> None:
    """Put the catalogue's words where a command has their id."""
    for command in (program, *program.commands.values()):
        command.help = message(str(command.help))
        if isinstance(command, TyperCommand):
            command.rich_help_panel = message("cli.help.commands")
        for param in command.params:
            if isinstance(param, TyperOption | TyperArgument):
                panel = "cli.help.options" if isinstance(param, TyperOption) else "cli.help.arguments"
                param.help, param.rich_help_panel = message(str(param.help)), message(panel)


def _spoken_help_option(option: TyperOption | None) -> TyperOption | None:
    if option is not None:
        option.help = message("cli.option.help")
        option.rich_help_panel = message("cli.help.options")
    return option


def _spoken_usage(usage: str) -> str:
    return usage.replace("Usage:", message("cli.help.usage"), 1)


def _usage_problem(mistake: Exception) -> str:
    """Say in the reader's language what Typer says in English, as far as it tells the parts."""
    context = getattr(mistake, "ctx", None)
    command = PROGRAM if context is None else context.command_path
    option = getattr(mistake, "option_name", None)
    kind = type(mistake).__name__
    if kind == "NoSuchOption":
        near = sorted(getattr(mistake, "possibilities", None) or ())
        if near:
            return message("cli.no_option_near", given=shortened(str(option)), near=format_list(near))
        return message("cli.no_option", given=shortened(str(option)), command=command)
    if kind == "BadOptionUsage":
        return message("cli.option_without_value", option=str(option))
    text = mistake.format_message() if hasattr(mistake, "format_message") else str(mistake)
    return message("cli.usage", text=text.rstrip("."), command=command)
