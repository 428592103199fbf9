"""A vehicle: the money one class raised in one year."""

from dataclasses import dataclass, field

FREE = ("free", 0)


@dataclass(eq=False)
class Vehicle:
    """One class's vehicle of one vintage; commitment, life, period and budgets are those of its raise."""

    capital_class: int
    raised: int  # quarter
    commitment: float
    life: int  # quarters
    investment_quarters: int
    budgets: list[float]  # by stage, share of each call
    binds: bool = False  # no earmark becomes free
    extension: int = 0  # quarters by which its life may still be extended, if partners agree
    extension_probability: float = 0.0
    sub_fund: int | None = None  # of the guidance programme: row in the record
    beside: "Vehicle | None" = None  # of the same manager: what its duty reserves, or what is free
    first_closing: int = 0  # quarter from which the sub-fund's accounts count
    money: dict = field(default_factory=dict)  # by pot: FREE, ("older", stage), ("newer", stage)
    frozen_until: int = -1
    n_first_deals: int = 0
    cost: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # by category
    loss: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # by category, realised
    reserve: float = 0.0  # of realised gains
    is_ended: bool = False

    def __post_init__(self):
        stages = range(len(self.budgets))
        self.money = {FREE: 0.0}
        self.money |= {("older", i): 0.0 for i in stages}
        self.money |= {("newer", i): 0.0 for i in stages}

    @property
    def quarterly_call(self):
        return self.commitment / self.investment_quarters

    def age(self, quarter):
        return quarter - self.raised

    def life_left(self, quarter):
        return self.life - self.age(quarter)

    def is_investing(self, quarter):
        return not self.is_ended and self.age(quarter) < self.investment_quarters

    def is_frozen(self, quarter):
        return quarter < self.frozen_until

    # --- money ---

    def all_money(self):
        return sum(self.money.values())

    def money_at(self, stage):
        return self.money[FREE] + self.money["older", stage] + self.money["newer", stage]

    def spend_at(self, stage, amount):
        """Pay for a round: the stage's earmarks first, the older before the newer, then free money."""
        self._draw(amount, [("older", stage), ("newer", stage), FREE])

    def money_to_hold_on(self, stage):
        """Tell what may go into a bridge or an extension at a stage: all there is, unless earmarks bind."""
        return self.money_at(stage) if self.binds else self.all_money()

    def spend_to_hold_on(self, stage, amount):
        """Pay for a bridge or an extension; where earmarks bind it is a payment at the stage like any other."""
        if self.binds:
            self.spend_at(stage, amount)
        else:
            self.spend(amount)

    def spend(self, amount):
        """Pay for a bridge or extension, or lapse: free money, older earmarks, newer ones, in stage order."""
        self._draw(amount, list(self.money))

    def _draw(self, amount, pots):
        for pot in pots:
            taken = min(amount, self.money[pot])
            self.money[pot] -= taken
            amount -= taken
        assert abs(amount) < 1e-9, "more was spent than there is"

    # --- the quarter's start ---

    def age_money(self, earmark_quarters):
        """Free what was earmarked two quarters ago (or one); last quarter's earmarks become older."""
        if self.binds:
            self.free_all()
            return
        for stage in range(len(self.budgets)):
            self._move(("older", stage), FREE)
            self._move(("newer", stage), ("older", stage) if earmark_quarters == 2 else FREE)

    def _move(self, pot, to):
        self.money[to] += self.money[pot]
        self.money[pot] = 0.0

    def free_all(self):
        """After the investment period nothing is earmarked any more; what binds stays, and is older."""
        if self.binds:
            for stage in range(len(self.budgets)):
                self._move(("newer", stage), ("older", stage))
            return
        for pot in self.money:
            if pot != FREE:
                self._move(pot, FREE)

    def lapse_above(self, limit):
        """Let what stands above the limit lapse; returns how much. Where earmarks bind all pots lose the same part."""
        there = self.all_money()
        lapsed = max(0.0, there - limit)
        if self.binds and lapsed > 0.0:
            self.money = {pot: amount * (there - lapsed) / there for pot, amount in self.money.items()}
        else:
            self.spend(lapsed)
        return lapsed

    def call(self, earmark_quarters):
        """Call a quarter's money and earmark the stages' budgets."""
        free = self.quarterly_call
        if earmark_quarters > 0 or self.binds:
            for stage, share in enumerate(self.budgets):
                self.money["newer", stage] += share * self.quarterly_call
                free -= share * self.quarterly_call
        self.money[FREE] += max(0.0, free)
