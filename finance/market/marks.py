"""Copies of a sector or a class that differ in one thing, and how they are told by their names.

A copy has the name of what it comes from, a mark behind it, and its luck; no table shows it apart. A name that a file may
give has no ``@``, so no copy is ever taken for something else.
"""

from __future__ import annotations

#: Behind the name of a sector: its ventures that have found a place on a pilot platform, and go on from there.
PLATFORM_MARK = "@platform"
#: Behind the name of a class: the part of its vehicles' money that a duty to reinvest reserves for the place.
DUTY_MARK = "@duty"


def own_name(name: str) -> str:
    """The name of what a copy is a copy of; any other name as it is."""
    return name.partition("@")[0]
