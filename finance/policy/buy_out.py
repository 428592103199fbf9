"""The option of private partners to buy the public out, by which Israel's Yozma rewarded those who won."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, joint_shape, numbers
from finance.fund.terms import refuse_bad_rate, refuse_below
from finance.language import message
from finance.policy.dated_right import OneDateRight
from finance.policy.partnership import Partnership, column_at


class _Exercise(NamedTuple):
    column: int
    is_exercised: npt.NDArray[np.bool_]
    public_receipts: FloatArray


@dataclass(frozen=True)
class BuyOutOption(OneDateRight):
    """Private partners may buy the public out at its cost with interest.

    Until then all is pari passu. At the column of ``last_year`` (the last column, if there are fewer), after
    its calls and before its distribution, private partners may pay the public a price and take all that it
    would receive from then on. Public capital called later is theirs to pay: `calls` says so.

    Parameters
    ----------
    rate : float
        Interest in the price, a year, decimal from 0 to 1.
    last_year : float
        Years after column 0 at which the option is exercised or lapses; where no column stands there, the one
        before it.

    Notes
    -----
    The price is the public's capital paid in by then, each payment compounded at ``rate`` to that column,
    less what the public has received by then without interest, and never below 0.

    References
    ----------
    Gilson, R. J. (2003), "Engineering a Venture Capital Market: Lessons from the American Experience",
    Stanford Law Review 55, on Yozma's option.
    """

    rate: float
    last_year: float

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_rate("rate", self.rate)
        refuse_below("last_year", self.last_year, 0.0)

    def _received_with(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        return self._exercise(fund, value).public_receipts

    def _handed_over(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        column, is_exercised, _ = self._exercise(fund, value)
        is_since = np.arange(fund.distributions.shape[-1]) >= column
        return np.where(is_since & is_exercised[..., np.newaxis], 1.0, 0.0)

    def _exercise(self, fund: Partnership, value: npt.ArrayLike | None) -> _Exercise:
        public = fund.before_these_terms()
        column = min(column_at(self.last_year, fund.periods_per_year), public.shape[-1] - 1)
        years = np.arange(column, -1, -1) / fund.periods_per_year
        cost = np.sum(fund.public_paid_in[..., : column + 1] * (1.0 + self.rate) ** years, axis=-1)
        price = np.maximum(cost - public[..., :column].sum(axis=-1), 0.0)
        worth = public[..., column:].sum(axis=-1) if value is None else instant_value(value, price.shape)
        is_exercised = np.asarray(worth > price)
        public[..., column:][is_exercised] = 0.0
        public[..., column] = np.where(is_exercised, price, public[..., column])
        return _Exercise(column, is_exercised, public)


def instant_value(value: npt.ArrayLike, shape: tuple[int, ...], name: str = "value") -> FloatArray:
    """Read a value that each fund has at one instant.

    Parameters
    ----------
    value : array_like that broadcasts to ``shape``
        Million CNY.
    shape : tuple of int
        Shape of the funds, without time.
    name : str
        Name of the argument, for the error.

    Returns
    -------
    ndarray
        The value.

    Raises
    ------
    ValueError
        If it does not broadcast to ``shape`` or is NaN.
    """
    read = numbers(name, value)
    if read.ndim > len(shape) or joint_shape(**{name: read.shape, "funds": shape}) != shape:
        if name == "value":
            raise ValueError(message("policy.value_shape", shape=read.shape, wanted=shape))
        raise ValueError(message("policy.instant_shape", name=name, shape=read.shape, wanted=shape))
    n_missing = np.count_nonzero(np.isnan(read))
    if n_missing:
        raise ValueError(message("fund.not_finite", name=name, count=n_missing))
    return read
