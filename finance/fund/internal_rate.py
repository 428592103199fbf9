"""Internal rate of return of many vectors of flows at once, and what became of each search."""

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from finance.fund import irr_kernel
from finance.fund.amounts import FloatArray, over_time
from finance.fund.terms import refuse_bad_periods


class IrrStatus(IntEnum):
    """Why an internal rate is what it is, or why there is none."""

    FOUND = irr_kernel.FOUND
    """There is a rate."""
    TOTAL_LOSS = irr_kernel.TOTAL_LOSS
    """Paid out and never received anything: the rate is -1."""
    NO_FLOW = irr_kernel.NO_FLOW
    """Every flow is zero: any rate would do."""
    NO_OUTFLOW = irr_kernel.NO_OUTFLOW
    """Received and never paid out: no rate is high enough."""
    NO_ROOT = irr_kernel.NO_ROOT
    """The flows change sign an even number of times and their value is zero at no rate."""
    NOT_CONVERGED = irr_kernel.NOT_CONVERGED
    """The search used up its steps."""
    NOT_FINITE = irr_kernel.NOT_FINITE
    """A flow is NaN or infinite."""


def irr(flows: npt.ArrayLike, periods_per_year: float = 4) -> Any:
    r"""Find the internal rate of return a year.

    Parameters
    ----------
    flows : array_like of shape (…, n_periods)
        Net flows in the investor's sign (paid out negative), any unit: the rate does not depend on it.
    periods_per_year : float
        Columns in a year, above 0. Quarters unless said otherwise.

    Returns
    -------
    float or ndarray of shape (…)
        Decimal rate, compounding by year. NaN where there is none (`irr_status` says why), -1 for a total
        loss.

    Raises
    ------
    ValueError
        If there is no time axis, or ``periods_per_year`` is not above 0.

    Notes
    -----
    The rate is ``exp(g · periods_per_year) - 1`` with the log growth g of a period at which

    .. math:: \sum_t f_t \, e^{-g t} = 0.

    Leading and trailing zeros do not move it. Flows that change sign once have one root (Descartes' rule of
    signs). If they change sign more often there may be several: the one nearest to zero in g is taken, the
    positive one of two at the same distance. It is found on a grid that widens outward from zero, so the
    answer does not depend on a first guess; between two nodes both a change of sign and a turning point are
    followed up. The search runs until the step is at the rounding of g.
    """
    rates, _ = _rates_and_statuses(flows, periods_per_year)
    return rates[()]


def irr_status(flows: npt.ArrayLike) -> Any:
    """Say what became of the search for each internal rate.

    Parameters
    ----------
    flows : array_like of shape (…, n_periods)
        As for `irr`.

    Returns
    -------
    int or ndarray of int8 of shape (…)
        Values of `IrrStatus`. The rate is a number exactly where it is FOUND or TOTAL_LOSS.

    Raises
    ------
    ValueError
        If there is no time axis.

    Examples
    --------
    >>> codes = irr_status([[-1.0, 1.1], [-1.0, 0.0], [0.0, 0.0]])
    >>> {status.name: int((codes == status).sum()) for status in IrrStatus if (codes == status).any()}
    {'FOUND': 1, 'TOTAL_LOSS': 1, 'NO_FLOW': 1}
    """
    _, statuses = _rates_and_statuses(flows, 1)
    return statuses[()]


def _rates_and_statuses(flows: npt.ArrayLike, periods_per_year: float) -> tuple[FloatArray, npt.NDArray[np.int8]]:
    refuse_bad_periods(periods_per_year)
    read = over_time("flows", flows)
    rows = np.ascontiguousarray(read.reshape(-1, read.shape[-1]))
    rates = np.empty(rows.shape[0])
    statuses = np.empty(rows.shape[0], dtype=np.int8)
    irr_kernel.irr_rows(rows, float(periods_per_year), rates, statuses)
    return rates.reshape(read.shape[:-1]), statuses.reshape(read.shape[:-1])
