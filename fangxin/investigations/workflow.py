"""The life of an order to rectify (SM-05a): what may follow what, who may do it, and which clause says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fangxin.organisations.refusals import ActRefused


class OrderState(StrEnum):
    """Where an order stands."""

    ORDERED = "ordered"
    PLANNED = "planned"
    DONE = "done"
    VERIFIED = "verified"


ORDER_TITLES: Mapping[OrderState, str] = {
    OrderState.ORDERED: "已责令整改",
    OrderState.PLANNED: "已报整改方案",
    OrderState.DONE: "已报整改结果",
    OrderState.VERIFIED: "整改到位",
}


@dataclass(frozen=True)
class OrderStep:
    """One row: verb, from, to, who, clause."""

    verb: str
    title: str
    before: frozenset[OrderState]
    after: OrderState
    who: str
    clause: str


O = OrderState  # noqa: E741 - a one-letter name keeps the table a table

ORDER_STEPS: tuple[OrderStep, ...] = (
    OrderStep(
        "hand_in_plan", "上报整改方案", frozenset({O.ORDERED, O.PLANNED}), O.PLANNED, "企业", "二(六)3"
    ),
    OrderStep("hand_in_result", "上报整改结果", frozenset({O.PLANNED, O.DONE}), O.DONE, "企业", "二(六)3"),
    OrderStep("verify", "验收到位", frozenset({O.DONE}), O.VERIFIED, "经办人", "二(六)3"),
    OrderStep("redo", "尚未到位，继续整改", frozenset({O.DONE}), O.PLANNED, "经办人", "二(六)3"),
)


def order_step(verb: str, state: OrderState) -> OrderStep:
    """The row for `verb` in that state; ActRefused says what must come first."""
    step = next((row for row in ORDER_STEPS if row.verb == verb), None)
    if step is None:
        raise ActRefused(f"没有名为“{verb}”的整改步骤。")
    if state not in step.before:
        wanted = "、".join(ORDER_TITLES[s] for s in ORDER_TITLES if s in step.before)
        raise ActRefused(f"不能{step.title}：现为“{ORDER_TITLES[state]}”，须先“{wanted}”（{step.clause}）。")
    return step
