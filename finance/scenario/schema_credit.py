"""Loans of banks to ventures, and who makes good what is lost on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from finance.scenario.schema_base import Frozen, Names, Table, described

#: What stands before the name of a tier where it is an instrument of public accounts.
GUARANTEE = "guarantee"

GuaranteeShare = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="Share of what is lost on a loan that this tier makes good.",
        json_schema_extra={"zh": "该层级对贷款损失的分担比例。", "unit": "share"},
    ),
]


class Credit(Table):
    """Loans beside a round: cash for the stage, repaid with interest out of the next round."""

    stages: Names = described(
        "Stages at which banks lend beside a round; never the last.",
        "银行在融资轮次之外发放贷款的阶段（不能是最后阶段）。",
        "list of names",
        default=(),
    )
    loan_share: float = described(
        "Share of a stage's cash that is lent when its round closes.",
        "轮次完成时由贷款提供的该阶段资金占比。",
        "share",
        default=0.0,
        ge=0,
        le=0.5,
    )
    interest_rate: float = described(
        "Interest that ventures pay, for the planned time of the stage.",
        "企业按阶段计划时间支付的利率。",
        "rate a year",
        default=0.05,
        ge=0,
        le=0.3,
    )
    fee_rate: float = described(
        "Fee of the guarantee, on what is guaranteed.",
        "担保费率，以被担保金额为基数。",
        "rate a year",
        default=0.0,
        ge=0,
        le=0.1,
    )
    guarantee_shares: Annotated[Mapping[str, GuaranteeShare], Frozen] = described(
        "By tier of the guarantee, the share of what is lost on loans that it makes good; banks bear the rest.",
        "按担保层级列出的贷款损失分担比例；其余由银行承担。",
        "share",
        default={},
        validate_default=True,
    )
    claim_cap: float = described(
        "Most that guarantees pay, over all that they have guaranteed; 1 is no limit.",
        "担保代偿上限，占累计担保金额的比例；1 表示不设上限。",
        "share",
        default=1.0,
        ge=0,
        le=1,
    )
