"""Numbers and names that the whole market goes by."""

QUARTERS_A_YEAR = 4
#: An attempt is settled after this many quarters at the latest; the law of time and the kernel both stop there.
LONGEST_ATTEMPT = 80
#: No scenario allows more attempts at a milestone than this.
MOST_ATTEMPTS = 8
#: Cash need = burn x planned time x this factor (model: need = burn x 1.25 x mean time).
PLANNING_FACTOR = 1.25
#: A class whose vehicles live this long has no horizon.
NO_HORIZON_YEARS = 60.0
#: Money below this, CNY million, is what rounding leaves behind: it counts as none.
ROUND_OFF = 1e-9
#: ``next_stage``: behind the last stage of a chain stands the exit; a stage that a sector does not have is absent.
TO_EXIT, ABSENT = -1, -2
CATEGORIES = ("seed", "venture", "later")
#: The category of early stages: seed and angel rounds.
EARLY = 0
QUEUES = ("value", "oldest", "lottery")
