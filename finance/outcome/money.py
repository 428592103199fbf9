"""From one path's notes to capital, returns, public accounts and the headline sums: compiled."""

from __future__ import annotations

from typing import NamedTuple

from finance.compiling import njit
from finance.market.packed import Packed
from finance.market.records import (
    ACQUISITION,
    ALIVE,
    CASH_IN,
    COMPANY_TAX_FORGONE,
    COMPANY_TAX_RECEIVED,
    DEALS,
    DEALS_LOST,
    DISTRIBUTED,
    END_GAIN,
    END_TAX,
    END_VALUE,
    END_WORTH,
    GAIN,
    INVESTED,
    IPO,
    PRESENT,
    PROCEEDS,
    TAX,
    TRADE_SALE,
    UNUSED,
    Notes,
)
from finance.market.terms import Floats, Integers
from finance.market.twin import TwinRecord
from finance.outcome.components import PLACE
from finance.outcome.page import Page

_INVESTED, _DISTRIBUTED, _UNUSED, _NET = (
    PLACE["invested"],
    PLACE["distributed"],
    PLACE["capacity_unused"],
    PLACE["net_flow"],
)
_PAID_IN, _PROCEEDS, _DEALS, _LOST = PLACE["paid_in"], PLACE["proceeds"], PLACE["deals"], PLACE["deals_lost"]
_PRESENT_OUT = PLACE["present_proceeds"]
_OUTLAY, _RECEIPT, _FORGONE = PLACE["outlay"], PLACE["receipt"], PLACE["tax_forgone"]
_RECEIVED, _PRESENT = PLACE["tax_received"], PLACE["present_value"]
_BUDGET, _ECONOMIC = PLACE["budget_cost"], PLACE["economic_cost"]
_EXITS, _ALIVE, _SOCIAL = PLACE["exits"], PLACE["ventures_alive"], PLACE["social_value"]
_TWIN, _END, _VENTURES = PLACE["twin_social_value"], PLACE["end_value"], PLACE["ventures_simulated"]
_PRIVATE, _PUBLIC = PLACE["private_invested"], PLACE["public_outlay"]


class PublicRules(NamedTuple):
    """How public money is counted."""

    tax_place: int  # where the investor tax stands among the instruments
    company_tax_place: int  # and that of companies; pilot platforms stand behind it
    sub_fund_class: int  # whose public side is accounted for by sub-fund (`outcome.sub_funds`); −1 for none
    standing_class: int  # that of the programme beside it, likewise
    support_place: Integers  # (measure,) where each measure of support stands among the instruments
    standard_tax_rate: float  # on gains, against which tax is forgone
    displacement_share: float  # of tax received that would have been received elsewhere anyhow
    marginal_cost: float  # economic cost of a unit of public money


@njit
def sum_classes(notes: Notes, classes: Packed, switch_quarter: int, class_place: Integers, page: Page) -> None:
    """Add each class's capital and returns to the path's page.

    Parameters
    ----------
    notes : Notes
    classes : ndarray of shape (class,)
        Packed terms of the scenario's classes.
    switch_quarter : int
        First quarter of year 0.
    class_place : ndarray of shape (class,)
        Where each class of the scenario stands among the classes of the tables.
    page : Page
        The path's, added to. Proceeds are after tax; what is still held counts at its continuing value. Returns are on
        what is paid less the credit that it earns at once.
    """
    vector, places = page.vector, page.places
    n_classes, n_quarters, _ = notes.ledger.shape
    for own in range(n_classes):
        c = class_place[own]
        for quarter in range(switch_quarter, n_quarters):
            paid, back = notes.ledger[own, quarter, INVESTED], notes.ledger[own, quarter, DISTRIBUTED]
            held = notes.ledger[own, quarter, END_VALUE]
            cell = c * page.n_years + (quarter - switch_quarter) // 4
            vector[places[_INVESTED] + cell] += paid
            vector[places[_DISTRIBUTED] + cell] += back
            vector[places[_UNUSED] + cell] += notes.ledger[own, quarter, UNUSED]
            paid -= classes[own].investment_credit * paid
            vector[places[_NET] + cell] += back + held - paid
            vector[places[_PAID_IN] + c] += paid
            vector[places[_PROCEEDS] + c] += back + held
            vector[places[_PRESENT_OUT] + c] += notes.ledger[own, quarter, PRESENT]
        vector[places[_DEALS] + c] += notes.tallies[own, DEALS]
        vector[places[_LOST] + c] += notes.tallies[own, DEALS_LOST]


@njit
def sum_public(
    notes: Notes,
    classes: Packed,
    rules: PublicRules,
    switch_quarter: int,
    curve_factor: Floats,
    deflator: Floats,
    class_place: Integers,
    page: Page,
) -> None:
    """Add the public accounts to the path's page, and what they cost.

    Parameters
    ----------
    notes : Notes
    classes : ndarray of shape (class,)
        Packed terms of the scenario's classes, with what they have committed in the path's pilot.
    rules : PublicRules
    switch_quarter, class_place, page
        As in `sum_classes`.
    curve_factor : ndarray of shape (quarter,)
        Discount factors of constant-price money on the government curve.
    deflator : ndarray of shape (quarter,)
        The path's state-price deflator for constant-price money.

    Notes
    -----
    What is paid back of an investment is an outlay of the tax on investors, and none of their private money.
    Budget cost = Σ P(0,t) (outlay − receipts − (1 − displacement) tax received);
    economic cost = marginal cost × Σ M(t) × the same flow. Tax forgone is shown, and already missing from tax received.
    """
    vector, places = page.vector, page.places
    n_classes, n_quarters, _ = notes.ledger.shape
    for quarter in range(switch_quarter, n_quarters):
        year = (quarter - switch_quarter) // 4
        curve = curve_factor[quarter]
        cost = 0.0
        for c in range(n_classes):
            cost = _add_class(notes, classes, rules, class_place, page, c, quarter, year, curve, cost)
        taxes = rules.company_tax_place * page.n_years + year
        received = notes.company_tax[quarter, COMPANY_TAX_RECEIVED]
        vector[places[_RECEIVED] + taxes] += received
        vector[places[_FORGONE] + taxes] += notes.company_tax[quarter, COMPANY_TAX_FORGONE]
        vector[places[_PRESENT] + taxes] -= curve * received
        cost -= (1.0 - rules.displacement_share) * received
        cost += _paid(page, rules.company_tax_place + 1, year, curve, notes.platform_cost[quarter])
        for m in range(len(rules.support_place)):
            cost += _paid(page, rules.support_place[m], year, curve, notes.support_cost[quarter, m])
        vector[places[_BUDGET]] += curve * cost
        vector[places[_ECONOMIC]] += rules.marginal_cost * deflator[quarter] * cost


@njit
def _add_class(
    notes: Notes,
    classes: Packed,
    rules: PublicRules,
    class_place: Integers,
    page: Page,
    c: int,
    quarter: int,
    year: int,
    curve: float,
    cost: float,
) -> float:
    """Add a class's quarter to the public accounts: tax on its gains, and its public share; returns the cost with it."""
    vector, places = page.vector, page.places
    taxes = rules.tax_place * page.n_years + year
    gain = notes.ledger[c, quarter, GAIN] + notes.ledger[c, quarter, END_GAIN]
    received = notes.ledger[c, quarter, TAX] + notes.ledger[c, quarter, END_TAX]
    vector[places[_RECEIVED] + taxes] += received
    vector[places[_FORGONE] + taxes] += max(0.0, rules.standard_tax_rate * gain - received)
    vector[places[_PRESENT] + taxes] -= curve * received
    cost -= (1.0 - rules.displacement_share) * received
    invested, share, credit = notes.ledger[c, quarter, INVESTED], classes[c].public_share, classes[c].investment_credit
    if credit > 0.0:
        cost += _paid(page, rules.tax_place, year, curve, credit * invested)
    if classes[c].owner in (rules.sub_fund_class, rules.standing_class):
        return cost
    vector[places[_PRIVATE]] += (1.0 - share - credit) * invested
    if share > 0.0:
        outlay = share * invested
        receipt = share * (notes.ledger[c, quarter, DISTRIBUTED] + notes.ledger[c, quarter, END_VALUE])
        cell = class_place[c] * page.n_years + year
        vector[places[_OUTLAY] + cell] += outlay
        vector[places[_PUBLIC]] += outlay
        vector[places[_RECEIPT] + cell] += receipt
        vector[places[_PRESENT] + cell] += curve * (outlay - receipt)
        cost += outlay - receipt
    return cost


@njit
def _paid(page: Page, instrument: int, year: int, curve: float, amount: float) -> float:
    """Add an outlay without receipts to an instrument's year; returns it."""
    vector, places, cell = page.vector, page.places, instrument * page.n_years + year
    vector[places[_OUTLAY] + cell] += amount
    vector[places[_PRESENT] + cell] += curve * amount
    vector[places[_PUBLIC]] += amount
    return amount


@njit
def sum_headline(notes: Notes, twin: TwinRecord, ventures: float, page: Page) -> None:
    """Add exits, ventures alive and social values of a path to its page."""
    vector, places = page.vector, page.places
    exits, alive = 0.0, 0.0
    for row in range(len(notes.ventures)):
        fate = notes.ventures[row].fate
        exits += fate in (IPO, TRADE_SALE, ACQUISITION)
        alive += fate == ALIVE
    vector[places[_EXITS]] += exits
    vector[places[_ALIVE]] += alive
    vector[places[_SOCIAL]] += notes.social[PROCEEDS] + notes.social[END_WORTH] - notes.social[CASH_IN]
    vector[places[_TWIN]] += twin.social[PROCEEDS] + twin.social[END_WORTH] - twin.social[CASH_IN]
    vector[places[_END]] += notes.social[END_WORTH]
    vector[places[_VENTURES]] += ventures
