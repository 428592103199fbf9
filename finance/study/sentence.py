"""What a result says, in one plain sentence a scenario, and no more than its intervals bear out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from finance.language import format_list, format_money, format_number, format_share, message
from finance.study.starts import OtherEnd, other_ends
from finance.study.values import Value, highest, in_money_unit, lowest, select, value_of, values_by

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]
Names = Mapping[str, str]

#: Of more than these, a list of what cannot be told apart says nothing any more.
_MOST_NAMED = 3


def sentences(
    tables: Tables,
    scenarios: Iterable[str],
    baseline: str,
    *,
    scenario_names: Names | None = None,
    stage_names: Names | None = None,
) -> dict[str, str]:
    """Say what a result says, a sentence for each scenario.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a simulation or a comparison.
    scenarios : iterable of str
        Names of the scenarios, in the order in which they are spoken of.
    baseline : str
        Name of the one the others are compared with.
    scenario_names, stage_names : mapping of str to str, optional
        What to call a scenario or a stage; its machine name, where left out.

    Returns
    -------
    dict of str to str
        Scenario → sentence, in the language of the context. The baseline goes first. Where all have two equilibria, it
        is said there once, else before each sentence that it concerns.
    """
    others = [scenario for scenario in scenarios if scenario != baseline]
    spoken = {baseline: level_sentence(tables, baseline, scenario_names, stage_names)}
    ends = [other_ends(tables, scenario) for scenario in (baseline, *others)]
    all_have_two = len(others) > 1 and all(found and all(end.is_settled for end in found) for found in ends)
    if all_have_two:
        said = [message("study.sentence.two_in_all"), message("study.sentence.which")]
        spoken[baseline] += "".join(message("study.sentence.behind", second=_joined([part])) for part in said)
    for scenario in others:
        spoken[scenario] = difference_sentence(tables, scenario, scenario_names, stage_names, is_cautioned=all_have_two)
    return spoken


def level_sentence(
    tables: Tables, scenario: str, scenario_names: Names | None = None, stage_names: Names | None = None
) -> str:
    """Say how much of what deserved funding got it, the biggest cause of the gap and the scarcest stage.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a simulation or a comparison.
    scenario : str
        Machine name of the scenario.
    scenario_names, stage_names : mapping of str to str, optional
        As in `sentences`.

    Returns
    -------
    str
        The sentence. Causes and stages whose intervals overlap are not ranked; a second equilibrium is told of.
    """
    name = _called(scenario, scenario_names)
    coverage = value_of(tables.get("headline"), scenario=scenario, measure="coverage")
    if coverage is None or not coverage.exists:
        return _joined([message("study.sentence.no_coverage", name=name)])
    parts = [
        message(
            "study.sentence.coverage",
            name=name,
            coverage=_share(coverage),
            interval=_interval(coverage, _share),
        )
    ]
    causes = values_by(
        tables.get("gap_causes"),
        "cause",
        scenario=scenario,
        stage="all",
        order="capacity_first",
        measure="share",
    )
    if causes:
        parts.append(_about_causes(causes))
    stages = _of_stages(
        values_by(tables.get("gap_by_stage"), "stage", scenario=scenario, measure="conditional_coverage")
    )
    if len(stages) > 1:
        parts.append(_about_scarcest(stages, stage_names))
    parts += [_about_other_end(end) for end in other_ends(tables, scenario)]
    return _joined(parts)


def difference_sentence(
    tables: Tables,
    scenario: str,
    scenario_names: Names | None = None,
    stage_names: Names | None = None,
    *,
    is_cautioned: bool = False,
) -> str:
    """Say what a scenario changes in coverage, at which stage most, and what it costs.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a comparison.
    scenario : str
        Machine name of a scenario that is not the baseline.
    scenario_names, stage_names : mapping of str to str, optional
        As in `sentences`.
    is_cautioned : bool
        Whether the reader has been told of second equilibria.

    Returns
    -------
    str
        The sentence. What cannot be told apart from zero is said to be so, and stages whose changes overlap
        are not ranked. Where the scenario or its baseline has a second equilibrium, another sentence before it says
        that first.
    """
    name = _called(scenario, scenario_names)
    rows = select(tables.get("differences"), scenario=scenario)
    if rows is None:
        return _joined([message("study.sentence.nothing_compared", name=name)])
    coverage = value_of(rows, table="headline", measure="coverage")
    parts = [_about_coverage(coverage, name)]
    stages = _of_stages(values_by(rows, "stage", table="gap_by_stage", measure="conditional_coverage"))
    # Without any spread (one path, or the same in every path) there is nothing to say of single stages.
    if coverage is not None and coverage.has_interval and any(not one.is_nothing for one in stages.values()):
        parts.append(_about_moved(stages, stage_names))
    cost = value_of(rows, table="headline", measure="economic_cost")
    if cost is not None and cost.has_interval:
        parts.append(_about_cost(cost))
    if is_cautioned:
        return _joined(parts)
    return _caution(tables, {name: scenario, None: str(rows["baseline"].iloc[0])}) + _joined(parts)


def _caution(tables: Tables, compared: dict[str | None, str]) -> str:
    """Say which of the scenarios compared have two equilibria, or may have; nothing if none has.

    They are given by what they are called, the baseline by None.
    """
    ends = {called: other_ends(tables, scenario) for called, scenario in compared.items()}
    parts = []
    for message_id, is_sure in (("study.sentence.two", True), ("study.sentence.maybe_two", False)):
        with_two = [called for called, found in ends.items() if found and _any_settled(found) is is_sure]
        if with_two:
            names = [
                message("study.sentence.the_baseline")
                if called is None
                else message("study.sentence.name", name=called)
                for called in with_two
            ]
            parts.append(message(message_id, names=_both(names)))
    parts += [message("study.sentence.which")] if parts else []
    return "".join(message("study.sentence.before", first=_joined([part])) for part in parts)


def _both(names: list[str]) -> str:
    return names[0] if len(names) == 1 else message("study.sentence.both", first=names[0], second=names[1])


def _any_settled(ends: list[OtherEnd]) -> bool:
    return any(end.is_settled for end in ends)


def _about_other_end(end: OtherEnd) -> str:
    return message(
        "study.sentence.second" if end.is_settled else "study.sentence.maybe_second",
        start=message(f"study.start.{end.start}"),
        ratio=_share(end.gap_ratio) + _interval(end.gap_ratio, _share),
        own=_share(end.own_gap_ratio) + _interval(end.own_gap_ratio, _share),
    )


def _about_causes(causes: dict[str, Value]) -> str:
    leading = highest(causes)
    names = [message(f"study.cause.{cause}") for cause in leading]
    first = causes[leading[0]]
    if len(leading) == 1:
        return message("study.sentence.cause", cause=names[0], share=_share(first), interval=_interval(first, _share))
    if len(leading) > _MOST_NAMED:
        return message("study.sentence.no_cause")
    return message("study.sentence.causes", causes=format_list(names))


def _about_scarcest(stages: dict[str, Value], names: Names | None) -> str:
    leading = lowest(stages)
    first = stages[leading[0]]
    called = [_called(stage, names) for stage in leading]
    if len(leading) == 1:
        return message(
            "study.sentence.scarcest", stage=called[0], coverage=_share(first), interval=_interval(first, _share)
        )
    if len(leading) > _MOST_NAMED:
        return message("study.sentence.no_scarcest")
    return message("study.sentence.scarcest_tied", stages=format_list(called))


def _about_coverage(coverage: Value | None, name: str) -> str:
    if coverage is None or not coverage.exists:
        return message("study.sentence.coverage_missing", name=name)
    if coverage.is_nothing:
        return message("study.sentence.coverage_same", name=name)
    if not coverage.has_interval:
        points = format_number(100.0 * coverage.value, digits=1, signed=True)
        return message("study.sentence.coverage_one_path", name=name, points=points)
    if not coverage.is_clear:
        return message(
            "study.sentence.coverage_unclear",
            name=name,
            points=_points(coverage, signed=True),
            interval=_interval(coverage, _signed_points),
        )
    size = coverage.size()
    way = "study.sentence.coverage_rises" if coverage.value > 0.0 else "study.sentence.coverage_falls"
    return message(way, name=name, points=_points(size), interval=_interval(size, _points))


def _about_moved(stages: dict[str, Value], names: Names | None) -> str:
    clear = {stage: change.size() for stage, change in stages.items() if change.is_clear}
    if not clear:
        return message("study.sentence.no_stage")
    leading = highest(clear)
    called = [_called(stage, names) for stage in leading]
    if len(leading) > _MOST_NAMED:
        return message("study.sentence.several_stages", stages=format_list(called))
    if len(leading) > 1:
        return message("study.sentence.stages_tied", stages=format_list(called))
    change = stages[leading[0]]
    return message(
        "study.sentence.stage",
        stage=called[0],
        points=_points(change, signed=True),
        interval=_interval(change, _signed_points),
    )


def _about_cost(cost: Value) -> str:
    if cost.is_nothing:
        return message("study.sentence.cost_same")
    if not cost.is_clear:
        return message(
            "study.sentence.cost_unclear",
            amount=_signed_money(cost),
            interval=_interval(cost, _signed_money),
        )
    size = cost.size()
    way = "study.sentence.cost_higher" if cost.value > 0.0 else "study.sentence.cost_lower"
    return message(way, amount=_money(size), interval=_interval(size, _money))


def _interval(value: Value, written: Callable[[Value], str]) -> str:
    """Write the interval in brackets, its ends as precise as the value; nothing if there is none."""
    if not value.has_interval or value.is_exact:
        return ""
    ends = (Value(end, value.low, value.high) for end in (value.low, value.high))
    low, high = (written(end) for end in ends)
    return message("study.sentence.interval", low=low, high=high)


def _share(value: Value) -> str:
    return format_share(value.value, digits=_point_decimals(value))


def _points(value: Value, *, signed: bool = False) -> str:
    return format_number(100.0 * value.value, digits=_point_decimals(value), signed=signed)


def _signed_points(value: Value) -> str:
    return _points(value, signed=True)


def _money(value: Value, *, signed: bool = False) -> str:
    return format_money(value.value, digits=in_money_unit(value).decimals(fine=True), signed=signed)


def _signed_money(value: Value) -> str:
    return _money(value, signed=True)


def _point_decimals(value: Value) -> int:
    return max(1, value.times(100.0).decimals() or 1)


def _of_stages(values: dict[str, Value]) -> dict[str, Value]:
    return {stage: value for stage, value in values.items() if stage != "all"}


def _called(machine_name: str, names: Names | None) -> str:
    return machine_name if names is None else names.get(machine_name, machine_name)


def _joined(parts: list[str]) -> str:
    return message("study.sentence.whole", clauses=message("study.sentence.separator").join(parts))
