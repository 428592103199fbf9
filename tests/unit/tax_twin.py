"""Carry-forward, angels' deductions and the partner's election, one amount at a time: slow and readable."""

from itertools import product


def carry_forward_twin(earned, income, lives):
    """Used by (origin, year), and expired by year; everything in lists of one company."""
    n_years = len(earned)
    left = list(earned)
    used = [[0.0] * n_years for _ in range(n_years)]
    expired = [0.0] * n_years
    for year in range(n_years):
        room = income[year]
        for origin in range(year + 1):
            if year > origin + lives[origin]:
                continue
            taken = min(left[origin], room)
            used[origin][year] = taken
            left[origin] -= taken
            room -= taken
        for origin in range(year + 1):
            if year == origin + lives[origin]:
                expired[year] += left[origin]
                left[origin] = 0.0
    return used, expired, left


def angel_twin(cost, gains, invested, liquidated, eligible, share, wait, reuse):
    """Deductions used by (deal, period) of one angel; waiting and reuse in columns."""
    n_deals, n_periods = len(gains), len(gains[0])
    balance = [0.0] * n_deals
    used = [[0.0] * n_periods for _ in range(n_deals)]
    for period in range(n_periods):
        room = [max(0.0, gains[deal][period]) for deal in range(n_deals)]
        for deal in range(n_deals):
            if period == invested[deal] + wait and eligible[deal] and liquidated[deal] >= period:
                balance[deal] = share * cost[deal]
            own = min(balance[deal], room[deal])
            used[deal][period] += own
            balance[deal] -= own
            room[deal] -= own
        for deal in sorted(range(n_deals), key=lambda deal: liquidated[deal]):
            if not liquidated[deal] <= period <= liquidated[deal] + reuse:
                continue
            for other in range(n_deals):
                if other != deal and eligible[other]:
                    taken = min(balance[deal], room[other])
                    used[deal][period] += taken
                    balance[deal] -= taken
                    room[other] -= taken
            if period == liquidated[deal] + reuse:
                balance[deal] = 0.0
    return used


def bracket_twin(income, thresholds, rates):
    """Tax of one income, bracket by bracket."""
    ends = [*thresholds[1:], float("inf")]
    within = [max(0.0, min(income, end) - start) for start, end in zip(thresholds, ends, strict=True)]
    return sum(rate * part for rate, part in zip(rates, within, strict=True))


def elect_twin(flows, discount_rate, schedule, rate=0.20, lock=3, life=5):
    """Lowest present value over all orders of elections; flows are lists of (gain, dividend, expense, deduction)."""
    n_locks = -(-len(flows) // lock)
    values = []
    for order in product((False, True), repeat=n_locks):
        losses, deductions, value = [], 0.0, 0.0
        for year, (gain, dividend, expense, deduction) in enumerate(flows):
            if order[year // lock]:
                income = gain + dividend - expense
                deductions += deduction
                if income < 0.0:
                    losses.append([year, -income])
                    income = 0.0
                for loss in losses:
                    if year <= loss[0] + life:
                        used = min(loss[1], income)
                        loss[1] -= used
                        income -= used
                used = min(deductions, income)
                deductions -= used
                due = bracket_twin(income - used, schedule.thresholds, schedule.rates)
            else:
                due = rate * (max(0.0, max(0.0, gain) - deduction) + dividend)
            value += due * (1.0 + discount_rate) ** -year
        values.append(value)
    return min(values)
