"""The contracts again, slowly and plainly, one fund at a time, to hold the vectorised ones against.

Each function takes the two sides' calls, the distributions and the columns in a year, all as plain lists, and
returns what the public receives in each column.
"""

from finance.policy import contracts


def pari_passu_twin(public, private, distributions):
    in_all = sum(public) + sum(private)
    received, public_capital, capital = [], 0.0, 0.0
    for own, other, distribution in zip(public, private, distributions, strict=True):
        public_capital += own
        capital += own + other
        if capital > 0:
            received.append(public_capital / capital * distribution)
        else:
            received.append(sum(public) / in_all * distribution if in_all > 0 else 0.0)
    return received


def debt_twin(calls, offered, rate, periods_per_year):
    """Repay capital and interest out of what is offered, as far as it goes; every call bears its own interest."""
    growth = (1 + rate) ** (1 / periods_per_year)
    loans, paid = [], []
    for call, offer in zip(calls, offered, strict=True):
        loans = [loan * growth for loan in loans] + [call]
        left = offer
        for number, loan in enumerate(loans):
            part = min(left, loan)
            loans[number] -= part
            left -= part
        paid.append(offer - left)
    return paid


def buy_out_twin(terms, public, private, distributions, periods_per_year):
    last = min(round(terms.last_year * periods_per_year), len(distributions) - 1)
    received = pari_passu_twin(public, private, distributions)
    price = 0.0
    for column in range(last + 1):
        price += public[column] * (1 + terms.rate) ** ((last - column) / periods_per_year)
    price = max(price - sum(received[:last]), 0.0)
    if sum(received[last:]) > price:
        return received[:last] + [price] + [0.0] * (len(distributions) - last - 1)
    return received


def capped_twin(terms, public, private, distributions, periods_per_year):
    growth = (1 + terms.rate) ** (1 / periods_per_year)
    public_owed = private_owed = interest_owed = public_capital = capital = 0.0
    received = []
    for own, other, distribution in zip(public, private, distributions, strict=True):
        interest_owed += (public_owed + interest_owed) * (growth - 1)
        public_owed += own
        private_owed += other
        public_capital += own
        capital += own + other

        returned = min(distribution, public_owed + private_owed)
        share = public_capital / capital if capital > 0 else 0.0
        to_public, to_private = share * returned, (1 - share) * returned
        if to_public > public_owed:
            to_public, to_private = public_owed, returned - public_owed
        elif to_private > private_owed:
            to_public, to_private = returned - private_owed, private_owed
        public_owed -= to_public
        private_owed -= to_private

        left = distribution - returned
        interest = min(left, interest_owed)
        interest_owed -= interest
        left -= interest
        has_part = public_capital > 0 or (capital == 0 and sum(public) > 0)
        received.append(to_public + interest + (terms.public_share_after * left if has_part else 0.0))
    return received


def first_loss_twin(terms, public, private, distributions):
    received = pari_passu_twin(public, private, distributions)
    public_capital, private_capital = sum(public), sum(private)
    capital = public_capital + private_capital
    loss = max(capital - sum(distributions), 0.0)
    absorbed = min(loss, terms.share * capital, public_capital)
    if absorbed > 0:
        relief = absorbed * private_capital / capital
        received[-1] -= min(relief, sum(received))
    return received


def guarantee_twin(terms, public, private, distributions):
    received = pari_passu_twin(public, private, distributions)
    private_received = sum(distributions) - sum(received)
    received[-1] -= terms.share * max(sum(private) - private_received, 0.0)
    return received


def give_up_twin(terms, public, private, distributions, periods_per_year):
    received = pari_passu_twin(public, private, distributions)
    due = debt_twin(public, received, terms.rate, periods_per_year)
    return [paid + (1 - terms.share) * (got - paid) for got, paid in zip(received, due, strict=True)]


def priority_twin(terms, public, private, distributions, periods_per_year):
    first = debt_twin(private, distributions, terms.rate, periods_per_year)
    left = [distribution - paid for distribution, paid in zip(distributions, first, strict=True)]
    second = debt_twin(public, left, 0.0, 1)
    rest = [offer - paid for offer, paid in zip(left, second, strict=True)]
    return [own + part for own, part in zip(second, pari_passu_twin(public, private, rest), strict=True)]


def public_twin(terms, public, private, distributions, periods_per_year):
    """Net receipts of the public under any contract."""
    flows = (public, private, distributions)
    match terms:
        case contracts.PariPassu():
            return pari_passu_twin(*flows)
        case contracts.Grant():
            return [0.0] * len(distributions)
        case contracts.SeniorDebt():
            return debt_twin(public, distributions, terms.rate, periods_per_year)
        case contracts.BuyOutOption():
            return buy_out_twin(terms, *flows, periods_per_year)
        case contracts.CappedPublicReturn():
            return capped_twin(terms, *flows, periods_per_year)
        case contracts.FirstLoss():
            return first_loss_twin(terms, *flows)
        case contracts.LossGuarantee():
            return guarantee_twin(terms, *flows)
        case contracts.ExcessGiveUp():
            return give_up_twin(terms, *flows, periods_per_year)
        case contracts.PrivatePriority():
            return priority_twin(terms, *flows, periods_per_year)
