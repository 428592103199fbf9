"""What scenarios, stages and classes of investors are called in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from finance.language import current_language, message, message_ids
from finance.scenario.schema_credit import GUARANTEE

if TYPE_CHECKING:
    from finance.scenario import Scenario

#: A title's remark in brackets, as in "Seed (TRL 3–4)".
_REMARK = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
#: What parts the name of a stage from what it is about, as in "A: pilot" and "A轮·中试".
_PARTING = re.compile(r"\s*[:：·]\s*")


def scenario_names(scenarios: Iterable[Scenario]) -> dict[str, str]:
    """Return what each scenario is called: its title, or its name where two have the same title."""
    return _unique({scenario.name: _spoken(scenario.title) for scenario in scenarios})


def stage_names(scenario: Scenario) -> dict[str, str]:
    """Return what each stage is called, without remarks in brackets.

    A stage that has another title in another sector keeps its machine name, as does one whose title another
    stage has too.
    """
    titles: dict[str, set[str]] = {stage: set() for stage in scenario.stages}
    for sector in scenario.sectors.in_order():
        for name, stage in sector.stages.items():
            titles[name].add(_REMARK.sub("", _spoken(stage.title)))
    named = {stage: found.pop() if len(found) == 1 else stage for stage, found in titles.items()}
    return _unique(named) | {"all": message("show.all")}


def short_stage_names(scenario: Scenario) -> dict[str, str]:
    """Return what each stage is called where there is little room: what stands before a colon or a dot."""
    names = stage_names(scenario)
    short = _unique({stage: _PARTING.split(name)[0] for stage, name in names.items()})
    return short | {"all": names["all"]}


def class_names(scenario: Scenario) -> dict[str, str]:
    """Return what each class of investors is called."""
    return _unique({name: _spoken(one.title) for name, one in scenario.classes.items()})


def measure_names(scenario: Scenario) -> dict[str, str]:
    """Return what each measure of support and each tier of a guarantee is called, as an instrument."""
    tiers = {f"{GUARANTEE}-{tier}": _tier(tier) for tier in scenario.credit.guarantee_shares}
    return _unique({name: _spoken(one.title) for name, one in scenario.support.items()} | tiers)


def _tier(tier: str) -> str:
    """Return what a tier of a guarantee is called: in words where they are known, else as the scenario has it."""
    known = f"show.guarantee_tier.{tier}"
    words = message(known) if known in message_ids(current_language()) else tier
    return message("show.guarantee", tier=words)


def _spoken(title: object) -> str:
    return str(getattr(title, current_language()))


def _unique(names: Mapping[str, str]) -> dict[str, str]:
    given = list(names.values())
    return {key: name if given.count(name) == 1 else key for key, name in names.items()}
