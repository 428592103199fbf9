"""What the functions on funds accept as terms (rates, shares, counts): check them, say what is wrong."""

import math
from numbers import Integral, Real

from finance.language import message


def refuse_bad_share(name: str, share: float) -> None:
    """Refuse what is no share: a number from 0 to 1.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    share : float
        The share.

    Raises
    ------
    ValueError
        If it is not from 0 to 1.
    """
    if not (_is_number(share) and 0.0 <= share <= 1.0):
        raise ValueError(message("fund.share", name=name, value=share))


def refuse_bad_rate(name: str, rate: float) -> None:
    """Refuse what is no rate a year that is agreed in a contract: a decimal from 0 to 1.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    rate : float
        Rate a year.

    Raises
    ------
    ValueError
        If it is not from 0 to 1: above 1 it is most likely a percentage.
    """
    if not (_is_number(rate) and 0.0 <= rate <= 1.0):
        raise ValueError(message("fund.rate", name=name, value=rate))


def refuse_below(name: str, value: float, lowest: float) -> None:
    """Refuse what is not a finite number of at least ``lowest``.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    value, lowest : float
        The number and the least it may be.

    Raises
    ------
    ValueError
        If it is lower, not finite or not a number.
    """
    if not (_is_number(value) and math.isfinite(value) and value >= lowest):
        raise ValueError(message("fund.too_low", name=name, lowest=f"{lowest:g}", value=value))


def refuse_bad_count(name: str, count: object) -> None:
    """Refuse what is not a whole number of at least 1.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    count : int
        The count.

    Raises
    ------
    ValueError
        If it is not.
    """
    if isinstance(count, bool) or not isinstance(count, Integral) or int(count) < 1:
        raise ValueError(message("fund.count", name=name, value=count))


def refuse_bad_periods(periods_per_year: float) -> None:
    """Refuse a number of columns in a year that is not above 0.

    Parameters
    ----------
    periods_per_year : float
        Columns in a year.

    Raises
    ------
    ValueError
        If it is not a number above 0.
    """
    if not (_is_number(periods_per_year) and math.isfinite(periods_per_year) and periods_per_year > 0):
        raise ValueError(message("fund.periods_per_year", value=periods_per_year))


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
