"""Terms with dates, tiers and maturities again, slowly and plainly, one fund at a time.

As in `contracts_twin`: plain lists in, what the public receives in each column out.
"""

import math

from finance.policy import contracts
from tests.unit.contracts_twin import debt_twin, pari_passu_twin, public_twin


def debenture_twin(terms, public, private, distributions, periods_per_year):
    """Every loan by itself: its interest, its coupons, its maturity, what of it is overdue."""
    growth = (1 + terms.rate) ** (1 / periods_per_year)
    term = round(terms.term_years * periods_per_year)
    loans, received = [], []
    for column, (call, distribution) in enumerate(zip(public, distributions, strict=True)):
        is_last = column == len(public) - 1
        passed = math.floor(column * terms.payments_per_year / periods_per_year + 1e-9)
        passed_before = math.floor((column - 1) * terms.payments_per_year / periods_per_year + 1e-9)
        for loan in loans:
            loan["interest"] = loan["interest"] * growth + loan["principal"] * (growth - 1)
            loan["due"] *= growth
        loans.append({"drawn": column, "principal": call, "interest": 0.0, "due": 0.0})
        matures = [is_last or (loan["drawn"] + term == column) for loan in loans]
        some_mature = any(ends and loan["principal"] > 0 for ends, loan in zip(matures, loans, strict=True))
        pays_coupons = terms.interest == "cash" and ((column > 0 and passed > passed_before) or some_mature)
        for ends, loan in zip(matures, loans, strict=True):
            if ends or pays_coupons:
                loan["due"] += loan["interest"]
                loan["interest"] = 0.0
            if ends:
                loan["due"] += loan["principal"]
                loan["principal"] = 0.0
        left = distribution
        for loan in loans:
            part = min(left, loan["due"])
            loan["due"] -= part
            left -= part
        received.append(distribution - left)
    return received


def strike_twin(schedule, paid_year, year):
    if schedule.is_retroactive:
        rate = next(rate for until, rate in schedule.steps if year <= until + 1e-9)
        return (1 + rate) ** (year - paid_year)
    growth, begins = 1.0, 0.0
    for until, rate in schedule.steps:
        borne = max(min(year, until) - max(paid_year, begins), 0.0)
        growth *= (1 + rate) ** borne
        begins = until
    return growth


def scheduled_twin(terms, public, private, distributions, periods_per_year):
    """Try every date and take the best for private partners, the later of two alike."""
    n_periods, before = len(public), pari_passu_twin(public, private, distributions)
    best, best_gain = before, 0.0
    for column in terms.exercise_columns(n_periods, periods_per_year):
        year = column / periods_per_year
        cost = sum(
            public[paid] * strike_twin(terms.schedule, paid / periods_per_year, year) for paid in range(column + 1)
        )
        price = terms.stake_share * max(cost - sum(before[:column]), 0.0)
        owed, after = price, before[:column]
        gain = 0.0
        for later in range(column, n_periods):
            discount = (1 + terms.waiting_rate) ** (-later / periods_per_year)
            bought = terms.stake_share * before[later]
            call = terms.stake_share * public[later] if later > column else 0.0
            owed += call
            profit = max(bought - owed, 0.0)
            owed = max(owed - bought, 0.0)
            received = before[later] - bought + terms.profit_share * profit + (price if later == column else 0.0)
            after.append(received)
            gain += discount * (before[later] - received - call)
        if gain > 0 and gain >= best_gain:
            best, best_gain = after, gain
    return best


def tiered_twin(terms, public, private, distributions, periods_per_year):
    received = pari_passu_twin(public, private, distributions)
    within = []  # what the public has up to each threshold
    for threshold, _ in terms.tiers:
        if terms.by == "rate":
            within.append(debt_twin(public, received, threshold, periods_per_year))
        else:
            within.append(debt_twin([threshold * call for call in public], received, 0.0, periods_per_year))
    within.append(received)
    given_up = [0.0] * len(received)
    for tier, (_, share) in enumerate(terms.tiers):
        for column in range(len(received)):
            given_up[column] += share * (within[tier + 1][column] - within[tier][column])
    return [got - given for got, given in zip(received, given_up, strict=True)]


def shared_hurdle_twin(terms, public, private, distributions, periods_per_year):
    growth = (1 + terms.rate) ** (1 / periods_per_year)
    owed_public = owed_private = public_capital = capital = 0.0
    received = []
    for own, other, distribution in zip(public, private, distributions, strict=True):
        owed_public = owed_public * growth + own
        owed_private = owed_private * growth + other
        public_capital += own
        capital += own + other
        share = public_capital / capital if capital > 0 else 0.0
        returned = min(distribution, owed_public + owed_private)
        to_public = min(max(share * returned, returned - owed_private), owed_public)
        owed_public -= to_public
        owed_private = max(owed_private - (returned - to_public), 0.0)
        has_part = public_capital > 0 or (capital == 0 and sum(public) > 0)
        received.append(to_public + (terms.public_share_after * (distribution - returned) if has_part else 0.0))
    return received


def put_twin(terms, public, private, distributions, periods_per_year):
    received = pari_passu_twin(public, private, distributions)
    others = [whole - own for whole, own in zip(distributions, received, strict=True)]
    last = min(math.floor(terms.last_year * periods_per_year + 1e-9), len(public) - 1)
    cost = sum(private[paid] * (1 + terms.rate) ** ((last - paid) / periods_per_year) for paid in range(last + 1))
    price = max(cost - sum(others[:last]), 0.0)
    if price > sum(others[last:]) - sum(private[last + 1 :]):
        for column in range(last, len(received)):
            received[column] += terms.stake_share * others[column]
        received[last] -= terms.stake_share * price
    return received


def insured_twin(terms, public, private, distributions, periods_per_year):
    received = pari_passu_twin(public, private, distributions)
    others = [whole - own for whole, own in zip(distributions, received, strict=True)]
    claim = terms.share * max(sum(private) - sum(others), 0.0)
    if terms.claim_cap is not None:
        claim = min(claim, terms.claim_cap * terms.share * sum(private))
    paid = list(received)
    for year in range(1000):
        column = math.floor(year * periods_per_year + 1e-9)
        if column >= len(received) - 1:
            break
        out = max(sum(private[: column + 1]) - sum(others[: column + 1]), 0.0)
        paid[column] += terms.premium_rate * terms.share * out
    paid[-1] -= claim
    return paid


def term_twin(terms, public, private, distributions, periods_per_year):
    """Net receipts of the public under any contract."""
    flows = (public, private, distributions, periods_per_year)
    match terms:
        case contracts.Debenture():
            return debenture_twin(terms, *flows)
        case contracts.ScheduledBuyOut():
            return scheduled_twin(terms, *flows)
        case contracts.TieredGiveUp():
            return tiered_twin(terms, *flows)
        case contracts.StageGiveUp():
            return tiered_twin(contracts.TieredGiveUp(((terms.rate, terms.share),), by="rate"), *flows)
        case contracts.SharedHurdle():
            return shared_hurdle_twin(terms, *flows)
        case contracts.StakePut():
            return put_twin(terms, *flows)
        case contracts.LossGuarantee():
            return insured_twin(terms, *flows)
    return public_twin(terms, *flows)
