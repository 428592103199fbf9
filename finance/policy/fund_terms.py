"""How long a public fund lives, and what its manager is paid a year for which sum."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, joint_shape, known_flows, numbers
from finance.fund.terms import refuse_bad_periods, refuse_bad_rate, refuse_below
from finance.language import message
from finance.policy.partnership import column_at

FeeBase = Literal["committed", "paid-in", "invested"]
FEE_BASES = ("committed", "paid-in", "invested")


@dataclass(frozen=True)
class FundLife:
    """Years in which a fund invests and sells.

    Parameters
    ----------
    investment_years : float
        Years from the first closing in which it may buy new companies.
    exit_years : float
        Years after them in which it sells.
    extension_years : tuple of float
        Extensions that may be agreed, in order.

    Raises
    ------
    ValueError
        If a duration is below 0.

    References
    ----------
    National Venture Capital Guidance Fund (2025): 10 + 10. Shanghai Future Industry Fund: 15 + 3. Private equity
    template: 3 + 1 + 1.
    """

    investment_years: float
    exit_years: float
    extension_years: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_below("investment_years", self.investment_years, 0.0)
        refuse_below("exit_years", self.exit_years, 0.0)
        object.__setattr__(self, "extension_years", tuple(self.extension_years))
        for years in self.extension_years:
            refuse_below("extension_years", years, 0.0)

    def years(self, n_extensions: int = 0) -> float:
        """Life in years.

        Parameters
        ----------
        n_extensions : int
            How many extensions are agreed; beyond all there are, all.

        Returns
        -------
        float
            Years from the first closing.
        """
        return self.investment_years + self.exit_years + sum(self.extension_years[: max(n_extensions, 0)])

    def last_column(self, periods_per_year: float = 1, n_extensions: int = 0) -> int:
        """Column in which it ends.

        Parameters
        ----------
        periods_per_year : float
            Columns in a year.
        n_extensions : int
            As in `years`.

        Returns
        -------
        int
            Column 0 is the first closing.
        """
        refuse_bad_periods(periods_per_year)
        return column_at(self.years(n_extensions), periods_per_year)

    def may_buy(self, years: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Say whether it may buy new companies.

        Parameters
        ----------
        years : array_like
            Years after the first closing.

        Returns
        -------
        ndarray of bool
            True before the end of the investment period.
        """
        when = np.asarray(years, dtype=np.float64)
        return np.asarray((when >= 0.0) & (when < self.investment_years - 1e-9))

    def is_in_time(self, exit_years: npt.ArrayLike, n_extensions: int = 0) -> npt.NDArray[np.bool_]:
        """Say whether an exit falls within the fund's life.

        Parameters
        ----------
        exit_years : array_like
            Years after the first closing at which a company could be sold.
        n_extensions : int
            As in `years`.

        Returns
        -------
        ndarray of bool
            True up to and including the last day.
        """
        return np.asarray(np.asarray(exit_years, dtype=np.float64) <= self.years(n_extensions) + 1e-9)


@dataclass(frozen=True)
class ManagementFee:
    r"""Yearly fee on a base, which may be another after the investment period.

    Parameters
    ----------
    rate : float
        Fee a year in the investment period, decimal from 0 to 1.
    base : {"committed", "paid-in", "invested"}
        What it is charged on: all commitments, capital paid in to date, or the cost of what is held.
    investment_years : float, optional
        Years after column 0 at which rate and base change; left out, never.
    later_rate : float, optional
        Fee a year after them; left out, as before.
    later_base : {"committed", "paid-in", "invested"}, optional
        Base after them; left out, as before.
    life_years : float, optional
        Years after column 0 at which fees end; left out, never.

    Raises
    ------
    ValueError
        If a rate is not from 0 to 1, a base unknown or a duration below 0.

    Notes
    -----
    With the base B after the flows of a column and n columns a year, a column pays for the time since the one before:

    .. math:: F_t = \frac{r}{n} B_{t-1}, \qquad F_0 = 0.

    References
    ----------
    General Office of the State Council (2025) no. 1: in principle on what is paid in or invested. Tradition is 2 % of
    what is committed.
    """

    rate: float
    base: FeeBase = "committed"
    investment_years: float | None = None
    later_rate: float | None = None
    later_base: FeeBase | None = None
    life_years: float | None = None

    def __post_init__(self) -> None:
        """Check the terms."""
        for name, rate in (("rate", self.rate), ("later_rate", self.later_rate)):
            if rate is not None:
                refuse_bad_rate(name, rate)
        for name, base in (("base", self.base), ("later_base", self.later_base)):
            if base is not None and base not in FEE_BASES:
                raise ValueError(message("policy.choice", name=name, choices=", ".join(FEE_BASES), value=base))
        for name, years in (("investment_years", self.investment_years), ("life_years", self.life_years)):
            if years is not None:
                refuse_below(name, years, 0.0)

    def fees(
        self,
        commitment: npt.ArrayLike,
        paid_in: npt.ArrayLike,
        cost_ended: npt.ArrayLike,
        invested: npt.ArrayLike,
        periods_per_year: float = 1,
    ) -> FloatArray:
        """Fees of a fund.

        Parameters
        ----------
        commitment : array_like of shape (…)
            Million CNY.
        paid_in : array_like of shape (…, n_periods)
            What partners pay in, fees not counted.
        cost_ended : array_like of shape (…, n_periods)
            Cost of investments that end in a column, sold or written off.
        invested : array_like of shape (…, n_periods)
            Cost of investments that begin in it.
        periods_per_year : float
            Columns in a year.

        Returns
        -------
        ndarray of shape (…, n_periods)
            Fees, million CNY, positive.

        Raises
        ------
        ValueError
            If the shapes do not fit, or an amount is NaN, infinite or negative.
        """
        refuse_bad_periods(periods_per_year)
        called, ended, begun = known_flows(paid_in=paid_in, cost_ended=cost_ended, invested=invested)
        whole = numbers("commitment", commitment)
        shape = joint_shape(commitment=whole.shape, flows=called.shape[:-1])
        n_periods = called.shape[-1]
        bases = {
            "committed": np.broadcast_to(whole[..., np.newaxis], (*shape, n_periods)),
            "paid-in": np.cumsum(called, axis=-1),
            "invested": np.maximum(np.cumsum(begun - ended, axis=-1), 0.0),
        }
        fees = np.zeros((*shape, n_periods))
        for column in range(1, n_periods):
            rate, base = self._terms_in(column, periods_per_year)
            fees[..., column] = rate / periods_per_year * bases[base][..., column - 1]
        return fees

    def _terms_in(self, column: int, periods_per_year: float) -> tuple[float, FeeBase]:
        """Rate and base for the time that ends in a column."""
        if self.life_years is not None and column > column_at(self.life_years, periods_per_year):
            return 0.0, self.base
        if self.investment_years is None or column <= column_at(self.investment_years, periods_per_year):
            return self.rate, self.base
        return (
            self.rate if self.later_rate is None else self.later_rate,
            self.base if self.later_base is None else self.later_base,
        )
