"""The command ``patient-capital concessions``: what a programme's terms concede to its private partners."""

from __future__ import annotations

import sys

from finance.cli_options import AsJson, Fresh, Language, Name, Paths, Quiet, Seed, Workers
from finance.cli_program import console
from finance.language import message
from finance.request import asked, language_problems, loaded, refuse
from finance.show.complaints import say, say_warnings


def concessions_command(
    name: Name = None,
    paths: Paths = "2000",
    seed: Seed = "1",
    workers: Workers = None,
    fresh: Fresh = False,
    as_json: AsJson = False,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """Simulate a scenario's programme and print what its contract, and known ones, concede."""
    numbers, wrong_numbers = asked(paths, seed, workers)
    problems = [*language_problems(language), *wrong_numbers]
    if name is None:
        refuse([*problems, message("cli.name_missing")])
        return
    (scenario,) = loaded([name], problems)
    from finance.study.concessions import concessions, what_is_missing

    n_paths = int(numbers["paths"] or 0)
    refuse(what_is_missing(scenario, n_paths))
    if not quiet:
        say_warnings([scenario])
        say(message("cli.concessions", paths=paths))
    table = concessions(scenario, n_paths, int(numbers["seed"] or 0), workers=numbers["workers"], fresh=fresh)
    if as_json:
        from finance.running.store import to_json

        print(to_json(None, {"concessions": table}))
    else:
        from finance.show.concessions import show_concessions

        show_concessions(console(sys.stdout), table, scenario)
