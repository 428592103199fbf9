"""The draws of one path, by who they are for."""

import math
from dataclasses import dataclass

from finance import luck


def normal_probability(x: float) -> float:
    """Return Φ(x)."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@dataclass(frozen=True)
class Draws:
    """Luck of one path: every method gives the four uniforms of one call."""

    key: tuple[int, int]
    path: int

    def call(self, purpose, year, ordinal, place):
        entrant = luck.entrant_code(int(year), int(ordinal))
        words = luck.philox(self.path, entrant, place, purpose, *self.key)
        return [luck.uniform(word) for word in words]

    def birth(self, year, ordinal):
        return self.call(luck.BIRTH, year, ordinal, luck.slot(luck.COMMON, 0))

    def round(self, year, ordinal, stage_code):
        return self.call(luck.ROUND, year, ordinal, luck.slot(stage_code, 0))

    def place(self, year, ordinal):
        return self.call(luck.PLACE, year, ordinal, luck.slot(luck.COMMON, 0))

    def sight(self, year, ordinal, stage_code):
        return self.call(luck.SIGHT, year, ordinal, luck.slot(stage_code, 0))

    def attempt(self, year, ordinal, stage_code, attempt):
        return self.call(luck.ATTEMPT, year, ordinal, luck.slot(stage_code, attempt))

    def factor(self, year, factor_code, attempt):
        return self.call(luck.FACTOR, year, luck.COHORT_ORDINAL, luck.slot(factor_code, attempt))

    def distress(self, year, ordinal, stage_code):
        return self.call(luck.DISTRESS, year, ordinal, luck.slot(stage_code, 0))

    def exit(self, year, ordinal, sector_code):
        return self.call(luck.EXIT, year, ordinal, luck.slot(sector_code, 0))

    def platform(self, year, ordinal, stage_code):
        return self.call(luck.PLATFORM, year, ordinal, luck.slot(stage_code, 0))

    def extension(self, vintage_year, class_code):
        return self.call(luck.EXTENSION, vintage_year, luck.VEHICLE_ORDINAL, luck.slot(class_code, 0))

    def audit(self, vintage_year, class_code, years_of_age):
        return self.call(luck.AUDIT, vintage_year, luck.VEHICLE_ORDINAL, luck.slot(class_code, years_of_age))
