"""Taxes and reliefs: of investors by class, and of companies."""

from __future__ import annotations

from finance.scenario.schema_base import Names, Steps, Table, described


class Tax(Table):
    """Reliefs: on investors' gains by class, and for companies the enlarged deduction of research and development."""

    relieved: Names = described(
        "Classes whose gains the relief is for.", "享受投资收益税收优惠的资本类别。", "list of names"
    )
    gain_exemption_share: float = described(
        "Share of the tax on these classes' gains that is not raised.",
        "上述类别投资收益税中免征的比例。",
        "share",
        ge=0,
        le=1,
    )
    investment_deduction_share: float = described(
        "Share of an investment that these classes deduct from the gain on the same company; a loss is not offset.",
        "上述类别可从同一企业投资收益中抵扣的投资额比例；亏损不得抵扣。",
        "share",
        ge=0,
        le=2,
    )
    holding_relief: Steps = described(
        "Years for which these classes have held a stake, and the share of the tax on its gain not raised from then on.",
        "上述类别的持有年限，以及达到该年限后收益税的免征比例。",
        "list of pairs",
    )
    investment_credit_share: float = described(
        "Share of what these classes' private partners invest that the tax office pays back at once.",
        "上述类别的社会出资在投资时即由税务部门抵免返还的比例。",
        "share",
        ge=0,
        le=0.9,
    )
    loss_relief_rate: float = described(
        "Rate at which these classes' losses, less the credit, save tax on other income.",
        "上述类别的投资亏损（扣除已抵免部分）用于抵减其他所得税的税率。",
        "share",
        ge=0,
        le=0.9,
    )
    company_tax_rate: float = described("Tax on companies' income.", "企业所得税税率。", "share", ge=0, lt=1)
    super_deduction_share: float = described(
        "What may be deducted for research and development beyond its cost, over that cost.",
        "研发费用在据实扣除之外加计扣除的比例。",
        "share",
        ge=0,
        le=4,
    )
    refunded_share: float = described(
        "Share of research whose cost, enlarged by the super-deduction, is given up as a loss and paid out in cash.",
        "放弃结转而改为现金返还的研发支出（含加计扣除部分）比例。",
        "share",
        ge=0,
        le=1,
    )
    refund_rate: float = described(
        "Cash paid for it, over that enlarged cost.",
        "现金返还额与该（含加计）支出之比。",
        "share",
        ge=0,
        le=0.3,
    )
    relabelled_share: float = described(
        "Share of the research that firms declare which is other cost by another name.",
        "企业申报的研发支出中由其他支出改列的比例。",
        "share",
        ge=0,
        le=0.9,
    )
    research_elasticity: float = described(
        "Per cent more research, real and relabelled, for each per cent by which what is paid out makes it cheaper.",
        "现金返还使研发成本每降低1%，研发支出（含改列部分）增加的百分比。",
        "elasticity",
        ge=0,
        le=3,
    )
    research_worth: float = described(
        "Rise of a company's exit value with each doubling of its research.",
        "研发支出每翻一番，企业退出价值的增幅。",
        "share",
        ge=0,
        le=1,
    )
    carry_forward_years: int = described(
        "Years for which a loss, enlarged by the super-deduction, may be set off against later income.",
        "亏损（含加计扣除形成的部分）可向以后年度结转弥补的年数。",
        "years",
        ge=1,
        le=20,
    )
    holiday_years: int = described(
        "Years from its first income on, after its exit, in which a company pays no income tax.",
        "企业退出后自取得收入起免征所得税的年数。",
        "years",
        ge=0,
        le=20,
    )
    reduced_years: int = described(
        "Years behind these in which it pays the reduced rate.",
        "免税期满后按优惠税率征收的年数。",
        "years",
        ge=0,
        le=20,
    )
    reduced_rate: float = described(
        "Tax on companies' income in these years; the usual rate, if that is lower.",
        "上述年份的企业所得税优惠税率（高于一般税率时按一般税率）。",
        "share",
        ge=0,
        lt=1,
    )
    earnings_yield: float = described(
        "Taxable income a year of a company that has been sold or listed, over what was paid for it.",
        "企业上市或出售后每年应税所得与成交价值之比。",
        "rate a year",
        ge=0,
        le=0.5,
    )
    transferable_share: float = described(
        "Share of unused deductions that survive a trade sale.",
        "并购出售后仍可继续使用的未抵扣额比例。",
        "share",
        ge=0,
        le=1,
    )
