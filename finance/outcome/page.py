"""A path's vector as the compiled sums write to it: a page with a known place for every component."""

from __future__ import annotations

from typing import NamedTuple

from finance.compiling import njit
from finance.market.terms import Floats, Integers


class Page(NamedTuple):
    """One path's vector and how it is laid out."""

    vector: Floats  # zero before the first sum
    places: Integers  # offsets of the components (`components.offsets_of`), by their number in `components.PLACE`
    n_stages: int  # the total row stands behind the stages
    n_years: int


@njit
def add_at_stage(page: Page, component: int, stage: int, amount: float) -> None:
    """Add to a component by stage: to the stage and to the total row."""
    first = page.places[component]
    page.vector[first + stage] += amount
    page.vector[first + page.n_stages] += amount


@njit
def add_at_year(page: Page, component: int, stage: int, year: int, amount: float) -> None:
    """Add to a component by stage and year: to the stage and to the total row."""
    first = page.places[component] + year
    page.vector[first + stage * page.n_years] += amount
    page.vector[first + page.n_stages * page.n_years] += amount
