"""Rules that hold for a time: a value, from when to when, where it was read and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from finance.language import format_date, format_list, message
from finance.scenario.schema import Grade

Value = TypeVar("Value")


@dataclass(frozen=True)
class Rule(Generic[Value]):
    """A figure of the law, or a group of figures that belong together.

    Parameters
    ----------
    name : str
        What it is called, in errors and on the page ``docs/model/tax-rules.md``.
    value : object
        A number or a tuple of named numbers. Rates and shares are decimals, money is millions of the rule's own
        currency, nominal.
    grade : {"S", "S~", "M", "D", "A"}
        Read at the source, secondary, recalled and not verified, derived, assumed.
    source : str
        Where it was read; what of it was not read there.
    first_day, last_day : date, optional
        Both inclusive. None: no such day is known to the source.
    otherwise : Rule, optional
        What holds outside these days; without it nothing does, and to ask is an error.
    """

    name: str
    value: Value
    grade: Grade
    source: str
    first_day: date | None = None
    last_day: date | None = None
    otherwise: Rule[Value] | None = None

    @property
    def is_unverified(self) -> bool:
        """Whether it was recalled only, which has to be said wherever it is used."""
        return self.grade == "M"

    def is_in_force(self, on: date) -> bool:
        """Tell whether the rule itself, not what follows or precedes it, holds on a day.

        Parameters
        ----------
        on : date
            The day.

        Returns
        -------
        bool
            The first and the last day count.

        Raises
        ------
        ValueError
            If it is no date, or one with a time of day.
        """
        if isinstance(on, datetime) or not isinstance(on, date):
            raise ValueError(message("policy.not_a_day", name=self.name, value=repr(on)))
        return (self.first_day is None or self.first_day <= on) and (self.last_day is None or on <= self.last_day)

    def in_force(self, on: date) -> Rule[Value]:
        """Find the rule that holds on a day: this one, or the one that holds otherwise.

        Parameters
        ----------
        on : date
            The day.

        Returns
        -------
        Rule
            With its own grade and source.

        Raises
        ------
        ValueError
            If none holds on that day.
        """
        rule: Rule[Value] | None = self
        while rule is not None:
            if rule.is_in_force(on):
                return rule
            rule = rule.otherwise
        days = format_list(_days(one) for one in self.chain())
        raise ValueError(message("policy.rule_not_in_force", name=self.name, on=format_date(on), days=days))

    def at(self, on: date) -> Value:
        """Value on a day; see `in_force`."""
        return self.in_force(on).value

    def chain(self) -> tuple[Rule[Value], ...]:
        """Give this rule and all that hold otherwise, in the order in which they are asked."""
        return (self, *(self.otherwise.chain() if self.otherwise is not None else ()))


def _days(rule: Rule[Value]) -> str:
    first, last = rule.first_day, rule.last_day
    if first is not None and last is not None:
        return message("policy.days_between", first=format_date(first), last=format_date(last))
    if first is not None:
        return message("policy.days_from", first=format_date(first))
    if last is not None:
        return message("policy.days_to", last=format_date(last))
    return message("policy.days_always")
