"""The life of a case: what may follow what, who may do it, and which clause says so.

Clauses are those of the Beijing procedure. A step no clause allows is not in the table, and
`find_step` refuses it. Buttons, the API's actions, the diagram in the documents and the property
tests are all read from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role


class Status(StrEnum):
    """Where a case stands."""

    REGISTERED = "registered"
    AT_HUB = "at_hub"
    DISPATCHED = "dispatched"
    RETURN_PROPOSED = "return_proposed"
    REFUSAL_PROPOSED = "refusal_proposed"
    INVESTIGATING = "investigating"
    AWAITING_ORDER = "awaiting_order"
    RECTIFYING = "rectifying"
    AWAITING_TELLING = "awaiting_telling"
    HANDLED = "handled"
    CLOSED = "closed"
    REFUSED = "refused"


STATUS_TITLES: Mapping[Status, str] = {
    Status.REGISTERED: "待分件",
    Status.AT_HUB: "待物导中心分派",
    Status.DISPATCHED: "待受理",
    Status.RETURN_PROPOSED: "回退待批",
    Status.REFUSAL_PROPOSED: "不予受理待批",
    Status.INVESTIGATING: "调查处理",
    Status.AWAITING_ORDER: "待责令整改",
    Status.RECTIFYING: "整改中",
    Status.AWAITING_TELLING: "待告知投诉人",
    Status.HANDLED: "办结待回访",
    Status.CLOSED: "已归档",
    Status.REFUSED: "不予受理",
}

ENDED = frozenset({Status.CLOSED, Status.REFUSED})

# The boxes of the flow chart (BJ-1) and the statuses that stand in each.
STAGES: tuple[tuple[str, frozenset[Status]], ...] = (
    (
        "案件分派",
        frozenset({Status.REGISTERED, Status.AT_HUB, Status.DISPATCHED, Status.RETURN_PROPOSED,
                   Status.REFUSAL_PROPOSED}),
    ),
    ("企业回复、调查处理", frozenset({Status.INVESTIGATING})),
    ("责令整改、依法查处", frozenset({Status.AWAITING_ORDER, Status.RECTIFYING})),
    ("告知投诉人", frozenset({Status.AWAITING_TELLING})),
    ("督办、回访", frozenset({Status.HANDLED})),
    ("归档", frozenset({Status.CLOSED, Status.REFUSED})),
)  # fmt: skip


class Place(StrEnum):
    """In which body a person must stand to take a step."""

    SORTING = "sorting"  # the body in whose queue the case lies unsorted
    HANDLING = "handling"  # the department the case was sent to
    OFFICER = "officer"  # the department's case officer named on this case
    CENTRE = "centre"  # 城研中心, over every case
    DIVISION = "division"  # the competent city department to which the delay was reported


@dataclass(frozen=True)
class Step:
    """One row of the table. `to` maps what was chosen to the status that follows; "" when there is no choice."""

    verb: str
    title: str
    before: frozenset[Status]
    to: Mapping[str, Status]
    roles: frozenset[Role]
    place: Place
    clause: str
    asks: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    not_by_the_proposer: bool = False
    only_if_dissatisfied: bool = False
    # Whether somebody must, or must not, be waiting for more days.
    while_extension_asked: bool | None = None
    only_if_overdue: bool = False
    # May be taken although the delay has neither been explained nor reported yet (二(七)).
    before_explanation: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)


S = Status

# What leaves an accepted case where it stands.
_STAYS: Mapping[str, Status] = {
    status.value: status for status in (S.INVESTIGATING, S.AWAITING_ORDER, S.RECTIFYING, S.AWAITING_TELLING)
}
# From the sending until the call-back is done: what 城研中心 can have answered for.
_ON_THE_WAY = frozenset(
    {S.DISPATCHED, S.INVESTIGATING, S.AWAITING_ORDER, S.RECTIFYING, S.AWAITING_TELLING, S.HANDLED}
)
_STAYS_ON_THE_WAY: Mapping[str, Status] = {status.value: status for status in Status if status in _ON_THE_WAY}
_DEPARTMENT = frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER, Role.DEPARTMENT_HEAD})

STEPS: tuple[Step, ...] = (
    Step(
        "dispatch_case", "分件", frozenset({S.REGISTERED}),
        {"department": S.DISPATCHED, "hub": S.AT_HUB, "centre": S.REGISTERED},
        frozenset({Role.DISPATCHER}), Place.SORTING, "二(二)",
        asks=("link", "district"),
        choices={"department": "分至经办部门", "hub": "经物业指导中心", "centre": "转城研中心分件"},
    ),
    Step(
        "forward_from_hub", "物导中心再分派", frozenset({S.AT_HUB}), {"": S.DISPATCHED},
        frozenset({Role.DISPATCHER}), Place.SORTING, "二(二)(5)", asks=("district",),
    ),
    Step(
        "accept_case", "受理", frozenset({S.DISPATCHED}), {"": S.INVESTIGATING},
        frozenset({Role.DEPARTMENT_CLERK}), Place.HANDLING, "二(三)",
        asks=("officer", "summary", "points", "respondents"),
        starts=("company_reply", "handling_opinion"),
    ),
    Step(
        "reassign_officer", "改派经办人",
        frozenset({S.INVESTIGATING, S.AWAITING_ORDER, S.RECTIFYING, S.AWAITING_TELLING}),
        _STAYS, frozenset({Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD}), Place.HANDLING, "二(三)",
        asks=("officer", "reason"), before_explanation=True,
    ),
    Step(
        "explain_delay", "注明逾期理由", frozenset({S.INVESTIGATING}), {"": S.INVESTIGATING},
        _DEPARTMENT, Place.HANDLING, "二(七)",
        asks=("reason",), only_if_overdue=True, before_explanation=True,
    ),
    Step(
        "report_delay", "上报主管部门", frozenset({S.INVESTIGATING}), {"": S.INVESTIGATING},
        _DEPARTMENT, Place.HANDLING, "二(七)",
        asks=("reason",), only_if_overdue=True, before_explanation=True,
    ),
    Step(
        "urge_department", "督促、协调经办部门", frozenset({S.INVESTIGATING}),
        {"urge": S.INVESTIGATING, "coordinate": S.INVESTIGATING},
        _DEPARTMENT, Place.DIVISION, "二(七)",
        asks=("kind", "channel", "addressee", "text"), before_explanation=True,
        choices={"urge": "督促", "coordinate": "协调"},
    ),
    Step(
        "ask_extension", "申请延期", frozenset({S.INVESTIGATING}), {"": S.INVESTIGATING},
        frozenset({Role.CASE_OFFICER}), Place.OFFICER, "二(六)",
        asks=("until", "reason"), while_extension_asked=False,
    ),
    Step(
        "decide_extension", "审批延期", frozenset({S.INVESTIGATING}),
        {"approved": S.INVESTIGATING, "refused": S.INVESTIGATING},
        frozenset({Role.DEPARTMENT_HEAD}), Place.HANDLING, "二(六)",
        asks=("result", "opinion"), not_by_the_proposer=True, while_extension_asked=True,
        before_explanation=True, choices={"approved": "同意延期", "refused": "不同意延期"},
    ),
    Step(
        "urge_company", "催办企业", frozenset({S.INVESTIGATING, S.RECTIFYING}),
        {"investigating": S.INVESTIGATING, "rectifying": S.RECTIFYING},
        frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}), Place.HANDLING, "二(五)",
        asks=("company", "channel", "addressee", "text"),
    ),
    Step(
        "record_answer", "登记催办答复", frozenset({S.INVESTIGATING, S.RECTIFYING}),
        {"investigating": S.INVESTIGATING, "rectifying": S.RECTIFYING},
        frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}), Place.HANDLING, "二(五)",
        asks=("urging", "answer"), before_explanation=True,
    ),
    Step(
        "propose_return", "拟回退", frozenset({S.DISPATCHED, S.INVESTIGATING}), {"": S.RETURN_PROPOSED},
        frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}), Place.HANDLING, "二(三)",
        asks=("reason_code", "reason"),
    ),
    Step(
        "approve_return", "批准回退", frozenset({S.RETURN_PROPOSED}),
        {"registered": S.REGISTERED, "at_hub": S.AT_HUB},
        frozenset({Role.DEPARTMENT_HEAD}), Place.HANDLING, "二(三)", asks=("opinion",),
        not_by_the_proposer=True,
    ),
    Step(
        "propose_refusal", "拟不予受理", frozenset({S.DISPATCHED, S.INVESTIGATING}),
        {"": S.REFUSAL_PROPOSED},
        frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}), Place.HANDLING, "二(三)",
        asks=("reason_code", "reason"),
    ),
    Step(
        "approve_refusal", "批准不予受理", frozenset({S.REFUSAL_PROPOSED}), {"": S.REFUSED},
        frozenset({Role.DEPARTMENT_HEAD}), Place.HANDLING, "二(三)", asks=("opinion",),
        not_by_the_proposer=True,
    ),
    Step(
        "reject_proposal", "不同意，继续办理", frozenset({S.RETURN_PROPOSED, S.REFUSAL_PROPOSED}),
        {"dispatched": S.DISPATCHED, "investigating": S.INVESTIGATING},
        frozenset({Role.DEPARTMENT_HEAD}), Place.HANDLING, "二(三)", asks=("opinion",),
        not_by_the_proposer=True,
    ),
    Step(
        "reopen_refused", "恢复不予受理的案件", frozenset({S.REFUSED}), {"": S.REGISTERED},
        frozenset({Role.DISPATCHER}), Place.CENTRE, "二(七)", asks=("reason",),
    ),
    Step(
        "tell_company", "复印、传真告知企业", frozenset({S.INVESTIGATING}), {"": S.INVESTIGATING},
        frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}), Place.HANDLING, "二(五)",
        asks=("company", "channel", "number", "time", "proof"), starts=("offline_reply",),
    ),
    Step(
        "register_reply", "登记书面回复", frozenset({S.INVESTIGATING}), {"": S.INVESTIGATING},
        frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}), Place.HANDLING, "二(五)",
        asks=("company", "answers", "plan", "received_on", "scan"),
        starts=("offline_rectification",), meets=("offline_reply",),
    ),
    Step(
        "ask_again", "退回补充回复", frozenset({S.INVESTIGATING}), {"": S.INVESTIGATING},
        frozenset({Role.CASE_OFFICER}), Place.OFFICER, "二(五)",
        asks=("company", "points", "reason"), starts=("company_reply", "offline_reply"),
    ),
    Step(
        "record_rectification", "登记自行整改",
        frozenset({S.INVESTIGATING, S.AWAITING_ORDER, S.RECTIFYING, S.AWAITING_TELLING, S.HANDLED}),
        {**_STAYS, "handled": S.HANDLED}, frozenset({Role.CASE_OFFICER}), Place.OFFICER, "二(五)",
        asks=("company", "text", "done_on", "proof"), meets=("offline_rectification",),
    ),
    Step(
        "submit_opinion", "提出处理意见", frozenset({S.INVESTIGATING}),
        {"answered": S.AWAITING_TELLING, "civil_dispute": S.AWAITING_TELLING,
         "violation": S.AWAITING_ORDER},
        frozenset({Role.CASE_OFFICER}), Place.OFFICER, "二(六)",
        asks=("outcome", "findings", "legal_basis", "text"), meets=("handling_opinion",),
        choices={"answered": "答复合规，未发现违法违规", "civil_dispute": "民事纠纷，无法判定责任",
                 "violation": "存在违法违规行为"},
    ),
    Step(
        "order_rectification", "责令整改", frozenset({S.AWAITING_ORDER}), {"": S.RECTIFYING},
        frozenset({Role.DEPARTMENT_HEAD}), Place.HANDLING, "二(六)3",
        asks=("companies", "requirements", "served_on"), starts=("ordered_rectification",),
        not_by_the_proposer=True,
    ),
    Step(
        "register_report", "登记书面整改材料", frozenset({S.RECTIFYING}), {"": S.RECTIFYING},
        frozenset({Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}), Place.HANDLING, "二(六)3",
        asks=("company", "kind", "text", "received_on", "scan"), meets=("ordered_rectification",),
    ),
    Step(
        "check_rectification", "验收整改", frozenset({S.RECTIFYING}),
        {"accepted": S.AWAITING_TELLING, "redo": S.RECTIFYING},
        frozenset({Role.CASE_OFFICER}), Place.OFFICER, "二(六)3",
        asks=("result", "opinion"), meets=("ordered_rectification",),
        choices={"accepted": "整改到位", "redo": "尚未到位，继续整改"},
    ),
    Step(
        "tell_complainant", "告知投诉人", frozenset({S.AWAITING_TELLING}), {"": S.HANDLED},
        frozenset({Role.CASE_OFFICER}), Place.OFFICER, "二(六)1",
        asks=("told_how", "text"),
    ),
    Step(
        "record_callback", "回访登记", frozenset({S.HANDLED}),
        {"closed": S.CLOSED, "attempted": S.HANDLED},
        frozenset({Role.SUPERVISOR}), Place.CENTRE, "二(七)",
        asks=("contacted", "solved", "satisfaction", "comment"),
        choices={"closed": "回访完成，归档", "attempted": "未联系上，再次回访"},
    ),
    Step(
        "issue_supervision", "督办", _ON_THE_WAY, _STAYS_ON_THE_WAY,
        frozenset({Role.SUPERVISOR}), Place.CENTRE, "二(七)",
        asks=("whom", "text"), starts=("supervision_answer",), before_explanation=True,
    ),
    Step(
        "acknowledge_supervision", "签收督办", _ON_THE_WAY, _STAYS_ON_THE_WAY, _DEPARTMENT, Place.HANDLING, "二(七)",
        asks=("order",), before_explanation=True,
    ),
    Step(
        "answer_supervision", "答复督办", _ON_THE_WAY, _STAYS_ON_THE_WAY, _DEPARTMENT, Place.HANDLING, "二(七)",
        asks=("order", "answer"), meets=("supervision_answer",), before_explanation=True,
    ),
    Step(
        "close_supervision", "办结督办", _ON_THE_WAY, _STAYS_ON_THE_WAY,
        frozenset({Role.SUPERVISOR}), Place.CENTRE, "二(七)",
        asks=("order", "result", "opinion"), before_explanation=True,
    ),
    Step(
        "reopen_case", "回访不满意，重新办理", frozenset({S.CLOSED}), {"": S.INVESTIGATING},
        frozenset({Role.SUPERVISOR}), Place.CENTRE, "二(七)", asks=("reason",),
        starts=("handling_opinion",), only_if_dissatisfied=True,
    ),
)  # fmt: skip

STEP_BY_VERB: Mapping[str, Step] = {step.verb: step for step in STEPS}


class StepRefused(ActRefused):
    """The table has no such step here; the message tells the officer what stands in the way."""


@dataclass(frozen=True)
class Standing:
    """What the table must know of a case and of the person asking, as plain values."""

    status: Status
    role: Role
    at: frozenset[Place]
    is_the_proposer: bool = False
    is_dissatisfied: bool = False
    is_extension_asked: bool = False
    is_overdue: bool = False
    is_delay_explained: bool = False


def open_steps(standing: Standing) -> Iterator[Step]:
    """The steps this person may take on the case now, in the order of the table."""
    for step in STEPS:
        if standing.status in step.before and _obstacle(step, standing) is None:
            yield step


def find_step(verb: str, standing: Standing, choice: str = "") -> tuple[Step, Status]:
    """The row for `verb` and the status it leads to; StepRefused says which clause leaves it to whom."""
    step = STEP_BY_VERB.get(verb)
    if step is None:
        raise StepRefused(f"没有名为“{verb}”的办理步骤。")
    if standing.status not in step.before:
        wanted = "、".join(STATUS_TITLES[s] for s in STATUS_TITLES if s in step.before)
        raise StepRefused(
            f"不能{step.title}：案件现为“{STATUS_TITLES[standing.status]}”，只有“{wanted}”时才可以（{step.clause}）。"
        )
    if obstacle := _obstacle(step, standing):
        raise StepRefused(f"不能{step.title}：{obstacle}（{step.clause}）。")
    if choice not in step.to:
        raise StepRefused(f"不能{step.title}：请在“{'、'.join(step.choices.values()) or '默认'}”中选择一项。")
    return step, step.to[choice]


@dataclass(frozen=True)
class Days:
    """How a case stands towards its days: what makes a step possible or owed, whoever takes it."""

    status: Status
    is_extension_asked: bool
    is_overdue: bool
    is_delay_explained: bool
    is_reported: bool


def is_awaited(step: Step, days: Days) -> bool:
    """Whether somebody could take the step now, whoever it is."""
    if days.status not in step.before or step.while_extension_asked not in {None, days.is_extension_asked}:
        return False
    if step.place is Place.DIVISION and not days.is_reported:
        return False
    if step.only_if_overdue and (not days.is_overdue or days.is_delay_explained):
        return False
    owes = days.is_overdue and not days.is_delay_explained and days.status is Status.INVESTIGATING
    return step.before_explanation or not owes


def stage_of(status: Status) -> int:
    """The place of a status in the flow chart, counted from 0."""
    return next(i for i, (_, members) in enumerate(STAGES) if status in members)


_PLACE_TITLES = {
    Place.SORTING: "本案现在所在的分件部门",
    Place.HANDLING: "本案经办部门",
    Place.OFFICER: "本案经办人本人",
    Place.CENTRE: "城研中心",
    Place.DIVISION: "案件上报的市级主管部门",
}


def _obstacle(step: Step, standing: Standing) -> str | None:
    if standing.role not in step.roles:
        who = "、".join(sorted(role.title for role in step.roles))
        return f"须由{who}办理，您现在的身份是{standing.role.title}"
    if step.place not in standing.at:
        return f"须由{_PLACE_TITLES[step.place]}办理"
    if step.not_by_the_proposer and standing.is_the_proposer:
        return "批准人不得是提出人本人"
    if step.only_if_dissatisfied and not standing.is_dissatisfied:
        return "只有投诉人在回访中答“不满意”的才重新办理"
    return _obstacle_of_days(step, standing)


def _obstacle_of_days(step: Step, standing: Standing) -> str | None:
    if step.while_extension_asked not in {None, standing.is_extension_asked}:
        return "没有等待审批的延期申请" if step.while_extension_asked else "已有一份延期申请在等待审批"
    if step.only_if_overdue and not standing.is_overdue:
        return "案件没有逾期"
    if step.only_if_overdue and standing.is_delay_explained:
        return "这次逾期已经说明或者上报"
    owes = standing.is_overdue and not standing.is_delay_explained
    if owes and standing.status is Status.INVESTIGATING and not step.before_explanation:
        return "处理意见已逾期，须先注明理由或者上报主管部门（二(七)），之后才能继续办理"
    return None
