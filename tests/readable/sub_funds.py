"""Sub-funds of the guidance programme: which vehicles one holds together, and the accounts that its partners share by."""

import math

from finance.market.conventions import EARLY
from finance.market.records import empty_notes, record_of
from finance.policy.sub_funds import COHORT_PAID, COST_ENDED, EARLY_PAID, PAID, RECEIVED


def empty_record(terms_own, terms_root):
    """Make a record of nothing, with room for the sub-funds of the warm-up and of the scenario."""
    notes = empty_notes(terms_own, terms_root)
    for name in ("asked", "closed", "left"):
        notes.rounds[name] = -1
    notes.ventures["end_quarter"] = -1
    return record_of(notes)


def place_of(economy, capital_class):
    """Row and first quarter of the sub-fund that a vehicle raised now joins; (None, this quarter) outside the programme.

    Sub-funds begun before the switch come first in the record: a row a year of the warm-up, used or not. Those of the
    programme that stands beside the scenario's come last.
    """
    terms, quarter, switch = economy.terms, economy.quarter, economy.own.terms.switch_quarter
    own_rows = math.ceil((terms.n_quarters - switch) / terms.pool_quarters)
    if quarter < switch:
        begin, first_row, pool = 0, 0, terms.pool_quarters
    elif capital_class == terms.sub_fund_class:
        begin, first_row, pool = switch, rows_of_warm_up(economy), terms.pool_quarters
    else:
        begin, first_row, pool = switch, rows_of_warm_up(economy) + own_rows, terms.standing.pool_quarters
    known = [terms.sub_fund_class] if quarter < switch else [terms.sub_fund_class, terms.standing.sub_funds]
    if capital_class not in known:
        return None, quarter
    number = (quarter - begin) // pool
    return first_row + number, begin + number * pool


def rows_of_warm_up(economy):
    return (economy.own.terms.switch_quarter + 3) // 4


def note(economy, vehicle, account, amount):
    """Write down a flow of a vehicle, if it belongs to a sub-fund."""
    if vehicle.sub_fund is not None:
        since = economy.quarter - vehicle.first_closing
        economy.record.sub_funds[vehicle.sub_fund, since, account] += amount


def note_payment(economy, venture, vehicle, paid, category):
    note(economy, vehicle, PAID, paid)
    if venture.row is not None:
        note(economy, vehicle, COHORT_PAID, paid)
    if category == EARLY:
        note(economy, vehicle, EARLY_PAID, paid)


def note_end(economy, holding, after_tax):
    """A holding has ended or been valued: what it brought, and its cost, on which no fee is due any more."""
    note(economy, holding.vehicle, RECEIVED, after_tax)
    note(economy, holding.vehicle, COST_ENDED, holding.paid)


def value_holdings(economy):
    """Value sub-funds of the scenario whose private partners may buy the public out now, before anything is paid."""
    terms, since = economy.terms, economy.quarter - economy.own.terms.switch_quarter
    if since < 0 or terms.sub_fund_class < 0:
        return
    for date, age in enumerate(terms.valuation_quarters):
        begun = since - age
        if begun < 0 or begun % terms.pool_quarters != 0:
            continue
        row = rows_of_warm_up(economy) + begun // terms.pool_quarters
        for venture in economy.living():
            for holding, part in venture.split(economy.company_value(venture)):
                if holding.vehicle.sub_fund == row and not holding.is_sold:
                    economy.record.sub_fund_values[row, date] += part
