"""Where the value of angels' exemption goes: to the few deals that are large successes (figure in docs/levers.md)."""

import numpy as np

from tests.statistical.angel_deals import angels_deals, top_share

#: What angels deduct of an investment today, so that an exemption saves nothing on it.
DEDUCTED = 0.7


def test_nearly_all_of_the_exemptions_value_is_in_a_tenth_of_the_deals(monkeypatch):
    deals = np.concatenate(angels_deals(monkeypatch, paths=8))
    paid, received = deals.T
    relief = np.maximum(0.0, received - (1.0 + DEDUCTED) * paid)
    assert len(deals) > 1_000
    assert (relief > 0.0).mean() < 0.3, "most deals have no gain on which tax would be due"
    assert top_share(relief) > 0.85
