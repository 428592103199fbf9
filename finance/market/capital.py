"""Classes of capital and the guidance programme of a scenario, as arrays on the axes of `terms`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from finance import luck
from finance.fund.amounts import FloatArray
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.marks import DUTY_MARK, PLATFORM_MARK, own_name
from finance.market.relief import NEVER_HELD, RELIEF_STEPS
from finance.policy.commitments import Programme
from finance.policy.managers import added_noise, covered_share
from finance.policy.sub_funds import Agreement, agreement, contract_of, valuation_years

if TYPE_CHECKING:
    from finance.scenario import Scenario
    from finance.scenario.schema_capital import CapitalClass
    from finance.scenario.schema_policy import Managers

#: Names of sectors, stages and classes (`terms.Names`).
AxisNames = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def class_terms(scenario: Scenario, names: AxisNames, need: FloatArray) -> dict[str, Any]:
    """Arrays by class; a mandate ends where a class has no way to judge a stage (incapacity).

    A class that joins rounds which others lead has no mandate of its own, but its share of `need` (sector, stage).

    What a duty reserves stands as a class beside its own: alike in all but its money, which comes to it only when it is
    known what is committed (`policy.managers.with_duties`).
    """
    sectors, stages, classes = names
    n_classes, n_sectors, n_stages = len(classes), len(sectors), len(stages)
    by_class = (
        "capacity", "required_return", "public_share", "supply_elasticity", "preservation_rate", "extension_probability",
    )  # fmt: skip
    floats = {name: np.zeros(n_classes) for name in by_class}
    ticket_max, valuation_max = np.full(n_classes, np.inf), np.full(n_classes, np.inf)
    life, investment = np.ones(n_classes, dtype=np.int64), np.ones(n_classes, dtype=np.int64)
    extension = np.zeros(n_classes, dtype=np.int64)
    in_mandate = np.zeros((n_classes, n_sectors, n_stages), dtype=np.bool_)
    follow_share = np.zeros((n_classes, n_sectors, n_stages))
    budget, binds = np.zeros((n_classes, n_stages)), np.zeros(n_classes, dtype=np.int64)
    for c, name in enumerate(classes):
        if own_name(name) not in scenario.classes:
            continue
        capital = scenario.classes[own_name(name)]
        floats["required_return"][c] = scenario.planner.social_rate + capital.return_premium
        floats["public_share"][c] = capital.public_share
        if own_name(name) == name:
            floats["capacity"][c] = capital.capacity
            floats["supply_elasticity"][c] = capital.supply_elasticity
        ticket_max[c], valuation_max[c] = capital.ticket_max, capital.valuation_max
        floats["preservation_rate"][c] = capital.preservation_rate
        life[c] = round(QUARTERS_A_YEAR * capital.life_years)
        investment[c] = QUARTERS_A_YEAR * capital.investment_years
        floats["extension_probability"][c] = capital.extension_probability
        if capital.extension_probability > 0.0:
            extension[c] = round(QUARTERS_A_YEAR * capital.extension_years)
        able = _able(scenario, capital, sectors, stages)
        if capital.co_invests:
            shares = [[share_of_steps(float(asked), capital.co_invests) for asked in row] for row in need]
            follow_share[c] = np.where(able, shares, 0.0)
        else:
            in_mandate[c] = able
        for stage, share in capital.stage_budgets.items():
            budget[c, stages.index(stage)] = share
        binds[c] = capital.budgets_bind and any(capital.stage_budgets.values())
    real = [name for name in classes if own_name(name) == name]
    owner = np.array([classes.index(own_name(name)) for name in classes], dtype=np.int64)
    code_of = dict(zip(real, luck.name_codes(real), strict=True))
    return {
        **floats,
        **_taxes(scenario, classes),
        "owner": owner,
        "class_code": np.array([code_of[own_name(name)] for name in classes], dtype=np.uint32),
        "ticket_max": ticket_max,
        "valuation_max": valuation_max,
        "life_quarters": life,
        "extension_quarters": extension,
        "investment_quarters": investment,
        "in_mandate": in_mandate,
        "follow_share": follow_share,
        "stage_budget": budget,
        "budgets_bind": binds,
    }


def _taxes(scenario: Scenario, classes: tuple[str, ...]) -> dict[str, Any]:
    """Arrays by class of the tax on gains and of its reliefs; what is paid back goes to private partners alone."""
    given = scenario.tax
    arrays: dict[str, Any] = {
        name: np.zeros(len(classes)) for name in ("tax_rate", "tax_deduction", "investment_credit", "loss_relief")
    }
    arrays["relief_quarters"] = np.full((len(classes), RELIEF_STEPS), NEVER_HELD, dtype=np.int64)
    arrays["relief_share"] = np.zeros((len(classes), RELIEF_STEPS))
    for c, name in enumerate(map(own_name, classes)):
        if name not in scenario.classes:
            continue
        capital = scenario.classes[name]
        arrays["tax_rate"][c] = capital.tax_rate
        if name not in given.relieved:
            continue
        private_share = 1.0 - capital.public_share
        arrays["tax_rate"][c] = capital.tax_rate * (1.0 - given.gain_exemption_share)
        arrays["tax_deduction"][c] = given.investment_deduction_share
        arrays["investment_credit"][c] = private_share * given.investment_credit_share
        arrays["loss_relief"][c] = private_share * given.loss_relief_rate
        for step, (years, share) in enumerate(given.holding_relief):
            arrays["relief_quarters"][c, step], arrays["relief_share"][c, step] = round(QUARTERS_A_YEAR * years), share
    return arrays


def _able(
    scenario: Scenario, capital: CapitalClass, sectors: tuple[str, ...], stages: tuple[str, ...]
) -> npt.NDArray[np.bool_]:
    """Where (sector, stage) a class may invest and can judge what it sees."""
    able = np.zeros((len(sectors), len(stages)), dtype=np.bool_)
    for k, marked in enumerate(sectors):
        sector = marked.removesuffix(PLATFORM_MARK)
        chain = list(scenario.sectors[sector].stages)
        first = capital.incapacity.get(sector, chain[0])
        for stage in capital.stages:
            able[k, stages.index(stage)] = stage in chain and chain.index(stage) >= chain.index(first)
    return able


def share_of_steps(amount: float, steps: Sequence[tuple[float, float]]) -> float:
    """Share of an amount that is paid by steps, each for the part of it between the limit before and its own.

    Parameters
    ----------
    amount : float
        More than 0.
    steps : sequence of (limit, share)
        Rising limits; nothing is paid of what lies above the last.

    Examples
    --------
    >>> share_of_steps(10.0, [(2.0, 0.7), (8.0, 0.5)])
    0.44
    """
    paid, below = 0.0, 0.0
    for limit, share in steps:
        paid += share * max(0.0, min(amount, limit) - below)
        below = limit
    return paid / amount


class Standing(NamedTuple):
    """The programme that goes on beside one whose sub-funds are a class of their own."""

    sub_funds: int  # class of its sub-funds; −1 if there is none
    pool_quarters: int
    agreement: Agreement | None


def programme_terms(scenario: Scenario, names: AxisNames) -> dict[str, Any]:
    """The guidance programme and its managers; what the whole country is offered is scaled to the economy of a path."""
    classes = names[2]
    fund, entry = scenario.guidance_fund, scenario.entry
    scale = entry.entrants_a_year / entry.national_entrants
    there = [name for name in classes if name in scenario.classes]

    def place(name: str) -> int:
        return classes.index(name) if name in there else -1

    sub_funds, before = place(fund.sub_funds), scenario.programme_beside()
    valued_at = valuation_years(contract_of(fund))
    standing = Standing(-1, 1, None)
    if before is not None:
        known = before.guidance_fund
        agreed = agreement(known, scenario.world.inflation_rate, scenario.managers)
        standing = Standing(place(known.sub_funds), QUARTERS_A_YEAR * known.vintages, agreed)
    noise = np.zeros(len(classes))
    for each, c in ((scenario, sub_funds), (before, standing.sub_funds)):
        if each is not None and c >= 0:
            noise[c] = noise_of(each, scenario.managers)
    return {
        "added_noise": noise,
        "local_share": fund.local_share,
        "reinvestment_multiple": fund.reinvestment_multiple,
        "direction_share": fund.direction_share,
        "deployment_points": scenario.managers.deployment_points,
        "platform_places": scenario.pilot_platform.places * scale / QUARTERS_A_YEAR,
        "queue_quarters": scenario.pilot_platform.queue_quarters,
        "sub_fund_class": sub_funds,
        "pool_quarters": QUARTERS_A_YEAR * fund.vintages,
        "valuation_quarters": tuple(sorted({round(QUARTERS_A_YEAR * year) for year in valued_at})),
        "programme": Programme(
            sub_funds,
            place(fund.diverted_from),
            fund.commitment * scale,
            fund.regional_commitment * scale,
            fund.regional_share_cap,
            fund.sub_fund_share_cap,
            fund.diverted_share,
            before is not None,
        ),
        "agreement": agreement(fund, scenario.world.inflation_rate, scenario.managers),
        "standing": standing,
    }


def noise_of(scenario: Scenario, managers: Managers) -> float:
    """Noise of their own of a programme's managers: covered by its contract, watched by its private partners."""
    public_share = fullest_public_share(scenario)
    covered = covered_share(contract_of(scenario.guidance_fund), public_share)
    return added_noise(managers.cover_noise, covered, managers.unwatched_noise, public_share)


def fullest_public_share(scenario: Scenario) -> float:
    """Public share of a programme's sub-funds where public money stands at the cap, or at what the class has, if more."""
    fund = scenario.guidance_fund
    public_share = scenario.classes[fund.sub_funds].public_share
    if fund.commitment + fund.regional_commitment > 0.0:
        public_share = max(public_share, fund.sub_fund_share_cap)
    return public_share


def duty_of(scenario: Scenario) -> tuple[str, ...]:
    """Name of what the programme's duty reserves; nothing without a duty."""
    fund = scenario.guidance_fund
    has_duty = fund.sub_funds in scenario.classes and fund.reinvestment_multiple * fund.direction_share > 0.0
    return (f"{fund.sub_funds}{DUTY_MARK}",) if has_duty else ()
