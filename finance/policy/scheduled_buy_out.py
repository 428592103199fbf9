"""A buy-out of the public over several years: a price that rises in steps, and a partner who may wait."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import floor
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from finance.fund.accounts import repaid
from finance.fund.amounts import FloatArray, joint_shape, numbers
from finance.fund.terms import refuse_bad_rate, refuse_bad_share, refuse_below
from finance.language import message
from finance.policy.dated_right import DatedRight
from finance.policy.partnership import Partnership, column_at, partnership
from finance.policy.strike import SAME_YEAR, StrikeSchedule

#: A later price that is above today's by no more than this share is no dearer.
SAME_PRICE = 1e-12


class _Exercise(NamedTuple):
    column: npt.NDArray[np.int64]  # (…), the number of columns where there is none
    public_receipts: FloatArray


@dataclass(frozen=True)
class ScheduledBuyOut(DatedRight):
    r"""Private partners may buy the public out at any year-end of a window, at the price of a schedule.

    Until then all is pari passu. After the calls and before the distribution of a column at which they exercise,
    private partners pay the public a price and take ``stake_share`` of all that it would receive from then on;
    that share of its later calls is theirs to pay: `calls` says so. With one step, one date and all of the stake
    it is `BuyOutOption`, but for calls that come after the exercise, which are weighed here.

    Parameters
    ----------
    schedule : StrikeSchedule
        Interest in the price.
    first_year : float
        Earliest year of an exercise, counted from column 0.
    last_year : float, optional
        Latest; left out, the last year of the schedule. The dates are the whole years from the first to the last, and
        the last; where no column stands there, the one before it; those beyond the last column fall into it.
    stake_share : float
        Share of the public's stake that can be bought.
    profit_share : float
        What the public keeps of the profit on the stake it has sold: the buyers' receipts from it beyond price and
        calls taken over, as they come.
    waiting_rate : float
        What partners earn a year on a price they have not yet paid; decimal from 0 to 1.

    Raises
    ------
    ValueError
        If the window is empty or goes beyond the schedule, or a share or rate is not from 0 to 1.

    Notes
    -----
    The price at column c is the public's capital paid in by then with the schedule's interest, less what it has
    received before c without interest, and never below 0. It is multiplied by ``stake_share``.

    *On values*, dates are gone through in order. Partners exercise at the first at which the stake is worth more than
    the price and waiting is not free. Waiting is free if the price of a later date, of the calls and receipts so far,
    is no higher once discounted at ``waiting_rate``: what comes meanwhile lowers the price by as much as the worth.
    A price of zero cannot be lowered, so it is paid at once. It is a rule of thumb that weighs prices and not the
    right to see how the fund turns out; `finance.policy.fair_value` has the best exercise.

    *From distributions alone* partners know the future and choose the date with the largest gain G, the latest of
    several; where none is above 0 they do not exercise. With b the public's receipts before the exercise, a after it, d
    its calls taken over, w ``waiting_rate`` and t in years,

    .. math:: G_c = \sum_t (1 + w)^{-t} (b_t - a_t - d_t).

    References
    ----------
    Israel Innovation Authority (2024), Yozma 2.0. Gilson (2003), see `BuyOutOption`, for Yozma (1993): cost with
    interest up to year 5, and 7 % of later profits (recalled, unverified).
    """

    schedule: StrikeSchedule
    first_year: float = 1.0
    last_year: float | None = None
    stake_share: float = 1.0
    profit_share: float = 0.0
    waiting_rate: float = 0.0

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_below("first_year", self.first_year, 0.0)
        refuse_below("last_year", self.closing_year, self.first_year)
        if self.closing_year > self.schedule.last_year + SAME_YEAR:
            ends = f"{self.schedule.last_year:g}"
            raise ValueError(message("policy.window_beyond_schedule", last_year=f"{self.closing_year:g}", ends=ends))
        refuse_bad_share("stake_share", self.stake_share)
        refuse_bad_share("profit_share", self.profit_share)
        refuse_bad_rate("waiting_rate", self.waiting_rate)

    @property
    def closing_year(self) -> float:
        """Latest year of an exercise."""
        return self.schedule.last_year if self.last_year is None else self.last_year

    def in_whole_years(self) -> Self:
        """The option with its last date at the last whole year of the window."""
        last = float(floor(self.closing_year + SAME_YEAR))
        return replace(self, first_year=min(self.first_year, last), last_year=last)

    def exercise_years(self) -> tuple[float, ...]:
        """Years after column 0 at which the option can be exercised, rising."""
        whole = np.arange(np.ceil(self.first_year - SAME_YEAR), self.closing_year - SAME_YEAR)
        return (*(float(year) for year in whole), float(self.closing_year))

    def exercise_columns(self, n_periods: int, periods_per_year: float = 1) -> tuple[int, ...]:
        """Columns at which the option can be exercised; see `DatedRight`."""
        reached = {column_at(year, periods_per_year) for year in self.exercise_years()}
        return tuple(sorted({min(column, n_periods - 1) for column in reached}))

    def exercise_year(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
        *,
        value: npt.ArrayLike | None = None,
    ) -> FloatArray:
        """Say when the option is exercised.

        Parameters
        ----------
        public_paid_in, private_paid_in, distributions, periods_per_year, value
            As in `split`.

        Returns
        -------
        ndarray of shape (…)
            Years after column 0; NaN where it never is.

        Raises
        ------
        ValueError
            As in `split`.
        """
        fund = partnership(public_paid_in, private_paid_in, distributions, periods_per_year)
        column = self._exercise(fund, value).column
        return np.where(column < fund.distributions.shape[-1], column / fund.periods_per_year, np.nan)

    def _received_with(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        return self._exercise(fund, value).public_receipts

    def _handed_over(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        column = self._exercise(fund, value).column
        is_since = np.arange(fund.distributions.shape[-1]) >= column[..., np.newaxis]
        return np.where(is_since, self.stake_share, 0.0)

    def _exercise(self, fund: Partnership, value: npt.ArrayLike | None) -> _Exercise:
        before = fund.before_these_terms()
        columns = self.exercise_columns(before.shape[-1], fund.periods_per_year)
        if value is None:
            chosen = self._with_foresight(fund, before, columns)
        else:
            chosen = self._on_values(fund, before, columns, _dated_values(value, (*before.shape[:-1], len(columns))))
        public = before.copy()
        for column, received in self._exercised(fund, before, columns):
            np.copyto(public, received, where=(chosen == column)[..., np.newaxis])
        return _Exercise(chosen, public)

    def _exercised(
        self, fund: Partnership, before: FloatArray, columns: tuple[int, ...]
    ) -> Iterator[tuple[int, FloatArray]]:
        """What the public receives if all are exercised at each of the columns in turn."""
        for column in columns:
            price = self.stake_share * self._price(fund, before, column, column)
            taken = self.stake_share * before[..., column:]
            public = before.copy()
            public[..., column:] = (1.0 - self.stake_share) * before[..., column:]
            public[..., column] += price
            if self.profit_share > 0.0:
                paid = self.stake_share * fund.public_paid_in[..., column:]
                paid[..., 0] = price
                public[..., column:] += self.profit_share * (taken - repaid(paid, taken))
            yield column, public

    def _price(self, fund: Partnership, before: FloatArray, known: int, column: int) -> FloatArray:
        """Price of the whole stake at a column, of the calls up to ``known`` and the receipts before it."""
        paid_in = fund.public_paid_in[..., : known + 1]
        cost = self.schedule.cost(paid_in, column, fund.periods_per_year)
        price: FloatArray = np.maximum(cost - before[..., :known].sum(axis=-1), 0.0)
        return price

    def _with_foresight(self, fund: Partnership, before: FloatArray, columns: tuple[int, ...]) -> npt.NDArray[np.int64]:
        n_periods = before.shape[-1]
        discounts = (1.0 + self.waiting_rate) ** (-np.arange(n_periods) / fund.periods_per_year)
        chosen: npt.NDArray[np.int64] = np.full(before.shape[:-1], n_periods)
        largest = np.zeros(before.shape[:-1])
        for column, public in self._exercised(fund, before, columns):
            gained = before - public
            gained[..., column + 1 :] -= self.stake_share * fund.public_paid_in[..., column + 1 :]
            gain = np.sum(gained * discounts, axis=-1)
            is_better = (gain > 0.0) & (gain >= largest)
            chosen, largest = np.where(is_better, column, chosen), np.where(is_better, gain, largest)
        return chosen

    def _on_values(
        self, fund: Partnership, before: FloatArray, columns: tuple[int, ...], worth: FloatArray
    ) -> npt.NDArray[np.int64]:
        n_periods = before.shape[-1]
        chosen: npt.NDArray[np.int64] = np.full(before.shape[:-1], n_periods)
        for date, column in enumerate(columns):
            price = self._price(fund, before, column, column)
            is_dearer = np.ones(price.shape, dtype=bool)
            for later in columns[date + 1 :]:
                discount = (1.0 + self.waiting_rate) ** ((column - later) / fund.periods_per_year)
                later_price = self._price(fund, before, column, later) * discount
                is_dearer &= (later_price > price * (1.0 + SAME_PRICE)) | (price == 0.0)
            is_now = (chosen == n_periods) & (worth[..., date] > price) & is_dearer
            chosen = np.where(is_now, column, chosen)
        return chosen


def _dated_values(value: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Read a value that each fund has at each date."""
    read = numbers("value", value)
    if read.ndim == 0 or read.shape[-1] != shape[-1] or joint_shape(value=read.shape, funds=shape) != shape:
        raise ValueError(message("policy.values_by_date", shape=read.shape, wanted=shape))
    n_missing = np.count_nonzero(np.isnan(read))
    if n_missing:
        raise ValueError(message("fund.not_finite", name="value", count=n_missing))
    return np.broadcast_to(read, shape)
