"""How long, how documented, how tested."""

import ast
import warnings

import pytest

from tests.architecture.sources import (
    functions,
    length_without_docstring,
    name_of,
    parsed,
    public_definitions,
    python_files,
)

FILE_ASKS_TO_BE_SPLIT, FILE_TOO_LONG = 400, 500
FUNCTION_ASKS_TO_BE_SPLIT, FUNCTION_TOO_LONG = 60, 80

PACKAGE = python_files("finance")
ALL_FILES = python_files("finance", "tests", "benchmarks")

#: Where a clock is read in a test, a busy machine decides whether it passes.
CLOCKS = {
    "time.time",
    "time.perf_counter",
    "time.monotonic",
    "time.process_time",
    "perf_counter",
    "monotonic",
    "process_time",
    "timeit.timeit",
    "timeit.default_timer",
    "datetime.now",
    "datetime.datetime.now",
    "dt.datetime.now",
}


def warn_above(length: int, limit: int, what: str) -> None:
    if length > limit:
        warnings.warn(f"{what} has {length} lines and asks to be split", UserWarning, stacklevel=2)


@pytest.mark.parametrize("path", ALL_FILES, ids=name_of)
def test_files_are_short(path):
    length = len(path.read_text(encoding="utf-8").splitlines())
    assert length <= FILE_TOO_LONG, f"{name_of(path)} has {length} lines: split it"
    warn_above(length, FILE_ASKS_TO_BE_SPLIT, name_of(path))


@pytest.mark.parametrize("path", ALL_FILES, ids=name_of)
def test_functions_are_short(path):
    for function in functions(path):
        what = f"{function.name} in {name_of(path)}:{function.lineno}"
        length = length_without_docstring(function)
        assert length <= FUNCTION_TOO_LONG, f"{what} has {length} lines: split it"
        warn_above(length, FUNCTION_ASKS_TO_BE_SPLIT, what)


@pytest.mark.parametrize("path", PACKAGE, ids=name_of)
def test_what_is_public_is_documented(path):
    assert ast.get_docstring(parsed(path)), f"{name_of(path)} does not say what it is"
    silent = [name for name, node in public_definitions(path) if not ast.get_docstring(node)]
    assert not silent


@pytest.mark.parametrize("path", python_files("tests/unit", "tests/properties"), ids=name_of)
def test_unit_tests_read_no_clock(path):
    calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    assert not [ast.unparse(call) for call in calls if ast.unparse(call.func) in CLOCKS]


def test_the_rules_measure_what_they_say():
    module = ast.parse(
        'def long(x):\n    """One.\n\n    Two.\n    """\n    y = x\n    return y\n\n\n'
        "class _Hidden:\n    def seen(self): ...\n"
    )
    assert length_without_docstring(module.body[0]) == 3


def test_every_message_that_is_said_is_in_the_catalogue():
    from finance.language import message_ids

    known = message_ids("en")
    unknown = set()
    for path in PACKAGE:
        for node in ast.walk(parsed(path)):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            if ast.unparse(node.func) in {"message", "language.message"} and node.args[0].value not in known:
                unknown.add(f"{name_of(path)}:{node.lineno} {node.args[0].value}")
    assert not unknown
