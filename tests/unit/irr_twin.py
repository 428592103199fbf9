"""The internal rate of return again, slowly and plainly, to hold the compiled one against.

Sums by ``math.fsum``, a fine even grid instead of a widening one, bisection instead of Newton's method.
"""

import math

FINE_STEP = 0.002
FURTHEST = 12.0


def value(flows, growth):
    """Value of the flows seen from the first one, or from the last if growth is negative."""
    anchor = 0 if growth >= 0 else len(flows) - 1
    return math.fsum(flow * math.exp(-growth * (period - anchor)) for period, flow in enumerate(flows))


def bisect(flows, low, high):
    low_is_positive = value(flows, low) > 0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if (value(flows, middle) > 0) == low_is_positive:
            low = middle
        else:
            high = middle


def irr_twin(flows, periods_per_year=1):
    """Rate a year, nearest to zero of several; NaN where none within `FURTHEST`, -1 for a total loss."""
    if not all(map(math.isfinite, flows)) or not any(flows):
        return math.nan
    if min(flows) >= 0:
        return math.nan
    if max(flows) <= 0:
        return -1.0
    used = [period for period, flow in enumerate(flows) if flow != 0]
    flows = [float(flow) for flow in flows[used[0] : used[-1] + 1]]
    if value(flows, 0.0) == 0:
        return 0.0
    for cell in range(round(FURTHEST / FINE_STEP)):
        roots = []
        for side in (1, -1):
            low, high = sorted((side * cell * FINE_STEP, side * (cell + 1) * FINE_STEP))
            # The first cell below zero ends at zero, where both anchors give the same sign.
            if (value(flows, low) > 0) != (value(flows, high) > 0):
                roots.append(bisect(flows, low, high))
        if roots:
            return math.expm1(min(roots, key=abs) * periods_per_year)
    return math.nan
