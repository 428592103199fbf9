"""Internal rate of return of one vector of flows, compiled.

Everything here works in *log growth*: a period's growth ``g`` stands for the rate ``exp(g) - 1``. In log
growth the search is symmetric (a doubling is as far from zero as a halving) and has no wall at a rate of -1.

The net present value is never formed during the search for the root. With ``P(g)`` the present value of the
inflows and ``N(g)`` that of the outflows, the root of ``ln P(g) - ln N(g)`` is the internal rate, and that
function is nearly a straight line whose slope is the difference of two durations: Newton's method takes a
handful of steps. A bracket is kept all the while, so that a bad step falls back to halving it.
"""

import math

import numpy as np
import numpy.typing as npt

from finance.compiling import njit

FloatArray = npt.NDArray[np.float64]

# What became of the search; `finance.fund.measures.IrrStatus` gives them their public names.
FOUND = 0
TOTAL_LOSS = 1
NO_FLOW = 2
NO_OUTFLOW = 3
NO_ROOT = 4
NOT_CONVERGED = 5
NOT_FINITE = 6

# Flows are divided by the largest, so none is above 1 nor, as a float64, below 5e-324 = exp(-744.4). By
# Cauchy's bound on the roots of a polynomial no growth lies beyond ln(1 + 1/5e-324): every root is inside
# this limit.
GROWTH_LIMIT = 746.0

# The grid on which several roots are looked for, outward from zero: each node is the last one times 1.1 plus
# .01, so cells are a percentage point wide where rates of return live and widen by a tenth of the distance. A
# cell is searched where the ratio changes sign in it, or turns back in it; two roots and two turns in one
# cell are not seen.
SCAN_STEP = 0.01
SCAN_STRETCH = 1.1

# Each step halves the bracket or at least the step before it. Five are usual; more than this is reported.
MAX_STEPS = 200
GROWTH_TOLERANCE = 1e-15

# A log ratio this small is rounding (some 80 additions of relative error 1e-16): worths that only just touch
# are equal.
TOUCH_TOLERANCE = 1e-13


@njit
def log_worth_ratio(flows: FloatArray, first: int, last: int, growth: float) -> tuple[float, float, float]:
    """``ln P - ln N`` at a log growth, its slope there, and ``P + N``.

    Weights are anchored at the first flow where growth is positive and at the last where it is negative: they
    are then at most 1 and nothing overflows, and the common factor this leaves out does not move a root. The
    slope is the difference of the two sides' mean distances from the anchor (their durations, in periods).
    """
    weight = math.exp(-abs(growth))
    inflow = outflow = inflow_derivative = outflow_derivative = 0.0
    for step in range(last - first, -1, -1):
        flow = flows[first + step] if growth >= 0.0 else flows[last - step]
        inflow_derivative = inflow_derivative * weight + inflow
        outflow_derivative = outflow_derivative * weight + outflow
        inflow = inflow * weight + max(flow, 0.0)
        outflow = outflow * weight + max(-flow, 0.0)
    if outflow == 0.0:
        return math.inf, 0.0, inflow
    if inflow == 0.0:
        return -math.inf, 0.0, outflow
    slope = weight * (outflow_derivative / outflow - inflow_derivative / inflow)
    return math.log(inflow / outflow), slope if growth >= 0.0 else -slope, inflow + outflow


@njit
def refine_growth(
    flows: FloatArray, first: int, last: int, low: float, high: float, start: float, falling: bool
) -> tuple[float, int]:
    """Root inside a bracket: Newton's steps, halving the bracket instead when they leave it or dawdle.

    ``falling`` says that inflows outweigh outflows at ``low``. Returns the log growth and the status.
    """
    growth = start
    previous_move = high - low
    for _ in range(MAX_STEPS):
        ratio, slope, _ = log_worth_ratio(flows, first, last, growth)
        if ratio == 0.0:
            return growth, FOUND
        if (ratio > 0.0) == falling:
            low = growth
        else:
            high = growth
        proposal = 0.5 * (low + high)
        if slope != 0.0:
            newton = growth - ratio / slope
            if low <= newton <= high and abs(newton - growth) <= 0.5 * previous_move:
                proposal = newton
        move = abs(proposal - growth)
        if move <= GROWTH_TOLERANCE * max(1.0, abs(growth)):
            return proposal, FOUND
        previous_move = move
        growth = proposal
    return growth, NOT_CONVERGED


@njit
def turning_growth(flows: FloatArray, first: int, last: int, near: float, far: float) -> tuple[float, float]:
    """Point between ``near`` and ``far`` where the log ratio turns back, and the ratio there.

    Stops early at a point where the ratio has another sign than at ``near``: that is a bracket already.
    """
    ratio_near, slope_near, _ = log_worth_ratio(flows, first, last, near)
    is_positive = ratio_near > 0.0
    is_rising = slope_near > 0.0
    ratio = ratio_near
    while abs(far - near) > GROWTH_TOLERANCE * max(1.0, abs(near)):
        middle = 0.5 * (near + far)
        ratio, slope, _ = log_worth_ratio(flows, first, last, middle)
        if (ratio > 0.0) != is_positive and abs(ratio) > TOUCH_TOLERANCE:
            return middle, ratio
        if (slope > 0.0) == is_rising:
            near = middle
        else:
            far = middle
    return near, ratio


@njit
def root_in_cell(
    flows: FloatArray,
    first: int,
    last: int,
    near: float,
    far: float,
    at_near: tuple[float, float, float],
    at_far: tuple[float, float, float],
) -> tuple[float, int]:
    """Root nearest to zero in a cell of the grid, from ratio and slope at its ends; NaN if there is none."""
    ratio_near, slope_near, _ = at_near
    ratio_far, slope_far, _ = at_far
    if ratio_far == 0.0:
        return far, FOUND
    outward = 1.0 if far > near else -1.0
    if (ratio_near > 0.0) == (ratio_far > 0.0):
        is_approaching = ratio_near * slope_near * outward < 0.0
        is_leaving = ratio_far * slope_far * outward > 0.0
        if not (is_approaching and is_leaving):
            return math.nan, NO_ROOT
        far, ratio_far = turning_growth(flows, first, last, near, far)
        if abs(ratio_far) <= TOUCH_TOLERANCE:
            return far, FOUND
        if (ratio_near > 0.0) == (ratio_far > 0.0):
            return math.nan, NO_ROOT
    falling = (ratio_near > 0.0) == (outward > 0.0)
    return refine_growth(flows, first, last, min(near, far), max(near, far), 0.5 * (near + far), falling)


@njit
def nearest_growth(flows: FloatArray, first: int, last: int) -> tuple[float, int]:
    """Of several roots the one nearest to zero growth: walk outward, both sides at once, to the first root.

    A side is finished once the flow at its anchor outweighs all the others together, for further out it
    outweighs them even more. At the same distance the positive root is taken.
    """
    at_up = at_down = log_worth_ratio(flows, first, last, 0.0)
    if at_up[0] == 0.0:
        return 0.0, FOUND
    near = 0.0
    is_up_open = is_down_open = True
    while is_up_open or is_down_open:
        far = near * SCAN_STRETCH + SCAN_STEP
        growth, status = math.nan, NO_ROOT
        if is_up_open:
            at_far = log_worth_ratio(flows, first, last, far)
            growth, status = root_in_cell(flows, first, last, near, far, at_up, at_far)
            is_up_open = 2.0 * abs(flows[first]) <= at_far[2]
            at_up = at_far
        if is_down_open:
            at_far = log_worth_ratio(flows, first, last, -far)
            below, status_below = root_in_cell(flows, first, last, -near, -far, at_down, at_far)
            if status_below != NO_ROOT and (status == NO_ROOT or -below < growth):
                growth, status = below, status_below
            is_down_open = 2.0 * abs(flows[last]) <= at_far[2]
            at_down = at_far
        if status != NO_ROOT:
            return growth, status
        near = far
    return math.nan, NO_ROOT


@njit
def log_growth(flows: FloatArray) -> tuple[float, int]:
    """Log growth a period at which ``flows`` are worth nothing (NaN where there is none), and the status."""
    largest = 0.0
    for flow in flows:
        if not math.isfinite(flow):
            return math.nan, NOT_FINITE
        largest = max(largest, abs(flow))
    if largest == 0.0:
        return math.nan, NO_FLOW
    scaled = flows / largest
    first = -1
    last = n_changes = 0
    total = 0.0
    for period in range(scaled.size):
        flow = scaled[period]
        if flow != 0.0:
            if first < 0:
                first = period
            elif (flow > 0.0) != (scaled[last] > 0.0):
                n_changes += 1
            last = period
            total += flow
    if n_changes == 0:
        return (-math.inf, TOTAL_LOSS) if scaled[last] < 0.0 else (math.nan, NO_OUTFLOW)
    if n_changes > 1:
        return nearest_growth(scaled, first, last)
    # One change of sign: one root (Descartes), above zero where the later side is the larger undiscounted.
    falling = scaled[last] > 0.0
    low, high = (0.0, GROWTH_LIMIT) if (total > 0.0) == falling else (-GROWTH_LIMIT, 0.0)
    return refine_growth(scaled, first, last, low, high, 0.0, falling)


@njit
def irr_vector(flows: FloatArray, periods_per_year: float) -> float:
    """Find the internal rate of return a year of one vector of flows; callable from other compiled code.

    Parameters
    ----------
    flows : ndarray of shape (n_periods,)
        Flows in the investor's sign: paid out negative.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    float
        Decimal rate, compounding by year; NaN where there is none, -1 for a total loss.
    """
    growth, _ = log_growth(flows)
    return math.expm1(growth * periods_per_year)


@njit
def irr_rows(flows: FloatArray, periods_per_year: float, rates: FloatArray, statuses: npt.NDArray[np.int8]) -> None:
    """Fill ``rates`` and ``statuses`` (n_paths,) with those of each row of ``flows`` (n_paths, n_periods)."""
    for path in range(flows.shape[0]):
        growth, status = log_growth(flows[path])
        rates[path] = math.expm1(growth * periods_per_year)
        statuses[path] = status
