"""What must hold between the values of policies: steps in order, classes that there are, one programme at a time.

As in `rules`, each rule stands alone and leaves alone what is missing or of a wrong type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from finance.scenario.checking import FileOf
from finance.scenario.contents import named_tables, names_in, number_in
from finance.scenario.problems import NO_VALUE, Problem
from finance.scenario.shape import Content, Path, at, dotted, is_finite_number

#: Steps of a relief by holding period that there may be at most.
MOST_RELIEF_STEPS = 4

#: Contracts with steps, and the least first number of one: years from the closing, or multiples of capital.
LEAST_STEP: dict[str, float] = {"scheduled-buy-out": 0.01, "tiered-give-up": 1.0}

#: Share of a round at most that classes pay together which others lead.
MOST_CO_INVESTED = 0.9

#: Most that may be owed, over what the round that repays it is for.
MOST_OWED = 0.5

_SUB_FUNDS: Path = ("guidance_fund", "sub_funds")

#: Contracts with a right at a date, for which what sub-funds hold is valued.
DATED_CONTRACTS = ("buy-out", "scheduled-buy-out", "put")


def policy_problems(
    document: Content, baseline: Content | None, reference: Content | None, file_of: FileOf
) -> list[Problem]:
    """Return every rule between policies' values that a document breaks; parameters as in `rules.rule_problems`."""
    problems = [*_named_classes(document, file_of), *_contract_steps(document, file_of)]
    problems += _relief_steps(document, file_of)
    problems += _credit_at_investment(document, baseline, file_of)
    problems += _co_investors(document, file_of)
    problems += _measures(document, file_of)
    problems += _loans(document, file_of)
    if baseline is not None and reference is not None and document.get("reference") is not True:
        problems += _programme_beside(document, baseline, reference, file_of)
    return problems


def _named_classes(document: Content, file_of: FileOf) -> Iterator[Problem]:
    """Reliefs are for classes that there are; so are a programme's classes, once money is offered."""
    known = list(named_tables(document.get("classes")))
    path: Path = ("tax", "relieved")
    for name, count in Counter(names_in(at(document, path))).items():
        values: dict[str, object] = {"name": name, "known": known}
        if name not in known:
            yield Problem(file_of(path), dotted(path), name, "scenario.class_unknown", values)
        elif count > 1:
            yield Problem(file_of(path), dotted(path), name, "scenario.order_twice", {"name": name})
    fund = document.get("guidance_fund")
    if not any(number_in(fund, key) for key in ("commitment", "regional_commitment")):
        return
    for key in ("sub_funds", "diverted_from"):
        path = ("guidance_fund", key)
        name = at(document, path)
        if isinstance(name, str) and name not in known:
            values = {"name": name, "known": known}
            yield Problem(file_of(path), dotted(path), name, "scenario.class_unknown", values)


def _contract_steps(document: Content, file_of: FileOf) -> Iterator[Problem]:
    """A contract with steps has some, in order; so has a further term."""
    fund: Path = ("guidance_fund",)
    stated = [(at(document, (*fund, "contract")), (*fund, "contract_steps"), at(document, (*fund, "contract_steps")))]
    for name, table in named_tables(at(document, (*fund, "further"))).items():
        stated.append((table.get("contract"), (*fund, "further", name, "steps"), table.get("steps", [])))
    for contract, path, steps in stated:
        if not isinstance(contract, str) or contract not in LEAST_STEP or not isinstance(steps, list | tuple):
            continue
        file, key, least = file_of(path), dotted(path), LEAST_STEP[contract]
        if not steps:
            yield Problem(file, key, steps, "scenario.steps_missing", {"contract": contract})
        elif _are_pairs(steps) and not _rise_from(least, steps):
            yield Problem(file, key, steps, "scenario.steps_wrong", {"low": f"{least:g}"})


def _relief_steps(document: Content, file_of: FileOf) -> Iterator[Problem]:
    """A relief by holding period has steps in order, and no more than are reckoned with."""
    path: Path = ("tax", "holding_relief")
    steps = at(document, path)
    if not isinstance(steps, list | tuple) or not _are_pairs(steps):
        return
    file, key = file_of(path), dotted(path)
    if len(steps) > MOST_RELIEF_STEPS:
        yield Problem(file, key, steps, "scenario.steps_too_many", {"most": str(MOST_RELIEF_STEPS)})
    if steps and not _rise_from(0.0, steps):
        yield Problem(file, key, steps, "scenario.steps_wrong", {"low": "0"})


def _credit_at_investment(document: Content, baseline: Content | None, file_of: FileOf) -> Iterator[Problem]:
    """A credit at the investment is for who invests: what partners of a programme's sub-funds get is its contract's."""
    path: Path = ("tax", "investment_credit_share")
    share = number_in(document.get("tax"), "investment_credit_share")
    of_programmes = {at(each, _SUB_FUNDS) for each in (document, baseline) if each is not None}
    for name in names_in(at(document, ("tax", "relieved"))):
        if share and name in of_programmes:
            yield Problem(file_of(path), dotted(path), share, "scenario.credit_of_sub_funds", {"name": name})


def _co_investors(document: Content, file_of: FileOf) -> Iterator[Problem]:
    """Who joins rounds pays by steps of their size, and all together leave something to those who lead."""
    together = 0.0
    for name, table in named_tables(document.get("classes")).items():
        path: Path = ("classes", name, "co_invests")
        steps = table.get("co_invests")
        if not isinstance(steps, list | tuple) or not steps or not _are_pairs(steps):
            continue
        together += max(step[1] for step in steps)
        if not _rise_from(0.01, steps):
            yield Problem(file_of(path), dotted(path), steps, "scenario.steps_wrong", {"low": "0.01"})
        elif together > MOST_CO_INVESTED:
            values = {"most": f"{MOST_CO_INVESTED:g}"}
            yield Problem(file_of(path), dotted(path), steps, "scenario.nobody_leads", values)


def _measures(document: Content, file_of: FileOf) -> Iterator[Problem]:
    """Measures of support are for stages that there are, and bear a name that no class has."""
    sectors = named_tables(document.get("sectors")).values()
    known = sorted({stage for sector in sectors for stage in named_tables(sector.get("stages"))})
    for name, table in named_tables(document.get("support")).items():
        path: Path = ("support", name)
        if name in named_tables(document.get("classes")):
            yield Problem(file_of(path), dotted(path), NO_VALUE, "scenario.support_named_as_class", {"name": name})
        path = (*path, "stages")
        for stage in names_in(table.get("stages")):
            if known and stage not in known:
                values: dict[str, object] = {"name": stage, "known": known}
                yield Problem(file_of(path), dotted(path), table.get("stages"), "scenario.stage_unknown", values)


def _loans(document: Content, file_of: FileOf) -> Iterator[Problem]:
    """Loans are for stages with another behind them, whose round can repay them; a guarantee makes good one whole."""
    credit, path = document.get("credit"), ("credit", "stages")
    stages, share = names_in(at(document, path)), number_in(credit, "loan_share") or 0.0
    shares = at(document, ("credit", "guarantee_shares"))
    known = [names for sector in named_tables(document.get("sectors")).values() if (names := _chain(sector))]
    for stage in stages:
        if known and not any(stage in chain for chain in known):
            values: dict[str, object] = {"name": stage, "known": sorted({name for chain in known for name in chain})}
            yield Problem(file_of(path), dotted(path), stages, "scenario.stage_unknown", values)
        elif any(stage == chain[-1] for chain in known):
            yield Problem(file_of(path), dotted(path), stages, "scenario.loan_at_the_last", {"name": stage})
    if share > 0.0 and stages:
        yield from _loans_too_large(document, stages, share, file_of)
    if isinstance(shares, Mapping) and sum(each for each in shares.values() if is_finite_number(each)) > 1.0 + 1e-9:
        path = ("credit", "guarantee_shares")
        yield Problem(file_of(path), dotted(path), dict(shares), "scenario.guarantees_above_one")


def _loans_too_large(document: Content, stages: list[str], share: float, file_of: FileOf) -> Iterator[Problem]:
    """What is due must be small beside the round that repays it."""
    path: Path = ("credit", "loan_share")
    cost = sum(number_in(document.get("credit"), key) or 0.0 for key in ("interest_rate", "fee_rate"))
    for sector in named_tables(document.get("sectors")).values():
        tables = named_tables(sector.get("stages"))
        for here, after in pairwise(_chain(sector)):
            years, need, later = (
                number_in(tables.get(here), "mean_years"),
                *map(_burnt, (tables.get(here), tables.get(after))),
            )
            if here not in stages or years is None or need is None or later is None:
                continue
            if share * need * (1.0 + cost * years) > MOST_OWED * later:
                values: dict[str, object] = {"name": here, "most": f"{MOST_OWED:g}"}
                yield Problem(file_of(path), dotted(path), share, "scenario.loan_too_large", values)


def _chain(sector: Content) -> list[str]:
    return names_in(at(sector, ("stages", "order")))


def _burnt(stage: object) -> float | None:
    """What a stage burns in its mean time."""
    burn, years = number_in(stage, "burn"), number_in(stage, "mean_years")
    return None if burn is None or years is None else burn * years


def _are_pairs(steps: Sequence[Any]) -> bool:
    """Whether steps are pairs of numbers; what else they are is said where types are checked."""
    return all(isinstance(step, list | tuple) and len(step) == 2 and all(map(is_finite_number, step)) for step in steps)


def _rise_from(least: float, steps: Sequence[Any]) -> bool:
    """Whether the first numbers of steps rise from a least one on, and the second are shares or rates."""
    starts = [step[0] for step in steps]
    is_rising = all(lower < upper for lower, upper in pairwise(starts)) and starts[0] >= least
    return is_rising and all(0.0 <= step[1] <= 1.0 for step in steps)


def _programme_beside(document: Content, baseline: Content, reference: Content, file_of: FileOf) -> Iterator[Problem]:
    """A programme's sub-funds are the reference's class, or a class that this has not; then that programme goes on.

    Sub-funds begun before the levers switch on are the reference's. What goes on beside a class of its own is only
    settled, pari passu or by a contract on what was paid and received: it offers no more money, and nobody values it.
    """
    path: Path = ("guidance_fund", "sub_funds")
    here, below, there = (at(each, path) for each in (document, baseline, reference))
    if not (isinstance(here, str) and isinstance(below, str) and isinstance(there, str)) or here == below:
        return
    file, key = file_of(path), dotted(path)
    if here != there and here in named_tables(reference.get("classes")):
        values: dict[str, object] = {"reference": reference.get("name", ""), "expected": there}
        yield Problem(file, key, here, "scenario.other_sub_funds", values)
    elif below != there:
        yield Problem(file, key, here, "scenario.third_sub_funds", {"baseline": baseline.get("name", ""), "own": below})
    elif _does_more_than_go_on(baseline.get("guidance_fund")):
        yield Problem(file, key, here, "scenario.programme_beside", {"baseline": baseline.get("name", "")})


def _does_more_than_go_on(fund: object) -> bool:
    """Whether a programme offers money, reserves some for a place, or gives a right at a date."""
    if any(number_in(fund, key) for key in ("commitment", "regional_commitment")):
        return True
    if number_in(fund, "reinvestment_multiple") and number_in(fund, "direction_share"):
        return True
    if not isinstance(fund, dict):
        return False
    further = named_tables(fund.get("further")).values()
    terms = [fund.get("contract"), *(table.get("contract") for table in further if number_in(table, "share"))]
    return any(contract in DATED_CONTRACTS for contract in terms)
