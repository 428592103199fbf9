"""Who owns what of a venture: rounds, stakes, and what is paid out when a venture or a stake is sold."""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.conventions import EARLY, QUARTERS_A_YEAR, ROUND_OFF
from finance.market.liquidation import split_rounds
from finance.market.lookup import continuing_value
from finance.market.packed import Era
from finance.market.records import (
    BY_BUYERS,
    BY_SECONDARY,
    BY_VEHICLES,
    DEALS,
    DEALS_LOST,
    DISTRIBUTED,
    END_GAIN,
    END_TAX,
    END_VALUE,
    GAIN,
    INVESTED,
    NEVER,
    PRESENT,
    SPENT,
    TAX,
    TO_FOUNDERS,
    TO_OUTSIDE,
    TO_TREASURY,
    TO_VEHICLES,
    TO_VENTURES,
    Notes,
)
from finance.market.state import ACTIVE, HORIZON, NO_HOLDING, TOO_MANY_ROUNDS, Memory, free_holding, new_holding
from finance.policy.sub_funds import COHORT_PAID, COST_ENDED, EARLY_PAID, PAID, RECEIVED


@njit
def end_of(vehicle: Any) -> int:
    """Quarter in which a vehicle comes to the end of its life."""
    return int(vehicle.raised + vehicle.life_quarters)


@njit
def open_round(memory: Memory, era: Era, venture: Any, dilution: float, preference: float) -> int:
    """New shares for a part `dilution` of the company after the round; returns the round."""
    r = venture.n_rounds
    if r >= len(memory.payout):
        memory.counters[0].failure = TOO_MANY_ROUNDS
        return int(r - 1)
    new = venture.total * dilution / (1.0 - dilution)
    venture.n_rounds = r + 1
    issue = memory.rounds[venture.slot, r]
    issue.preference = preference
    issue.opened = memory.now[0].quarter
    issue.shares = new
    issue.outside = 0.0
    issue.category = era.cells[venture.sector, venture.stage].category
    venture.total += new
    return int(r)


@njit
def take_stake(memory: Memory, notes: Notes, venture: Any, r: int, v: int, paid: float, part: float) -> None:
    """A vehicle gets `part` of a round's shares for what it paid: its cost by category, the ledger, the flows."""
    now, issue, h = memory.now[0], memory.rounds[venture.slot, r], new_holding(memory)
    if h == NO_HOLDING:
        return
    holding = memory.holdings[h]
    holding.following = venture.first_holding
    venture.first_holding = h
    holding.vehicle = v
    holding.round = r
    holding.paid = paid
    holding.shares = part * issue.shares
    memory.vehicles[v].stakes += 1
    memory.books[v, issue.category].cost += paid
    venture.spent += paid
    venture.next_sale = min(venture.next_sale, end_of(memory.vehicles[v]))
    notes.flows[now.quarter, BY_VEHICLES] += paid
    notes.flows[now.quarter, TO_VENTURES] += paid
    notes.deployed[memory.vehicles[v].capital_class, SPENT] += now.is_entry * paid
    if venture.cohort != NEVER:
        notes.ledger[memory.vehicles[v].capital_class, now.quarter, INVESTED] += paid
    vehicle = memory.vehicles[v]
    if vehicle.sub_fund != NEVER:
        note_sub_fund(notes, vehicle, now.quarter, PAID, paid)
        if venture.cohort != NEVER:
            note_sub_fund(notes, vehicle, now.quarter, COHORT_PAID, paid)
        if issue.category == EARLY:
            note_sub_fund(notes, vehicle, now.quarter, EARLY_PAID, paid)


@njit
def note_sub_fund(notes: Notes, vehicle: Any, quarter: int, account: int, amount: float) -> None:
    """Write down a sub-fund's flow, of whichever venture."""
    notes.sub_funds[vehicle.sub_fund, quarter - vehicle.first_closing, account] += amount


@njit
def when_paid(memory: Memory, era: Era, venture: Any, h: int, amount: float) -> float:
    """Present value of an amount received now in the quarter the stake was paid for, at the class's required return."""
    if amount == 0.0:
        return 0.0
    years = quarters_held(memory, venture, h) / QUARTERS_A_YEAR
    required = era.classes[memory.vehicles[memory.holdings[h].vehicle].capital_class].required_return
    return float(amount * (1.0 + required) ** -years)


@njit
def tax_on(terms: Any, received: float, paid: float, quarters: int) -> float:
    """Tax on a deal's gain, less what the rule lets a class deduct of its investment; below zero on a loss if relieved.

    Of what is due the part is not raised that the class is relieved of after so many quarters. A loss counts less the
    credit that its investment has earned.
    """
    gain = max(0.0, received - paid)
    relief = 0.0
    if quarters >= terms.relief_quarters_0:
        relief = terms.relief_share_0
    if quarters >= terms.relief_quarters_1:
        relief = terms.relief_share_1
    if quarters >= terms.relief_quarters_2:
        relief = terms.relief_share_2
    if quarters >= terms.relief_quarters_3:
        relief = terms.relief_share_3
    due = (1.0 - relief) * terms.tax_rate * max(0.0, gain - terms.tax_deduction * paid)
    return float(due - terms.loss_relief * max(0.0, paid * (1.0 - terms.investment_credit) - received))


@njit
def quarters_held(memory: Memory, venture: Any, h: int) -> int:
    """For how many quarters a vehicle has held a stake."""
    return int(memory.now[0].quarter - memory.rounds[venture.slot, memory.holdings[h].round].opened)


@njit
def _settle_holding(memory: Memory, era: Era, notes: Notes, venture: Any, h: int, received: float) -> None:
    """A vehicle's stake ends with money received: tax on the gain, loss on cost, the deal counted, its place free."""
    holding, now = memory.holdings[h], memory.now[0]
    quarter, v, paid = now.quarter, holding.vehicle, holding.paid
    c = memory.vehicles[v].capital_class
    memory.vehicles[v].stakes -= 1
    gain = max(0.0, received - paid)
    memory.vehicles[v].reserve += era.classes[c].reserve_share * gain
    tax = tax_on(era.classes[c], received, paid, quarters_held(memory, venture, h))
    due = paid
    if era.classes[c].preservation_rate > 0.0:
        due *= (1.0 + era.classes[c].preservation_rate) ** (quarters_held(memory, venture, h) / QUARTERS_A_YEAR)
    if received < due:
        memory.books[v, memory.rounds[venture.slot, holding.round].category].loss += due - received
    notes.flows[quarter, TO_VEHICLES] += received - tax
    notes.flows[quarter, TO_TREASURY] += tax
    if memory.vehicles[v].sub_fund != NEVER:
        note_sub_fund(notes, memory.vehicles[v], quarter, RECEIVED, received - tax)
        note_sub_fund(notes, memory.vehicles[v], quarter, COST_ENDED, paid)
    if venture.cohort != NEVER:
        notes.ledger[c, quarter, DISTRIBUTED] += received - tax
        notes.ledger[c, quarter, GAIN] += gain
        notes.ledger[c, quarter, TAX] += tax
        notes.ledger[c, quarter, PRESENT] += when_paid(memory, era, venture, h, received - tax)
        notes.tallies[c, DEALS] += 1
        notes.tallies[c, DEALS_LOST] += received < paid - ROUND_OFF
    free_holding(memory, h)


@njit
def part_of(memory: Memory, venture: Any, h: int) -> float:
    """What a holding gets of the company's price that `split_rounds` has just split."""
    holding = memory.holdings[h]
    return float(memory.payout[holding.round] * holding.shares / memory.rounds[venture.slot, holding.round].shares)


@njit
def pay_out(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """The company has been sold (or written off, at price 0): every stake is paid and gone."""
    quarter, price = memory.now[0].quarter, venture.price
    rest = price
    split_rounds(price, memory.rounds, venture.slot, venture.founders, venture.n_rounds, memory.payout)
    for r in range(venture.n_rounds):
        rest -= memory.payout[r]
        if memory.rounds[venture.slot, r].outside > 0.0:
            outside = memory.rounds[venture.slot, r].outside / memory.rounds[venture.slot, r].shares
            notes.flows[quarter, TO_OUTSIDE] += memory.payout[r] * outside
    notes.flows[quarter, BY_BUYERS] += price
    notes.flows[quarter, TO_FOUNDERS] += rest
    h = venture.first_holding
    while h != NO_HOLDING:
        after = memory.holdings[h].following
        _settle_holding(memory, era, notes, venture, h, part_of(memory, venture, h))
        h = after
    venture.first_holding = NO_HOLDING


@njit
def sell_stakes_of_ended_vehicles(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """Vehicles at the end of their life sell their stakes in one venture to buyers outside the classes."""
    quarter, kept = memory.now[0].quarter, 1.0 - era.numbers[0].secondary_discount
    if venture.next_sale > quarter:
        return
    venture.next_sale, is_split = HORIZON, False
    before, h = NO_HOLDING, venture.first_holding
    while h != NO_HOLDING:
        after = memory.holdings[h].following
        ends = end_of(memory.vehicles[memory.holdings[h].vehicle])
        if ends <= quarter:
            if not is_split:
                value = continuing_value(memory, era, venture)
                split_rounds(value, memory.rounds, venture.slot, venture.founders, venture.n_rounds, memory.payout)
                is_split = True
            received = kept * part_of(memory, venture, h)
            notes.flows[quarter, BY_SECONDARY] += received
            memory.rounds[venture.slot, memory.holdings[h].round].outside += memory.holdings[h].shares
            _settle_holding(memory, era, notes, venture, h, received)
            if before == NO_HOLDING:
                venture.first_holding = after
            else:
                memory.holdings[before].following = after
        else:
            venture.next_sale = min(venture.next_sale, ends)
            before = h
        h = after


@njit
def value_stakes(memory: Memory, era: Era, notes: Notes, venture: Any, value: float) -> None:
    """At the end of the clock: what vehicles would get for stakes at the continuing value; of the cohort, gains too."""
    now, is_cohort = memory.now[0], venture.cohort != NEVER
    split_rounds(value, memory.rounds, venture.slot, venture.founders, venture.n_rounds, memory.payout)
    h = venture.first_holding
    while h != NO_HOLDING:
        worth, paid = part_of(memory, venture, h), memory.holdings[h].paid
        vehicle = memory.vehicles[memory.holdings[h].vehicle]
        c = vehicle.capital_class
        gain = max(0.0, worth - paid)
        tax = tax_on(era.classes[c], worth, paid, quarters_held(memory, venture, h))
        if vehicle.sub_fund != NEVER:
            note_sub_fund(notes, vehicle, now.quarter, RECEIVED, worth - tax)
            note_sub_fund(notes, vehicle, now.quarter, COST_ENDED, paid)
        if is_cohort:
            notes.ledger[c, now.quarter, END_VALUE] += worth - tax
            notes.ledger[c, now.quarter, PRESENT] += when_paid(memory, era, venture, h, worth - tax)
            notes.ledger[c, now.quarter, END_GAIN] += gain
            notes.ledger[c, now.quarter, END_TAX] += tax
            notes.tallies[c, DEALS] += 1
            notes.tallies[c, DEALS_LOST] += worth < paid - ROUND_OFF
        h = memory.holdings[h].following


@njit
def value_sub_funds(memory: Memory, era: Era, notes: Notes) -> None:
    """Where partners may now use a right on a sub-fund: what its holdings are worth, before what is paid today."""
    rules, since = era.numbers[0], memory.now[0].quarter - era.numbers[0].switch_quarter
    if rules.sub_fund_class < 0 or since < 0:
        return
    for date in range(rules.n_valuations):
        at = rules.last_valuation if date == rules.n_valuations - 1 else rules.first_valuation + QUARTERS_A_YEAR * date
        if since >= at and (since - at) % rules.pool_quarters == 0:
            value_sub_fund(
                memory, era, notes, -(-rules.switch_quarter // 4) + (since - at) // rules.pool_quarters, date
            )


@njit
def value_sub_fund(memory: Memory, era: Era, notes: Notes, sub_fund: int, date: int) -> None:
    """Write down what the holdings of a sub-fund are worth now."""
    for position in range(memory.counters[0].n_active):
        venture = memory.ventures[memory.slots[ACTIVE, position]]
        h, is_split = venture.first_holding, False
        while h != NO_HOLDING:
            if memory.vehicles[memory.holdings[h].vehicle].sub_fund == sub_fund:
                if not is_split:
                    value = continuing_value(memory, era, venture)
                    split_rounds(value, memory.rounds, venture.slot, venture.founders, venture.n_rounds, memory.payout)
                    is_split = True
                notes.sub_fund_values[sub_fund, date] += part_of(memory, venture, h)
            h = memory.holdings[h].following
