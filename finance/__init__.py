"""Patient capital: what long, levered, lightly taxed public money that may fail changes, stage by stage."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finance.scenario import ScenarioError, check_file, find_scenarios, load_scenario
    from finance.study.compare import compare, simulate

__version__ = "0.1.0"

__all__ = ["ScenarioError", "check_file", "compare", "find_scenarios", "load_scenario", "simulate"]

#: Where each public name is defined. It is imported when first asked for (PEP 562): a command line that only
#: prints its help should not wait for the compiler.
_HOMES = {
    "ScenarioError": "finance.scenario",
    "check_file": "finance.scenario",
    "compare": "finance.study.compare",
    "find_scenarios": "finance.scenario",
    "load_scenario": "finance.scenario",
    "simulate": "finance.study.compare",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
