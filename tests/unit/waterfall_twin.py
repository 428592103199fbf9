"""The waterfall again, slowly and plainly: each distribution is poured from tier to tier."""


def whole_fund_twin(paid_in, proceeds, hurdle_rate, carry_share, catch_up_share, periods_per_year):
    """What the GP gets in each column; the LPs get the rest."""
    growth = (1 + hurdle_rate) ** (1 / periods_per_year)
    capital_owed = hurdle_owed = profit_of_lps = profit_of_gp = 0.0
    to_gp = []
    for call, receipt in zip(paid_in, proceeds, strict=True):
        hurdle_owed += (capital_owed + hurdle_owed) * (growth - 1)
        capital_owed += call
        left = receipt

        returned = min(left, capital_owed)
        capital_owed -= returned
        left -= returned

        preferred = min(left, hurdle_owed)
        hurdle_owed -= preferred
        profit_of_lps += preferred
        left -= preferred

        gp_before = profit_of_gp
        if catch_up_share > carry_share:
            # Of each yuan the GP's due rises by the carry share and its holding by the catch-up share.
            lacking = carry_share * (profit_of_lps + profit_of_gp) - profit_of_gp
            caught_up = min(left, max(lacking, 0.0) / (catch_up_share - carry_share))
            profit_of_gp += catch_up_share * caught_up
            profit_of_lps += (1 - catch_up_share) * caught_up
            left -= caught_up

        profit_of_gp += carry_share * left
        profit_of_lps += (1 - carry_share) * left
        to_gp.append(profit_of_gp - gp_before)
    return to_gp


def deal_by_deal_twin(deal_paid_in, deal_proceeds, *terms, clawback):
    """What the GP gets in each column from all deals, and pays back at the end."""
    by_deal = [whole_fund_twin(*deal, *terms) for deal in zip(deal_paid_in, deal_proceeds, strict=True)]
    to_gp = [sum(column) for column in zip(*by_deal, strict=True)]
    if clawback:
        paid_in, proceeds = (
            [sum(column) for column in zip(*deals, strict=True)] for deals in (deal_paid_in, deal_proceeds)
        )
        due = sum(whole_fund_twin(paid_in, proceeds, *terms))
        to_gp[-1] -= max(sum(to_gp) - due, 0.0)
    return to_gp
