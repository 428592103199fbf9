"""From a wish to a question that is checked: everything that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from finance.language import message
from finance.pages.levers import scenario_of
from finance.pages.link import Choice, Wish
from finance.request import Question, Refused, asked, command_line, refuse, store_in
from finance.running.provenance import engine_digest, versions
from finance.running.store import Manifest, RunStore, run_id
from finance.scenario import Scenario, ScenarioError

PROGRAM = "patient-capital"

#: Paths that a name stands for; what stands first has the widest intervals.
PRECISIONS = {"quick": "300", "normal": "2000", "fine": "10000"}

#: Whole numbers of no more digits than this, above 0, are paths and seeds that may be asked for.
_ORDINARY_DIGITS = 6


def question_of(wish: Wish, load: Callable[[Choice], Scenario] = scenario_of) -> Question:
    """Check a wish.

    Parameters
    ----------
    wish : Wish
        What was typed.
    load : callable
        Loads the scenario of a choice, or raises `ScenarioError`.

    Returns
    -------
    Question
        The baseline in front, if it is not among the choices.

    Raises
    ------
    Refused
        With everything that is wrong.
    """
    numbers, problems = _numbers(wish)
    store, wrong_folder = open_store()
    problems += wrong_folder
    if not wish.choices:
        problems.append(message("pages.nothing_chosen"))
    found: dict[Choice, Scenario] = {}
    for choice in wish.in_order():
        try:
            found[choice] = load(choice)
        except ScenarioError as error:
            problems += [problem.text() for problem in error.problems]
    refuse(problems)
    scenarios = list(found.values())
    names = [one.name for one in scenarios]
    refuse(message("pages.named_twice", name=name) for name in dict.fromkeys(names) if names.count(name) > 1)
    if len({(one.stages, one.sectors.names) for one in scenarios}) > 1:
        raise Refused([message("engine.other_stages")])
    return Question(scenarios, found[wish.baseline], {**numbers, "fresh": False}, store)


def open_store(report: Callable[[str], None] | None = None) -> tuple[RunStore, list[str]]:
    """Return the run store that the command line uses too, and why nothing could be kept there."""
    return store_in(None, report or _ignore)


def determinants_of(question: Question) -> dict[str, object]:
    """Return all that determines the result of a question, as a run's manifest has it.

    The study has the same, but brings the compiler with it: a page that only looks something up must not wait
    for that. A test holds the two together; were they to part, a kept run would be read by the worker instead.
    """
    scenarios = question.scenarios
    return {
        "scenarios": [one.name for one in scenarios],
        "digests": [[each.digest for each, _ in one.chain()] for one in scenarios],
        "roots": [one.root().digest for one in scenarios],
        "baseline": scenarios.index(question.baseline),
        "paths": question.numbers["paths"],
        "seed": question.numbers["seed"],
        "engine": engine_digest(),
        "libraries": versions(),
    }


def job_id(question: Question) -> str:
    """Return the name of the work that a question is: that of its run."""
    return run_id(determinants_of(question))


def find_kept(question: Question, manifests: Iterable[Manifest]) -> str | None:
    """Return the run that answers a question, in whatever order its scenarios were named; None if there is none."""
    wanted = _in_any_order(determinants_of(question))
    same = (one.run for one in manifests if _in_any_order(one.determinants) == wanted)
    return next(same, None)


def again(wish: Wish, scenarios: Iterable[Scenario]) -> tuple[str, str]:
    """Return what to type for the same result.

    Parameters
    ----------
    wish : Wish
        Without problems.
    scenarios : iterable of Scenario
        Those of the choices, in order.

    Returns
    -------
    text : str
        A command line; or a Python programme where a scenario is at another dose, which no command takes.
    language : {"bash", "python"}
        Which of the two.
    """
    choices = wish.in_order()
    if not any(choice.doses for choice in choices):
        names = [choice.name for choice in choices]
        baseline = wish.baseline.name if len(names) > 1 and wish.baseline != choices[0] else None
        return command_line(PROGRAM, names, baseline, wish.paths, wish.seed), "bash"
    lines = ["from finance import compare, load_scenario", "", "scenarios = ["]
    for choice, scenario in zip(choices, scenarios, strict=True):
        doses = ", ".join(f'"{path}": {float(given):g}' for path, given in choice.doses)
        dosed = f'.with_dose({{{doses}}}, name="{scenario.name}")' if doses else ""
        lines.append(f'    load_scenario("{choice.name}"){dosed},')
    place = choices.index(wish.baseline)
    numbers = f"paths={int(wish.paths)}, seed={int(wish.seed)}"
    lines += ["]", f"study = compare(scenarios, baseline=scenarios[{place}], {numbers})"]
    return "\n".join([*lines, 'print(study.tables["headline"])']), "python"


def _numbers(wish: Wish) -> tuple[dict[str, int | None], list[str]]:
    """Read the numbers; the full check brings the compiler with it, and is left for what may fail it."""
    texts = {"paths": wish.paths, "seed": wish.seed}
    if all(text.isascii() and text.isdigit() and len(text) <= _ORDINARY_DIGITS for text in texts.values()):
        numbers = {name: int(text) for name, text in texts.items()}
        if numbers["paths"] > 0:
            return {**numbers, "workers": None}, []
    return asked(wish.paths, wish.seed, None)


def _in_any_order(determinants: object) -> object:
    if not isinstance(determinants, dict):
        return None
    try:
        names = list(determinants["scenarios"])
        order = sorted(range(len(names)), key=names.__getitem__)
        sorted_lists = {key: [determinants[key][place] for place in order] for key in ("scenarios", "digests", "roots")}
        return {**determinants, **sorted_lists, "baseline": names[determinants["baseline"]]}
    except (KeyError, IndexError, TypeError):
        return None


def _ignore(text: str) -> None:
    """Say nothing."""
