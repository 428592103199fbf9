"""Money that moves is written down here: record, vehicles' own accounts, sources and uses."""

from finance.market import records
from finance.market.support import PER_ROUND, PER_UNIT
from finance.policy.credit import FEE, LENT, LOST, REPAID
from tests.readable import company_tax, sub_funds
from tests.readable.companies import ENDED, NOTHING


def present_value(economy, amount):
    """In year 0, at the social rate."""
    terms = economy.own.terms
    years = (economy.quarter - terms.switch_quarter) / 4.0
    return amount * (1.0 + terms.social_rate) ** -years


def _flow(economy, flow, amount):
    economy.record.flows[economy.quarter, flow] += amount


def _ledger(economy, venture, vehicle, account, amount):
    if venture.row is not None:
        economy.record.ledger[vehicle.capital_class, economy.quarter, account] += amount


def put_in(economy, venture, payments, cash, category):
    """Book what vehicles pay into a venture (their money has been taken already), and what cash that leaves it."""
    amount = sum(payments.values())
    venture.cash_received += amount
    company_tax.spend(economy, venture, cash)
    _flow(economy, records.BY_VEHICLES, amount)
    _flow(economy, records.TO_VENTURES, amount)
    for vehicle, paid in payments.items():
        vehicle.cost[category] += paid
        economy.record.deployed[vehicle.capital_class, records.SPENT] += economy.is_entry * paid
        _ledger(economy, venture, vehicle, records.INVESTED, paid)
        sub_funds.note_payment(economy, venture, vehicle, paid, category)
    if venture.row is not None:
        economy.record.social[records.CASH_IN] += present_value(economy, cash * economy.gross(venture))
        costs = economy.terms.support_costs[venture.sector, venture.stage]
        economy.record.support_cost[economy.quarter] += cash * costs[:, PER_UNIT]


def borrow(economy, venture):
    """A round has closed: repay what is owed, take the stage's loan; returns the cash beside the round's."""
    terms, k, i, repaid = economy.terms, venture.sector, venture.stage, venture.owed
    loan = float(terms.lent[k, i])
    if venture.row is not None:
        economy.record.credit[economy.quarter, [REPAID, LENT, FEE]] += (repaid, loan, terms.loan_fee[k, i])
    venture.owed = float(terms.owed[k, terms.next_stage[k, i]]) if loan > 0.0 else 0.0
    return loan - repaid


def settle_loan(economy, venture, fate):
    """Book what a bank gets of what it is owed by a venture that ends."""
    repaid = venture.owed if fate == records.ACQUISITION else min(venture.owed, venture.recovered)
    if venture.row is not None:
        economy.record.credit[economy.quarter, [REPAID, LOST]] += (repaid, venture.owed - repaid)
        economy.record.social[records.PROCEEDS] += present_value(economy, repaid)


def pay_public_costs(economy, venture):
    """Book what the public pays for a place on a platform and for measures of support, once the round has closed."""
    if venture.row is not None:
        cost = economy.public_cost(venture)
        cell = (venture.sector, venture.stage)
        economy.record.platform_cost[economy.quarter] += economy.terms.place_cost[cell]
        economy.record.support_cost[economy.quarter] += economy.terms.support_costs[cell][:, PER_ROUND]
        economy.record.social[records.CASH_IN] += present_value(economy, cost)


def lapse(economy, vehicle, amount):
    """Let money of a vehicle go unused."""
    economy.record.ledger[vehicle.capital_class, economy.quarter, records.UNUSED] += amount


def tax_on(economy, holding, received):
    """Tax on the gain, less what a class may deduct of its cost; what is paid back of a loss less the credit."""
    terms, c = economy.terms, holding.vehicle.capital_class
    deducted = float(terms.tax_deduction[c]) * holding.paid
    relief, held = 0.0, economy.quarter - holding.quarter
    for quarters, share in zip(terms.relief_quarters[c], terms.relief_share[c], strict=True):
        relief = float(share) if held >= quarters else relief
    due = (1.0 - relief) * float(terms.tax_rate[c]) * max(0.0, received - holding.paid - deducted)
    lost = max(0.0, (1.0 - float(terms.investment_credit[c])) * holding.paid - received)
    return due - float(terms.loss_relief[c]) * lost


def when_paid(economy, holding, received):
    """Present value of what a holding brings in the quarter it was paid for, at its class's required return."""
    years = (economy.quarter - holding.quarter) / 4
    return received / (1.0 + economy.terms.required_return[holding.vehicle.capital_class]) ** years


def settle(economy, venture, holding, received, category):
    """End a vehicle's holding with what it brought before tax (0: written off)."""
    vehicle = holding.vehicle
    tax = tax_on(economy, holding, received)
    _flow(economy, records.TO_VEHICLES, received - tax)
    _flow(economy, records.TO_TREASURY, tax)
    _ledger(economy, venture, vehicle, records.DISTRIBUTED, received - tax)
    _ledger(economy, venture, vehicle, records.GAIN, max(0.0, received - holding.paid))
    _ledger(economy, venture, vehicle, records.TAX, tax)
    _ledger(economy, venture, vehicle, records.PRESENT, when_paid(economy, holding, received - tax))
    sub_funds.note_end(economy, holding, received - tax)
    years = (economy.quarter - holding.quarter) / 4
    due = holding.paid * (1.0 + economy.terms.preservation_rate[vehicle.capital_class]) ** years
    vehicle.loss[category] += max(0.0, due - received)
    vehicle.reserve += float(economy.terms.reserve_share[vehicle.capital_class]) * max(0.0, received - holding.paid)
    count_deal(economy, venture, holding, received)


def count_deal(economy, venture, holding, received):
    """Count a holding that has ended or been valued."""
    if venture.row is not None:
        economy.record.deals[holding.vehicle.capital_class] += (1, int(received < holding.paid - NOTHING))


def _categories(venture):
    return {holding: round_.category for round_ in venture.rounds for holding in round_.holdings}


def sell_company(economy, venture, price, fate, tax_asset=0.0):
    """Sell the whole company: the venture ends. What buyers pay for tax that it will save is no social value."""
    price += tax_asset
    categories = _categories(venture)
    to_holdings = 0.0
    for holding, part in venture.split(price):
        to_holdings += part
        if holding.is_sold:
            _flow(economy, records.TO_OUTSIDE, part)
        else:
            settle(economy, venture, holding, part, categories[holding])
    _flow(economy, records.BY_BUYERS, price)
    _flow(economy, records.TO_FOUNDERS, price - to_holdings)
    if venture.row is not None:
        economy.record.social[records.PROCEEDS] += present_value(economy, price - tax_asset)
    end(economy, venture, fate)


def write_off(economy, venture, fate):
    """End a venture whose holdings bring nothing."""
    categories = _categories(venture)
    for holding in venture.holdings():
        settle(economy, venture, holding, 0.0, categories[holding])
    end(economy, venture, fate)


def end(economy, venture, fate):
    """Write down how, where and when a venture ended."""
    settle_loan(economy, venture, fate)
    if venture.row is not None:
        record, row = economy.record, venture.row
        record.fate[row] = fate
        record.fate_stage[row] = venture.stage
        record.end_quarter[row] = economy.quarter
        if not record.passed[row, venture.stage]:
            record.left[row, venture.stage] = economy.quarter
    venture.state = ENDED


def sell_holdings_of(economy, vehicle):
    """Sell what a vehicle holds at the end of its life to buyers outside, who hold to the end."""
    kept = 1.0 - economy.terms.secondary_discount
    for venture in economy.living():
        if vehicle not in venture.stakes():
            continue
        categories = _categories(venture)
        for holding, part in venture.split(economy.company_value(venture)):
            if holding.vehicle is vehicle and not holding.is_sold:
                _flow(economy, records.BY_SECONDARY, part * kept)
                settle(economy, venture, holding, part * kept, categories[holding])
                holding.is_sold = True


def value_at_the_end(economy, venture):
    """Value a company that lives when the clock ends, and what vehicles hold of it."""
    record, worth = economy.record, economy.company_value(venture)
    if venture.row is not None:
        record.social[records.END_WORTH] += present_value(economy, worth)
        record.fate[venture.row] = records.ALIVE
        record.fate_stage[venture.row] = venture.stage
    for holding, part in venture.split(worth):
        if not holding.is_sold:
            tax = tax_on(economy, holding, part)
            sub_funds.note_end(economy, holding, part - tax)
            _ledger(economy, venture, holding.vehicle, records.END_VALUE, part - tax)
            _ledger(economy, venture, holding.vehicle, records.PRESENT, when_paid(economy, holding, part - tax))
            _ledger(economy, venture, holding.vehicle, records.END_GAIN, max(0.0, part - holding.paid))
            _ledger(economy, venture, holding.vehicle, records.END_TAX, tax)
            count_deal(economy, venture, holding, part)
