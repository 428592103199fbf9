"""A fund with public and private partners: its flows, and what every contract between the two does with them."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.accounts import period_growth
from finance.fund.amounts import FloatArray, known_flows
from finance.fund.terms import refuse_bad_periods


class Partnership(NamedTuple):
    """The flows of one fund, all of one shape (…, n_periods); see `partnership`."""

    public_paid_in: FloatArray
    private_paid_in: FloatArray
    distributions: FloatArray
    periods_per_year: float
    public_before: FloatArray | None = None  # what the public gets by the terms before these; None: pari passu

    @property
    def public_capital(self) -> FloatArray:
        """What the public has paid in by the end, (…)."""
        return np.asarray(self.public_paid_in.sum(axis=-1))

    @property
    def private_capital(self) -> FloatArray:
        """What private partners have paid in by the end, (…)."""
        return np.asarray(self.private_paid_in.sum(axis=-1))

    def public_share(self) -> FloatArray:
        """Public share of the capital paid in to date, a column's own call included, (…, n_periods).

        Before anybody has paid in, the share of all capital ever paid in stands in for it: 0 if there is none.
        """
        public_to_date = np.cumsum(self.public_paid_in, axis=-1)
        to_date = public_to_date + np.cumsum(self.private_paid_in, axis=-1)
        public_in_all, in_all = public_to_date[..., -1:], to_date[..., -1:]
        share_in_all = np.divide(public_in_all, in_all, out=np.zeros(in_all.shape), where=in_all > 0.0)
        share = np.array(np.broadcast_to(share_in_all, to_date.shape))
        np.divide(public_to_date, to_date, out=share, where=to_date > 0.0)
        return share

    def pari_passu(self) -> FloatArray:
        """What the public gets of each distribution if all are shared by the capital paid in to date."""
        return self.public_share() * self.distributions

    def before_these_terms(self) -> FloatArray:
        """What the public gets before a term that moves money between the two sides; a new array.

        Pari passu, unless the term stands in a `Sequence` behind others.
        """
        return self.pari_passu() if self.public_before is None else self.public_before.copy()

    def growth(self, rate: float) -> float:
        """Factor of one column at a rate that compounds by year."""
        return period_growth(rate, self.periods_per_year)


def column_at(years: float, periods_per_year: float) -> int:
    """Last column that is at most so many years after column 0.

    Parameters
    ----------
    years : float
        Not negative.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    int
        The column; arrays may have fewer.
    """
    # A hair above, so that a year that is a sum of fractions of a year finds its column.
    return int(years * periods_per_year + 1e-9)


def partnership(
    public_paid_in: npt.ArrayLike,
    private_paid_in: npt.ArrayLike,
    distributions: npt.ArrayLike,
    periods_per_year: float = 1,
) -> Partnership:
    """Read the flows of one fund.

    Parameters
    ----------
    public_paid_in, private_paid_in, distributions : array_like of shape (…, n_periods)
        Million CNY, positive. Leading axes broadcast.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    Partnership
        All of one shape, without the negative amounts of rounding size that calls may have.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is NaN, infinite or negative, or ``periods_per_year`` is not above
        0.
    """
    refuse_bad_periods(periods_per_year)
    public, private, received = known_flows(
        public_paid_in=public_paid_in, private_paid_in=private_paid_in, distributions=distributions
    )
    return Partnership(np.maximum(public, 0.0), np.maximum(private, 0.0), received, float(periods_per_year))


class Contract(ABC):
    """Terms between the public and the private partners of one fund."""

    #: Whether the term moves money from what other terms have left, so that it can stand behind them.
    builds_on_others: ClassVar[bool] = False

    def split(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
    ) -> tuple[FloatArray, FloatArray]:
        """Divide a fund's distributions between the public and the private partners.

        Parameters
        ----------
        public_paid_in, private_paid_in : array_like of shape (…, n_periods)
            Capital each side pays in, million CNY, positive.
        distributions : array_like of shape (…, n_periods)
            What the fund gives out to both together, after fees and carry; million CNY, positive. The leading
            axes of all three broadcast.
        periods_per_year : float
            Columns in a year.

        Returns
        -------
        public, private : ndarray of shape (…, n_periods)
            Net receipts, capital paid in not counted. They sum to ``distributions`` column by column. Below
            zero where one side pays the other.

        Raises
        ------
        ValueError
            If the shapes do not fit, an amount is NaN, infinite or negative, or ``periods_per_year`` is not
            above 0.
        """
        fund = partnership(public_paid_in, private_paid_in, distributions, periods_per_year)
        public = self._public_receipts(fund)
        return public, fund.distributions - public

    def calls(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
    ) -> tuple[FloatArray, FloatArray]:
        """Say who pays each call in the end: another than agreed only where a stake has changed hands.

        Parameters
        ----------
        public_paid_in, private_paid_in, distributions, periods_per_year
            As in `split`; the capital paid in as agreed.

        Returns
        -------
        public, private : ndarray of shape (…, n_periods)
            Calls, positive. Their sum is that of the two arguments, column by column.

        Raises
        ------
        ValueError
            As in `split`.
        """
        return self._paid_in(partnership(public_paid_in, private_paid_in, distributions, periods_per_year))

    @abstractmethod
    def _public_receipts(self, fund: Partnership) -> FloatArray:
        """Net receipts of the public, (…, n_periods)."""

    def _paid_in(self, fund: Partnership) -> tuple[FloatArray, FloatArray]:
        """Calls that each side pays in the end, (…, n_periods)."""
        return fund.public_paid_in, fund.private_paid_in
