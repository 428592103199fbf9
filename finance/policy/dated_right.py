"""What contracts have in common that give one side a right with dates: to buy the other out, or to sell to it."""

from abc import abstractmethod
from dataclasses import replace
from math import floor
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.policy.partnership import Contract, Partnership, column_at, partnership


class DatedRight(Contract):
    """A right that private partners may use at one date or at several.

    A subclass says when (`exercise_columns`), what both sides receive where the right is used, and what part of the stake
    in question then changes hands, given what that stake is worth at these dates.
    """

    builds_on_others: ClassVar[bool] = True
    #: Whether the right is to sell private partners' own stake; if not, it is to buy the public's.
    sells_own_stake: ClassVar[bool] = False

    @abstractmethod
    def exercise_columns(self, n_periods: int, periods_per_year: float = 1) -> tuple[int, ...]:
        """Columns at which the right can be used.

        Parameters
        ----------
        n_periods : int
            Columns there are.
        periods_per_year : float
            Columns in a year.

        Returns
        -------
        tuple of int
            Rising, each once: the dates that ``value`` of `split` is for.
        """

    def split(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
        *,
        value: npt.ArrayLike | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Divide a fund's distributions; see `Contract.split`.

        Parameters
        ----------
        public_paid_in, private_paid_in, distributions, periods_per_year
            As in `Contract.split`.
        value : array_like of shape (…) or (…, n_dates), optional
            What the whole stake in question is worth to private partners at the date of the right, or, of a right with
            several, at each of `exercise_columns`: its later receipts net of its later calls; million CNY. Left out,
            they know the future.

        Returns
        -------
        public, private : ndarray of shape (…, n_periods)
            Net receipts; a price is a receipt of the side that sells and paid by the other.

        Raises
        ------
        ValueError
            As in `Contract.split`, or if ``value`` does not fit or is NaN.
        """
        fund = partnership(public_paid_in, private_paid_in, distributions, periods_per_year)
        public = self._received_with(fund, value)
        return public, fund.distributions - public

    def calls(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
        *,
        value: npt.ArrayLike | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Say who pays each call in the end: who has taken over a stake pays its later calls.

        Parameters
        ----------
        public_paid_in, private_paid_in, distributions, periods_per_year, value
            As in `split`; the capital paid in as it would be if the right were not used.

        Returns
        -------
        public, private : ndarray of shape (…, n_periods)
            Calls, positive. Their sum is that of the two arguments, column by column.

        Raises
        ------
        ValueError
            As in `split`.
        """
        fund = partnership(public_paid_in, private_paid_in, distributions, periods_per_year)
        return self._paid_in_with(fund, value)

    def public_share_of_stakes(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
        *,
        value: npt.ArrayLike | None = None,
    ) -> FloatArray:
        """Say what part of the fund's holdings is the public's at the end of each column.

        Parameters
        ----------
        public_paid_in, private_paid_in, distributions, periods_per_year, value
            As in `split`.

        Returns
        -------
        ndarray of shape (…, n_periods)
            Its share of the capital paid in to date, less what it has sold or with what it has bought.

        Raises
        ------
        ValueError
            As in `split`.
        """
        fund = partnership(public_paid_in, private_paid_in, distributions, periods_per_year)
        return self._stake_after(fund.public_share(), self._handed_over(fund, value))

    def worth_at(self, by_date: FloatArray) -> FloatArray:
        """The ``value`` that `split` takes, of values by date (…, n_dates)."""
        return by_date

    @abstractmethod
    def in_whole_years(self) -> Self:
        """The same right with dates at whole years."""

    @abstractmethod
    def _received_with(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        """What the public receives (…, n_periods)."""

    @abstractmethod
    def _handed_over(self, fund: Partnership, value: npt.ArrayLike | None) -> FloatArray:
        """Share of the stake in question that has changed hands by the end of each column (…, n_periods)."""

    def _paid_in_with(self, fund: Partnership, value: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
        """Calls of the public and of private partners (…, n_periods): whoever has a stake now pays what comes later."""
        moved = np.zeros(fund.distributions.shape)
        sold = fund.private_paid_in if self.sells_own_stake else fund.public_paid_in
        moved[..., 1:] = self._handed_over(fund, value)[..., :-1] * sold[..., 1:]
        if self.sells_own_stake:
            return fund.public_paid_in + moved, fund.private_paid_in - moved
        return fund.public_paid_in - moved, fund.private_paid_in + moved

    def _stake_after(self, public: FloatArray, handed_over: FloatArray) -> FloatArray:
        """The public's share of holdings once a part of a stake has changed hands."""
        return public + (1.0 - public) * handed_over if self.sells_own_stake else public * (1.0 - handed_over)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        return self._received_with(fund, None)

    def _paid_in(self, fund: Partnership) -> tuple[FloatArray, FloatArray]:
        return self._paid_in_with(fund, None)


class OneDateRight(DatedRight):
    """A right that can be used at one date, a whole number of columns after the first."""

    last_year: float

    def in_whole_years(self) -> Self:
        """The right at the nearest whole year, halves rounded up, at least one."""
        return replace(self, last_year=max(1.0, floor(self.last_year + 0.5)))  # type: ignore[type-var]

    def exercise_columns(self, n_periods: int, periods_per_year: float = 1) -> tuple[int, ...]:
        """The one column at which the right can be used; the last, if there are fewer. See `DatedRight`."""
        return (min(column_at(self.last_year, periods_per_year), n_periods - 1),)

    def worth_at(self, by_date: FloatArray) -> FloatArray:
        """The ``value`` that `split` takes, of values by date (…, 1)."""
        first: FloatArray = by_date[..., 0]
        return first
