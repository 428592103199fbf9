"""The app for tests: its pages without a browser, runs in the store without a simulation, workers that only pretend."""

import sys
from itertools import product

from streamlit.testing.v1 import AppTest

from finance.language import set_language
from finance.pages.asking import determinants_of, question_of
from finance.pages.link import Choice, Wish
from finance.running.store import Manifest, RunStore, run_id
from tests.architecture.sources import ROOT
from tests.study_tables import frame, tables

#: Seconds that a page may take on a busy machine.
PATIENCE = 120

#: Reports, then waits for the end of its input, as the worker does.
WAITING = """
import json, sys, time
asked = json.loads(sys.stdin.readline())
for line in {lines}:
    print(json.dumps(line), flush=True)
sys.stdin.read()
print(json.dumps({{"ending": {{"kind": "cancelled"}}}}), flush=True)
"""

#: Ends at once, in the way it is told.
ENDING = """
import json, sys
sys.stdin.readline()
print(json.dumps({{"ending": {ending}}}), flush=True)
"""


def wish(*choices, baseline=None, paths="64", seed="1"):
    """Return a wish from the texts of choices."""
    read = tuple(map(Choice.read, choices))
    return Wish(read, Choice.read(baseline) if baseline else read[0], paths, seed)


def keep(wished, store=None):
    """Put hand-made tables into the store, as the answer to a wish; return the run's id."""
    question = question_of(wished)
    determinants = determinants_of(question)
    run = run_id(determinants)
    names = [question.baseline.name, *(one.name for one in question.scenarios if one is not question.baseline)]
    texts = {
        one.name: str(one.document()) if one.path is None else one.path.read_text(encoding="utf-8")
        for one in question.scenarios
    }
    made = tables(*names)
    for table in made.values():
        if "stage" in table.columns:
            table["stage"] = table["stage"].replace({"a": "pilot", "b": "growth"})
    made |= _by_year(names)
    (store or RunStore()).save(Manifest(run, determinants, texts, {"paths": 0.5}), made)
    return run


def _by_year(names):
    """Return the tables that go year by year, of which other tests need none."""
    gaps, accounts = [], []
    for name, year in product(names, range(1, 7)):
        for stage, factor in {"seed": 1.0, "pilot": 2.0, "growth": 3.0, "all": 6.0}.items():
            for measure, value in {"supplied": 8.0, "observed_gap": 5.0, "latent_gap": 12.0}.items():
                gaps.append((name, stage, year, measure, factor * value * year, 0.5, "CNY million"))
        for measure, value in {"outlay": 9.0, "receipt": 7.0, "tax_forgone": 1.0, "tax_received": 2.0}.items():
            accounts.append((name, "patient", year, measure, value * year, 0.4, "CNY million"))
    return {
        "gap_by_year": frame(("stage", "year"), gaps),
        "public_accounts": frame(("instrument", "year"), accounts),
    }


def page(**address):
    """Return the app as somebody sees it who comes with an address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    for key, value in address.items():
        app.query_params[key] = value
    return seen(app.run())


def seen(app):
    """Return the app, if nothing went wrong in it."""
    assert not app.exception, [(one.message, one.stack_trace) for one in app.exception]
    # What stands on a widget is asked again when it is used, here and not in the app's thread.
    set_language(app.session_state["language"])
    return app


def widget(app, kind, name):
    """Return the widget of a name, whatever the session has put behind it."""
    found = [one for one in getattr(app, kind) if (one.key or "").startswith(f"{name}_") or one.key == name]
    assert len(found) == 1, (name, [one.key for one in getattr(app, kind)])
    return found[0]


def has(app, kind, name):
    """Whether the page has a widget of that name."""
    return any((one.key or "").startswith(f"{name}_") or one.key == name for one in getattr(app, kind))


def text_of(app):
    """Return all that the page says in plain text."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "error", "warning", "html", "code")
    return "\n".join(
        str(getattr(one, "value", None) or getattr(one, "body", "")) for kind in kinds for one in app.get(kind)
    )


def address_of(app):
    """Return the address of the page."""
    return {key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()}


def waiting(*lines):
    """Return the command of a worker that reports and then waits to be cancelled."""
    return (sys.executable, "-c", WAITING.format(lines=repr(list(lines))))


def ending(**said):
    """Return the command of a worker that ends at once."""
    return (sys.executable, "-c", ENDING.format(ending=repr(said)))
