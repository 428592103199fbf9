"""The command line ``patient-capital``: reads what was typed, checks all of it at once, prints what came out.

Everything heavy is imported where it is first needed: the help is there at once. Texts are ids of the message
catalogue, which become words once the language is known.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from finance.cli_concessions import concessions_command
from finance.cli_options import (
    AsJson,
    Baseline,
    Files,
    Format,
    Fresh,
    Key,
    Language,
    LeagueNames,
    Name,
    Names,
    Out,
    Paths,
    Port,
    Quiet,
    Report,
    Run,
    Seed,
    To,
    Workers,
)
from finance.cli_program import BAD_INPUT, INTERRUPTED, PROGRAM, Command, Failed, Program, console
from finance.language import format_list, message
from finance.request import (
    Answer,
    Question,
    Refused,
    answer,
    asked,
    chosen,
    command_line,
    language_problems,
    loaded,
    members,
    place_of,
    refuse,
    shortened,
    store_in,
)
from finance.show.complaints import say, say_interrupted, say_warnings

if TYPE_CHECKING:
    from finance.running.store import Manifest, RunStore

#: The group of scenarios that a league is of, if none is named.
_PROGRAMMES = "programmes"

app = typer.Typer(
    name=PROGRAM,
    cls=Program,
    help="cli.help.program",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line with the arguments of this process, then exit."""
    try:
        app()
    except SystemExit as ending:
        if ending.code == INTERRUPTED and threading.active_count() > 1:
            # Something is being compiled still, which nobody wants to wait for.
            os._exit(INTERRUPTED)
        raise


@app.callback()
def _program(language: Language = None) -> None:
    refuse(language_problems(language))


@app.command("list", cls=Command, help="cli.help.list")
def _list(as_json: AsJson = False, language: Language = None) -> None:
    refuse(language_problems(language))
    from finance.scenario import find_scenarios
    from finance.show.listing import show_scenarios

    found = find_scenarios()
    if not as_json:
        show_scenarios(console(sys.stdout), found)
        return
    rows = [
        {
            "scenario": one.name,
            "title": None if one.title is None else one.title.model_dump(),
            "question": None if one.question is None else one.question.model_dump(),
            "baseline": one.baseline,
            "reference": one.is_reference,
            "group": one.group,
            "expires": None if one.expires is None else one.expires.isoformat(),
            "file": str(one.path),
            "problems": [problem.text() for problem in one.problems],
        }
        for one in found
    ]
    _print_json({"scenarios": rows})


@app.command("check", cls=Command, help="cli.help.check")
def _check(files: Files = None, as_json: AsJson = False, language: Language = None) -> int:
    refused = language_problems(language)
    refuse(refused if files else [*refused, message("cli.files_missing")])
    from finance.scenario import check_file, load_scenario
    from finance.show.listing import show_problems

    found = {file: check_file(place_of(file)) for file in files or ()}
    if as_json:
        rows = [{"file": file, "key": one.key, "text": one.text()} for file in found for one in found[file]]
        _print_json({"problems": rows})
    else:
        for file, problems in found.items():
            warnings = [] if problems else load_scenario(place_of(file)).warnings
            show_problems(console(sys.stdout), file, problems, warnings)
    return BAD_INPUT if any(found.values()) else 0


@app.command("explain", cls=Command, help="cli.help.explain")
def _explain(
    name: Name = None,
    key: Key = None,
    as_json: AsJson = False,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    problems = language_problems(language)
    if name is None:
        refuse([*problems, message("cli.name_missing")])
        return
    from dataclasses import asdict

    from finance.scenario import ScenarioError, explain
    from finance.show.listing import show_explained

    (scenario,) = loaded([name], problems)
    try:
        values = explain(scenario, key)
    except ScenarioError as error:
        raise Refused(problem.text() for problem in error.problems) from None
    if as_json:
        _print_json({"values": [{"scenario": scenario.name, **asdict(value)} for value in values]})
    else:
        show_explained(console(sys.stdout), scenario, values)
    if not quiet:
        say_warnings([scenario])


@app.command("schema", cls=Command, help="cli.help.schema")
def _schema(language: Language = None) -> None:
    refuse(language_problems(language))
    from finance.scenario import json_schema

    print(json.dumps(json_schema(), allow_nan=False, ensure_ascii=False, indent=1))


@app.command("version", cls=Command, help="cli.help.version")
def _version(language: Language = None) -> None:
    refuse(language_problems(language))
    from finance import __version__

    print(__version__)


@app.command("compare", cls=Command, help="cli.help.compare")
def _compare(
    names: Names = None,
    baseline: Baseline = None,
    paths: Paths = "2000",
    seed: Seed = "1",
    workers: Workers = None,
    out: Out = None,
    fresh: Fresh = False,
    report: Report = False,
    as_json: AsJson = False,
    language: Language = None,
    quiet: Quiet = False,
) -> int:
    problems = language_problems(language)
    if not names:
        problems.append(message("cli.names_missing"))
    named = [*names] if names else []
    question = _question(named, baseline, (paths, seed, workers), out, problems, fresh=fresh, quiet=quiet)
    found, seconds = _answered(question, quiet)
    if found is None:
        return INTERRUPTED
    if as_json:
        from finance.running.store import to_json

        print(to_json(found.run, found.tables))
    else:
        from finance.show.terminal import Result, RunFacts, show_result

        command = command_line(PROGRAM, named, baseline, paths, seed)
        facts = RunFacts(found.run, int(paths), int(seed), None if found.is_kept else seconds, command)
        show_result(console(sys.stdout), Result(found.tables, tuple(question.scenarios), question.baseline, facts))
    if not quiet:
        say(message("cli.stored", run=found.run, folder=str(question.store.folder)))
    if report:
        _, path = _exported(found.run, "html", None, question.store)
        if not quiet:
            say(message("cli.reported", path=str(path)))
    return 0


@app.command("league", cls=Command, help="cli.help.league")
def _league(
    names: LeagueNames = None,
    baseline: Baseline = "baseline",
    paths: Paths = "2000",
    seed: Seed = "1",
    workers: Workers = None,
    out: Out = None,
    fresh: Fresh = False,
    as_json: AsJson = False,
    language: Language = None,
    quiet: Quiet = False,
) -> int:
    named, problems = members(names or [_PROGRAMMES]), language_problems(language)
    question = _question(named, baseline, (paths, seed, workers), out, problems, fresh=fresh, quiet=quiet)
    found, _ = _answered(question, quiet)
    if found is None:
        return INTERRUPTED
    if as_json:
        from finance.running.store import to_json

        print(to_json(found.run, {"league": found.tables["league"]}))
    else:
        from finance.show.league import show_league

        show_league(console(sys.stdout), found.tables["league"], question.scenarios, question.baseline)
    if not quiet:
        say(message("cli.stored", run=found.run, folder=str(question.store.folder)))
    return 0


app.command("concessions", cls=Command, help="cli.help.concessions")(concessions_command)


@app.command("report", cls=Command, help="cli.help.report")
def _report(
    run: Run = None,
    to: To = None,
    out: Out = None,
    as_json: AsJson = False,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    _export(run, "html", to, out, as_json, language, quiet)


@app.command("export", cls=Command, help="cli.help.export")
def _export(
    run: Run = None,
    format_: Format = None,
    to: To = None,
    out: Out = None,
    as_json: AsJson = False,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    from finance.show.report_export import FORMATS

    problems = language_problems(language)
    if run is None:
        problems.append(message("cli.run_missing"))
    if format_ not in FORMATS:
        given = "–" if format_ is None else shortened(format_)
        problems.append(message("cli.format_unknown", given=given, choices=format_list(FORMATS)))
    refuse(problems)
    from finance.running.store import RunStore

    store = RunStore(None if out is None else Path(out), _ignore if quiet else say)
    identity, path = _exported(str(run), str(format_), to, store)
    print(json.dumps({"run": identity, "file": str(path)}, ensure_ascii=False) if as_json else path)


@app.command("runs", cls=Command, help="cli.help.runs")
def _runs(out: Out = None, as_json: AsJson = False, language: Language = None, quiet: Quiet = False) -> None:
    problems = language_problems(language)
    store, wrong_folder = store_in(out, _ignore if quiet else say)
    refuse([*problems, *wrong_folder])
    from finance.show.listing import run_row, show_runs

    if as_json:
        _print_json({"runs": [run_row(one) for one in store.runs()]})
    else:
        show_runs(console(sys.stdout), str(store.folder), store.runs(), store.unfinished())


@app.command("app", cls=Command, help="pages.help.app")
def _app(port: Port = None, language: Language = None) -> None:
    refuse(language_problems(language))
    options = {"--port": port, "--language": language}
    given = [word for name, value in options.items() if value is not None for word in (name, value)]
    # A programme of its own, which this process becomes: neither imports the other.
    os.execv(sys.executable, [sys.executable, "-m", "finance.pages", *given])


def _exported(run: str, kind: str, to: str | None, store: RunStore) -> tuple[str, Path]:
    """Write a run as a file; returns its id and the file."""
    from finance.show.report_export import export
    from finance.show.report_run import UnreadableRunError

    def command_of(manifest: Manifest) -> str:
        names, known = list(manifest.scenarios), manifest.determinants
        baseline = names[int(str(known["baseline"]))]
        return command_line(
            PROGRAM, names, None if baseline == names[0] else baseline, str(known["paths"]), str(known["seed"])
        )

    try:
        return export(run, kind, store, to, command_of)
    except UnreadableRunError as error:
        raise Refused([str(error)]) from None


def _question(
    names: list[str],
    baseline: str | None,
    typed: tuple[str, str, str | None],
    out: str | None,
    problems: list[str],
    *,
    fresh: bool,
    quiet: bool,
) -> Question:
    """What is asked, of names and of paths, seed and workers as typed; `Refused` with all that is wrong."""
    numbers, wrong_numbers = asked(*typed)
    store, wrong_folder = store_in(out, _ignore if quiet else say)
    scenarios, base = chosen(names, baseline, [*problems, *wrong_numbers, *wrong_folder])
    if not quiet:
        say_warnings(scenarios)
    return Question(scenarios, base, {**numbers, "fresh": fresh}, store)


def _answered(question: Question, quiet: bool) -> tuple[Answer | None, float]:
    """Return the answer, None if interrupted, and the seconds it took."""
    from finance.scenario import ScenarioError
    from finance.show.progress import ProgressBars

    began = time.perf_counter()
    bars = ProgressBars(console(sys.stderr), quiet=quiet)
    try:
        with bars:
            found = answer(question, bars)
    except KeyboardInterrupt:
        say_interrupted(bars.paths_done, question.numbers["paths"], question.store.folder)
        return None, 0.0
    except ScenarioError as error:
        raise Refused(problem.text() for problem in error.problems) from None
    except Exception as error:
        # Before any work is told of, a plain ValueError is about what was asked; afterwards, about the program.
        if type(error) is ValueError and not bars.has_begun:
            raise Refused([str(error)]) from None
        raise Failed(question.store.folder) from error
    return found, time.perf_counter() - began


def _ignore(text: str) -> None:
    """Say nothing."""


def _print_json(tables: Mapping[str, object]) -> None:
    """Print what belongs to no run in the form that runs have."""
    print(json.dumps({"run": None, "tables": tables}, allow_nan=False, ensure_ascii=False))
