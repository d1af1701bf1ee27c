"""The life of a supervision order (督办, SM-17): what may follow what, and who does it. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass

from fangxin.organisations.refusals import ActRefused

STATES: Mapping[str, str] = {
    "issued": "已发出", "acknowledged": "已签收", "answered": "已答复", "closed": "已办结",
}  # fmt: skip


@dataclass(frozen=True)
class OrderStep:
    """One row: verb, title, from, to, who, clause."""

    verb: str
    title: str
    before: frozenset[str]
    after: str
    who: str
    clause: str = "二(七)"


STEPS: tuple[OrderStep, ...] = (
    OrderStep("acknowledge", "签收督办", frozenset({"issued"}), "acknowledged", "被督办的部门或企业"),
    OrderStep("answer", "答复督办", frozenset({"issued", "acknowledged"}), "answered", "被督办的部门或企业"),
    OrderStep("close", "办结督办", frozenset({"answered"}), "closed", "城研中心"),
    OrderStep("return", "退回再答复", frozenset({"answered"}), "acknowledged", "城研中心"),
)
# While an answer is owed.
UNANSWERED = next(row.before for row in STEPS if row.verb == "answer")


def supervision_step(verb: str, state: str) -> OrderStep:
    """The row for `verb` in that state; ActRefused says what must come first."""
    step = next(row for row in STEPS if row.verb == verb)
    if state not in step.before:
        wanted = "、".join(title for key, title in STATES.items() if key in step.before)
        raise ActRefused(
            f"不能{step.title}：现为“{STATES[state]}”，须为“{wanted}”（{step.clause}）。", "order"
        )
    return step
