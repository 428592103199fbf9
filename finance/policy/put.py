"""The right of private partners to sell their stake to the public, by which Korea wins over those new to funds."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.fund.terms import refuse_bad_rate, refuse_bad_share, refuse_below
from finance.policy.buy_out import instant_value
from finance.policy.dated_right import OneDateRight
from finance.policy.partnership import Partnership, column_at


class _Exercise(NamedTuple):
    column: int
    is_exercised: npt.NDArray[np.bool_]
    public_receipts: FloatArray


@dataclass(frozen=True)
class StakePut(OneDateRight):
    """Private partners may sell a share of their stake to the public at its cost with interest.

    Until then all is as before. At the column of ``last_year`` (the last column, if there are fewer), after its calls and
    before its distribution, private partners may hand over ``stake_share`` of all that they would receive from then on,
    against ``stake_share`` of a price. That share of their later calls is the public's to pay: `calls` says so.

    Parameters
    ----------
    stake_share : float
        Share of private partners' stake that can be sold. If only some of them have the right, times their share of
        private capital.
    last_year : float
        Years after column 0 at which the right is used or lapses.
    rate : float
        Interest in the price, a year, decimal from 0 to 1.

    Raises
    ------
    ValueError
        If the share or the rate is not from 0 to 1, or the year below 0.

    Notes
    -----
    The price is private capital paid in by then, compounded at ``rate``, less what private partners have received by
    then without interest, and never below 0. The source prints no price: cost is assumed (rate 0).

    References
    ----------
    Korea Venture Investment Corporation (2025), "LP first step" fund: up to 30 % of a first-time partner's stake.
    """

    stake_share: float
    last_year: float
    rate: float = 0.0

    sells_own_stake: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_share("stake_share", self.stake_share)
        refuse_below("last_year", self.last_year, 0.0)
        refuse_bad_rate("rate", self.rate)

    def _received_with(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        return self._exercise(fund, value).public_receipts

    def _handed_over(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        column, is_exercised, _ = self._exercise(fund, value)
        is_since = np.arange(fund.distributions.shape[-1]) >= column
        return np.where(is_since & is_exercised[..., np.newaxis], self.stake_share, 0.0)

    def _exercise(self, fund: Partnership, value: npt.ArrayLike | None) -> _Exercise:
        public = fund.before_these_terms()
        private = fund.distributions - public
        column = min(column_at(self.last_year, fund.periods_per_year), public.shape[-1] - 1)
        years = np.arange(column, -1, -1) / fund.periods_per_year
        cost = np.sum(fund.private_paid_in[..., : column + 1] * (1.0 + self.rate) ** years, axis=-1)
        price = np.maximum(cost - private[..., :column].sum(axis=-1), 0.0)
        later_calls = fund.private_paid_in[..., column + 1 :].sum(axis=-1)
        foreseen = private[..., column:].sum(axis=-1) - later_calls
        worth = foreseen if value is None else instant_value(value, price.shape)
        is_exercised = np.asarray(price > worth)
        handed_over = self.stake_share * private[..., column:]
        handed_over[..., 0] -= self.stake_share * price
        public[..., column:] += np.where(is_exercised[..., np.newaxis], handed_over, 0.0)
        return _Exercise(column, is_exercised, public)
