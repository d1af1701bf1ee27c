"""The life of an order to rectify (SM-05a) and of a joint investigation (SM-03): what may follow what, by whom, by which clause."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fangxin.organisations.process import NEW, Process, Step
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role


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


# Where a person stands towards a sheet of joint investigation.
OFFICER, SENDER, REGISTRY, ASKED = "officer", "sender", "registry", "asked"
DRAFTER = "drafter"
AT_WORK = frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER, Role.DEPARTMENT_HEAD})
CLERKS = frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER})
# Heads and clerks of the city's own divisions, to which no case is sent, answer as well.
ANSWERING = AT_WORK | {Role.DISPATCHER, Role.SUPERVISOR, Role.INTAKE_CLERK}
OUT = frozenset({"sent", "received"})


def _one(role: Role) -> frozenset[Role]:
    return frozenset({role})


INQUIRY = Process(
    name="inquiry",
    matter="这份协查",
    states={
        NEW: "尚未发起",
        "draft": "拟稿",
        "awaiting_opinion": "待签处室意见",
        "sent": "已发出",
        "received": "协查单位已收到",
        "answered": "已答复",
        "declined": "不予协查",
        "recalled": "已撤回",
        "dropped": "未发出",
        "closed": "已归卷",
    },
    places={
        OFFICER: "本案经办人本人",
        SENDER: "发送单位",
        REGISTRY: "发送单位（委外协查，据来文登记）",
        ASKED: "协查部门",
    },
    barred={DRAFTER: "签署处室意见的不得是拟稿人本人"},
    steps=(
        Step("draft_inquiry", "发起协查", frozenset({NEW}), {"": "draft"}, _one(Role.CASE_OFFICER), OFFICER, "二(六)4",
             asks=("asked_body", "cells")),
        Step("revise_inquiry", "修改协查", frozenset({"draft"}), {"": "draft"}, _one(Role.CASE_OFFICER), OFFICER,
             "二(六)4", asks=("cells",)),
        Step("submit_inquiry", "送签处室意见", frozenset({"draft"}), {"": "awaiting_opinion"}, _one(Role.CASE_OFFICER),
             OFFICER, "附件1"),
        Step("drop_inquiry", "不再发起", frozenset({"draft"}), {"": "dropped"}, _one(Role.CASE_OFFICER), OFFICER,
             "二(六)4", asks=("reason",)),
        Step("sign_inquiry", "签署并发出", frozenset({"awaiting_opinion"}), {"": "sent"}, _one(Role.DEPARTMENT_HEAD),
             SENDER, "二(六)4", asks=("opinion", "names_complainant"), barred=DRAFTER),
        Step("send_back_inquiry", "退回修改", frozenset({"awaiting_opinion"}), {"": "draft"}, _one(Role.DEPARTMENT_HEAD),
             SENDER, "二(六)4", asks=("reason",), barred=DRAFTER),
        Step("receive_inquiry", "确认收到", frozenset({"sent"}), {"": "received"}, ANSWERING, ASKED, "二(六)4"),
        Step("register_dispatch", "登记送达", frozenset({"sent"}), {"": "received"}, CLERKS, REGISTRY, "二(六)4",
             asks=("served_how", "served_on")),
        Step("answer_inquiry", "反馈协查意见", OUT, {"": "answered"}, ANSWERING, ASKED, "二(六)4", asks=("text",)),
        Step("register_answer", "登记书面反馈", OUT, {"": "answered"}, CLERKS, REGISTRY, "二(六)4",
             asks=("text", "answered_on", "scan")),
        Step("decline_inquiry", "不予协查", OUT, {"": "declined"}, ANSWERING, ASKED, "二(六)4", asks=("reason",)),
        Step("register_decline", "登记不予协查", OUT, {"": "declined"}, CLERKS, REGISTRY, "二(六)4",
             asks=("reason", "answered_on", "scan")),
        Step("ask_more", "请补充协查", frozenset({"answered"}), {"": "received"}, _one(Role.CASE_OFFICER), OFFICER,
             "二(六)4", asks=("reason",)),
        Step("recall_inquiry", "撤回协查", OUT, {"": "recalled"}, frozenset({Role.CASE_OFFICER, Role.DEPARTMENT_HEAD}),
             SENDER, "二(六)4", asks=("reason",)),
        Step("close_inquiry", "归入案卷", frozenset({"answered", "declined"}), {"": "closed"}, _one(Role.CASE_OFFICER),
             OFFICER, "二(六)4"),
    ),
)  # fmt: skip
