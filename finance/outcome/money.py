"""From one path's notes to capital, returns, public accounts and the headline sums: compiled."""

from __future__ import annotations

from typing import NamedTuple

from finance.compiling import njit
from finance.market.packed import Packed
from finance.market.records import (
    ACQUISITION,
    ALIVE,
    CASH_IN,
    DEALS,
    DEALS_LOST,
    DISTRIBUTED,
    END_GAIN,
    END_VALUE,
    END_WORTH,
    GAIN,
    INVESTED,
    IPO,
    PRESENT,
    PROCEEDS,
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


class PublicRules(NamedTuple):
    """How public money is counted."""

    tax_place: int  # where the investor tax stands among the instruments
    standard_tax_rate: float  # on gains, against which tax is forgone
    displacement_share: float  # of tax received that would have been received elsewhere anyhow
    marginal_cost: float  # economic cost of a unit of public money


@njit
def sum_classes(notes: Notes, switch_quarter: int, class_place: Integers, page: Page) -> None:
    """Add each class's capital and returns to the path's page.

    Parameters
    ----------
    notes : Notes
    switch_quarter : int
        First quarter of year 0.
    class_place : ndarray of shape (class,)
        Where each class of the scenario stands among the classes of the tables.
    page : Page
        The path's, added to. Proceeds are after tax; what is still held counts at its continuing value.
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
        Packed terms of the scenario's classes.
    rules : PublicRules
    switch_quarter, class_place, page
        As in `sum_classes`.
    curve_factor : ndarray of shape (quarter,)
        Discount factors of constant-price money on the government curve.
    deflator : ndarray of shape (quarter,)
        The path's state-price deflator for constant-price money.

    Notes
    -----
    Budget cost = Σ P(0,t) (outlay − receipts − (1 − displacement) tax received);
    economic cost = marginal cost × Σ M(t) × the same flow. Tax forgone is shown, and already missing from tax received.
    """
    vector, places = page.vector, page.places
    n_classes, n_quarters, _ = notes.ledger.shape
    for quarter in range(switch_quarter, n_quarters):
        year = (quarter - switch_quarter) // 4
        curve = curve_factor[quarter]
        cost = 0.0
        taxes = rules.tax_place * page.n_years + year
        for c in range(n_classes):
            share, rate = classes[c].public_share, classes[c].tax_rate
            gain = notes.ledger[c, quarter, GAIN] + notes.ledger[c, quarter, END_GAIN]
            received = rate * gain
            vector[places[_RECEIVED] + taxes] += received
            vector[places[_FORGONE] + taxes] += max(0.0, rules.standard_tax_rate - rate) * gain
            vector[places[_PRESENT] + taxes] -= curve * received
            cost -= (1.0 - rules.displacement_share) * received
            if share > 0.0:
                outlay = share * notes.ledger[c, quarter, INVESTED]
                receipt = share * (notes.ledger[c, quarter, DISTRIBUTED] + notes.ledger[c, quarter, END_VALUE])
                cell = class_place[c] * page.n_years + year
                vector[places[_OUTLAY] + cell] += outlay
                vector[places[_RECEIPT] + cell] += receipt
                vector[places[_PRESENT] + cell] += curve * (outlay - receipt)
                cost += outlay - receipt
        vector[places[_BUDGET]] += curve * cost
        vector[places[_ECONOMIC]] += rules.marginal_cost * deflator[quarter] * cost


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
