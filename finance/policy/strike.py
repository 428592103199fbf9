"""What a buy-out costs by when it is made: the capital with interest whose rate may change from year to year."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from finance.fund.amounts import FloatArray
from finance.fund.terms import refuse_bad_rate
from finance.language import message

#: Years that differ by less are the same.
SAME_YEAR = 1e-9


@dataclass(frozen=True)
class StrikeSchedule:
    r"""Interest in the price of a buy-out, in steps.

    Parameters
    ----------
    steps : tuple of (until_year, rate)
        Rates a year, decimal from 0 to 1, each up to and including the year beside it, counted from column 0.
        Years rise. After the last there is no price.
    is_retroactive : bool
        Whether the rate of the year in which the price is paid holds from the payment of the capital. If not, each
        year bears its own rate.

    Raises
    ------
    ValueError
        If there is no step, years do not rise from above 0, or a rate is not from 0 to 1.

    Notes
    -----
    A payment at year s has grown at year t, with the rate r(·) of a year, by

    .. math:: (1 + r(t))^{t - s} \quad \text{or, if not retroactive,} \quad \exp \int_s^t \ln (1 + r(u))\, du.

    References
    ----------
    Israel Innovation Authority (2024), Yozma 2.0: 1 % a year up to year 4, 5 % from the start after it.
    """

    steps: tuple[tuple[float, float], ...]
    is_retroactive: bool = True

    def __post_init__(self) -> None:
        """Check the steps, and keep them as tuples of numbers."""
        try:
            steps = tuple((float(until), rate) for until, rate in self.steps)
        except (TypeError, ValueError) as error:
            raise ValueError(message("policy.strike_steps", value=self.steps)) from error
        ends = [until for until, _ in steps]
        if not steps or not all(before < until for before, until in pairwise([0.0, *ends])):
            raise ValueError(message("policy.strike_steps", value=self.steps))
        for _, rate in steps:
            refuse_bad_rate("rate", rate)
        object.__setattr__(self, "steps", steps)

    @property
    def last_year(self) -> float:
        """Year after which there is no price; infinite if the last rate goes on."""
        return self.steps[-1][0]

    def rate(self, year: float) -> float:
        """Rate of the step that a year is in.

        Parameters
        ----------
        year : float
            Years after column 0; beyond the last step its rate.

        Returns
        -------
        float
            Decimal a year.
        """
        return next((rate for until, rate in self.steps if year <= until + SAME_YEAR), self.steps[-1][1])

    def multiple(self, year: float) -> float:
        """Price of one yuan paid in at the start.

        Parameters
        ----------
        year : float
            Years after column 0 at which it is paid.

        Returns
        -------
        float
            Multiple of the capital.
        """
        return float(self._growth(np.array([0.0]), year)[0])

    def cost(self, paid_in: FloatArray, column: int, periods_per_year: float) -> FloatArray:
        """Capital with its interest, at a column.

        Parameters
        ----------
        paid_in : ndarray of shape (…, n_periods)
            Capital paid in; what comes after ``column`` does not count.
        column : int
            When the price is paid; may lie beyond the last period.
        periods_per_year : float
            Columns in a year.

        Returns
        -------
        ndarray of shape (…)
            Million CNY.
        """
        n_paid = min(column + 1, paid_in.shape[-1])
        if self.is_retroactive:
            ages = np.arange(column, column - n_paid, -1) / periods_per_year
            growth = (1.0 + self.rate(column / periods_per_year)) ** ages
        else:
            growth = self._growth(np.arange(n_paid) / periods_per_year, column / periods_per_year)
        return np.asarray(np.sum(paid_in[..., :n_paid] * growth, axis=-1))

    def _growth(self, paid_years: FloatArray, year: float) -> FloatArray:
        """Growth of payments of these years up to a year."""
        if self.is_retroactive:
            retroactive: FloatArray = (1.0 + self.rate(year)) ** (year - paid_years)
            return retroactive
        logs, begins = np.zeros(paid_years.shape), 0.0
        for number, (until, rate) in enumerate(self.steps):
            ends = math.inf if number == len(self.steps) - 1 else until
            borne = np.clip(year, begins, ends) - np.clip(paid_years, begins, ends)
            logs += np.log1p(rate) * borne
            begins = until
        return np.exp(logs)
