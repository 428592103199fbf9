"""What must hold between the values of a scenario; each rule stands alone, so that all breaches are said.

The rules read the merged document, not the models: they have to work beside values that are wrong, and leave
alone what is missing or of a wrong type, which is said elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from finance.scenario.checking import FileOf
from finance.scenario.contents import named_tables, names_in, number_in, tables_at
from finance.scenario.policy_rules import policy_problems
from finance.scenario.problems import NO_VALUE, Problem, nearest
from finance.scenario.schema_base import RESERVED_TABLE_NAMES, TABLE_NAME_PATTERN
from finance.scenario.shape import UNSTATED, Content, Node, Path, at, dotted, values_shape

SUM_TOLERANCE = 1e-9
"""How far a sum of shares may be from one: decimals such as .1 + .2 are not exact."""

ORDERED_PAIRS: tuple[tuple[Path, str, str], ...] = (
    (("clock",), "entry_years", "simulated_years"),
    (("ventures",), "distress_low", "distress_high"),
    (("classes", "*"), "investment_years", "life_years"),
)
"""Values of one table of which the first may not be above the second."""


def rule_problems(
    document: Content, baseline: Content | None, reference: Content | None, file_of: FileOf
) -> list[Problem]:
    """Return every rule between values that a document breaks.

    Parameters
    ----------
    document : dict
        The resolved document.
    baseline : dict or None
        That of the scenario it differs from; None where it has none.
    reference : dict or None
        The resolved document of the nearest reference scenario below it; None where it has no baseline.
    file_of : callable
        The file to blame for a key path.

    Returns
    -------
    list of Problem
        In the order of the file's tables.
    """
    problems = [*_orders(document, values_shape(), (), file_of)]
    problems += _pairs(document, file_of)
    problems += _sector_shares(document, file_of)
    problems += _stage_chains(document, file_of)
    problems += _last_offers(document, file_of)
    problems += _class_rules(document, file_of)
    problems += policy_problems(document, baseline, reference, file_of)
    problems += _ranges_of_time(document, file_of)
    if reference is not None and document.get("reference") is not True:
        problems += _same_structure(document, reference, file_of)
    return problems


def chain_order(chains: list[list[str]]) -> list[str]:
    """Merge the stage chains of all sectors into one order of stages.

    Parameters
    ----------
    chains : list of list of str
        The stages of each sector in order.

    Returns
    -------
    list of str
        Every stage once, each sector's order kept; ties in the order of first mention.

    Raises
    ------
    graphlib.CycleError
        If two stages stand in one order here and in another there.
    """
    mentioned = list(dict.fromkeys(stage for chain in chains for stage in chain))
    before: dict[str, set[str]] = {stage: set() for stage in mentioned}
    for chain in chains:
        for earlier, later in pairwise(chain):
            before[later].add(earlier)
    sorter = TopologicalSorter(before)
    sorter.prepare()
    order: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=mentioned.index)
        stage = ready.pop(0)
        order.append(stage)
        sorter.done(stage)
    return order


def _orders(content: object, shape: Node, path: Path, file_of: FileOf) -> Iterator[Problem]:
    """Each ``order`` lists each named table once, and nothing else; names are usable."""
    if not isinstance(content, Mapping):
        return
    if shape.kind == "named":
        names = [name for name in content if name != "order"]
        for name in names:
            if name in RESERVED_TABLE_NAMES or not _is_table_name(name):
                here = (*path, name)
                yield Problem(file_of(here), dotted(here), NO_VALUE, "scenario.bad_table_name")
        may_be_empty = shape.default is not UNSTATED and len(content) == 1
        if "order" in content and not (may_be_empty and content["order"] == []):
            yield from _order(content["order"], names, (*path, "order"), file_of)
    for name, below in content.items():
        child = shape.child(name)
        if child is not None and child.kind in ("table", "named"):
            yield from _orders(below, child, (*path, name), file_of)


def _order(order: object, names: list[str], path: Path, file_of: FileOf) -> Iterator[Problem]:
    if not isinstance(order, list):
        return
    listed = Counter(names_in(order))
    file, key = file_of(path), dotted(path)
    if not names and not listed:
        yield Problem(file, key, order, "scenario.order_empty")
    for name in listed:
        if name not in names:
            near = nearest(name, names) or names
            yield Problem(file, key, order, "scenario.order_unknown", {"name": name, "near": near})
        if listed[name] > 1:
            yield Problem(file, key, order, "scenario.order_twice", {"name": name})
    for name in names:
        if name not in listed:
            yield Problem(file, key, order, "scenario.order_missing", {"name": name})


def _is_table_name(name: str) -> bool:
    return re.match(TABLE_NAME_PATTERN, name) is not None


def _pairs(document: Content, file_of: FileOf) -> Iterator[Problem]:
    for pattern, lesser, greater in ORDERED_PAIRS:
        for path, table in tables_at(document, pattern):
            low, high = number_in(table, lesser), number_in(table, greater)
            if low is not None and high is not None and low > high:
                here = (*path, lesser)
                values = {"other": dotted((*path, greater)), "limit": f"{high:g}"}
                yield Problem(file_of(here), dotted(here), low, "scenario.above_other", values)


def _sector_shares(document: Content, file_of: FileOf) -> Iterator[Problem]:
    sectors = named_tables(document.get("sectors"))
    shares = [number_in(sector, "share") for sector in sectors.values()]
    known = [share for share in shares if share is not None]
    if known and len(known) == len(shares) and abs(sum(known) - 1) > SUM_TOLERANCE:
        values = {"total": f"{sum(known):.10g}", "names": list(sectors)}
        yield Problem(file_of(("sectors",)), "sectors", NO_VALUE, "scenario.shares_not_one", values)


def stages_by_sector(document: Content) -> dict[str, list[str]]:
    """Return the stage chain of each sector, in the order the file states, as far as it is readable."""
    chains = {}
    for name, sector in named_tables(document.get("sectors")).items():
        stages = sector.get("stages")
        known = named_tables(stages)
        order = names_in(stages.get("order")) if isinstance(stages, Mapping) else []
        chains[name] = [stage for stage in dict.fromkeys(order) if stage in known] or list(known)
    return chains


def _stage_chains(document: Content, file_of: FileOf) -> Iterator[Problem]:
    chains = stages_by_sector(document)
    try:
        chain_order(list(chains.values()))
    except CycleError as error:
        for name, chain in chains.items():
            if len(set(error.args[1]) & set(chain)) > 1:
                path = ("sectors", name, "stages", "order")
                values = {"names": list(dict.fromkeys(error.args[1]))}
                yield Problem(file_of(path), dotted(path), chain, "scenario.stages_crossed", values)


def _last_offers(document: Content, file_of: FileOf) -> Iterator[Problem]:
    """Behind the last milestone stands the exit: an offer that nobody would look at is no input."""
    for name, chain in stages_by_sector(document).items():
        if not chain:
            continue
        path = ("sectors", name, "stages", chain[-1])
        probability = number_in(at(document, path), "offer_probability")
        if probability:
            here = (*path, "offer_probability")
            values = {"stage": chain[-1]}
            yield Problem(file_of(here), dotted(here), probability, "scenario.offer_after_last", values)


def _class_rules(document: Content, file_of: FileOf) -> Iterator[Problem]:
    chains = stages_by_sector(document)
    stages = list(dict.fromkeys(stage for chain in chains.values() for stage in chain))
    for name, table in named_tables(document.get("classes")).items():
        yield from _mandate(("classes", name), table, stages, file_of)
        yield from _budgets(("classes", name), table, file_of)
        yield from _incapacity(("classes", name), table, chains, file_of)
        premium = number_in(table, "return_premium")
        if premium is not None and premium < 0 and table.get("subsidised", False) is False:
            path = ("classes", name, "return_premium")
            yield Problem(file_of(path), dotted(path), premium, "scenario.below_social_rate")


def _mandate(path: Path, table: Content, stages: list[str], file_of: FileOf) -> Iterator[Problem]:
    mandate = table.get("stages")
    if not isinstance(mandate, list):
        return
    file, key = file_of((*path, "stages")), dotted((*path, "stages"))
    if not mandate:
        yield Problem(file, key, mandate, "scenario.mandate_empty", {"known": stages})
    for stage, count in Counter(names_in(mandate)).items():
        if stages and stage not in stages:
            values = {"name": stage, "known": stages}
            yield Problem(file, key, mandate, "scenario.stage_unknown", values)
        if count > 1:
            yield Problem(file, key, mandate, "scenario.order_twice", {"name": stage})


def _budgets(path: Path, table: Content, file_of: FileOf) -> Iterator[Problem]:
    budgets = table.get("stage_budgets")
    if not isinstance(budgets, Mapping):
        return
    here = (*path, "stage_budgets")
    mandate = names_in(table.get("stages"))
    for stage in budgets:
        if mandate and stage not in mandate:
            values = {"name": stage, "known": mandate}
            key = dotted((*here, stage))
            yield Problem(file_of((*here, stage)), key, budgets[stage], "scenario.budget_outside_mandate", values)
    shares = [number_in(budgets, stage) for stage in budgets]
    total = sum(share for share in shares if share is not None)
    if total > 1 + SUM_TOLERANCE:
        values = {"total": f"{total:.10g}"}
        yield Problem(file_of(here), dotted(here), dict(budgets), "scenario.budgets_above_one", values)


def _incapacity(path: Path, table: Content, chains: dict[str, list[str]], file_of: FileOf) -> Iterator[Problem]:
    incapacity = table.get("incapacity")
    if not isinstance(incapacity, Mapping):
        return
    for sector, stage in incapacity.items():
        here = (*path, "incapacity", sector)
        file, key = file_of(here), dotted(here)
        if chains and sector not in chains:
            values = {"name": sector, "known": list(chains)}
            yield Problem(file, key, stage, "scenario.sector_unknown", values)
        elif isinstance(stage, str) and chains.get(sector) and stage not in chains[sector]:
            values = {"name": stage, "known": chains[sector]}
            yield Problem(file, key, stage, "scenario.stage_unknown", values)


def _ranges_of_time(document: Content, file_of: FileOf) -> Iterator[Problem]:
    as_of, expires = document.get("as_of"), document.get("expires")
    if type(as_of) is type(expires) and as_of is not None and expires < as_of:
        values = {"as_of": str(as_of)}
        yield Problem(file_of(("expires",)), "expires", expires, "scenario.expires_before", values)


def _same_structure(document: Content, reference: Content, file_of: FileOf) -> Iterator[Problem]:
    """Coverage is measured on the reference's ventures, so sectors and stages have to be the reference's."""
    ours, theirs = stages_by_sector(document), stages_by_sector(reference)
    name = reference.get("name", "")
    here = names_in(at(document, ("sectors", "order"))) or list(ours)
    there = names_in(at(reference, ("sectors", "order"))) or list(theirs)
    if here != there:
        path: Path = ("sectors", "order")
        values: dict[str, object] = {"reference": name, "expected": there}
        yield Problem(file_of(path), dotted(path), here, "scenario.not_the_references", values)
    for sector, chain in ours.items():
        if sector in theirs and chain != theirs[sector]:
            path = ("sectors", sector, "stages", "order")
            values = {"reference": name, "expected": theirs[sector]}
            yield Problem(file_of(path), dotted(path), chain, "scenario.not_the_references", values)
