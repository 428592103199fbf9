"""Scenarios: frozen, bounded, documented values in TOML files, each with a source."""

from finance.scenario.curves import CurveFile, load_curve
from finance.scenario.explain import ExplainedValue, assumption_share, explain
from finance.scenario.groups import in_groups
from finance.scenario.json_schema import json_schema
from finance.scenario.loading import FoundScenario, check_file, find_scenarios, load_scenario
from finance.scenario.problems import Problem, ScenarioError
from finance.scenario.scenario import Scenario
from finance.scenario.schema import GRADES, Source

__all__ = [
    "GRADES",
    "CurveFile",
    "ExplainedValue",
    "FoundScenario",
    "Problem",
    "Scenario",
    "ScenarioError",
    "Source",
    "assumption_share",
    "check_file",
    "explain",
    "find_scenarios",
    "in_groups",
    "json_schema",
    "load_curve",
    "load_scenario",
]
