"""The life of a declaration (SM-06): what may follow what, who may do it, and which clause says so.

Clauses are those of the Fujian plan; a step it does not name carries the reading of `interpretations.md` it rests
on. Buttons, the diagram in the documents and the property tests are read from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role


class State(StrEnum):
    """Where a declaration stands; one that is NEW is in no table yet."""

    NEW = "new"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PRE_CHECKED = "pre_checked"
    AWAITING_CITY = "awaiting_city"
    RETURNED = "returned"
    APPROVED = "approved"


STATE_TITLES: Mapping[State, str] = {
    State.NEW: "尚未开始",
    State.DRAFT: "填报中",
    State.SUBMITTED: "待审核",
    State.PRE_CHECKED: "已预审，待审核",
    State.AWAITING_CITY: "待市级复核",
    State.RETURNED: "退回补正",
    State.APPROVED: "审核通过",
}
OPEN = frozenset(State) - {State.NEW, State.APPROVED}
WITH_THE_AGENCY = frozenset({State.DRAFT, State.RETURNED})
UNDER_REVIEW = OPEN - WITH_THE_AGENCY


class Place(StrEnum):
    """For whom a person must act to take a step."""

    AGENCY = "agency"  # the agency that declares
    COMMITTEE = "committee"  # the association's committee, over the whole province
    REVIEWING = "reviewing"  # the department of the agency's place
    CITY = "city"  # the department of its city, where a second step is set
    FILING = "filing"  # the department of its city, which gives the opinion on the filing (J8-04)


PLACE_TITLES: Mapping[Place, str] = {
    Place.AGENCY: "申报机构",
    Place.COMMITTEE: "估价与经纪委员会",
    Place.REVIEWING: "机构所在地的主管部门",
    Place.CITY: "机构所在市的主管部门",
    Place.FILING: "机构所在市（地）主管部门",
}


class StepRefused(ActRefused):
    """The table does not allow this step to this person now; the message says which clause gives it to whom."""


@dataclass(frozen=True)
class Step:
    """One row of the table. `to` maps what was chosen to the state that follows; "" when there is no choice."""

    verb: str
    title: str
    before: frozenset[State]
    to: Mapping[str, State]
    roles: frozenset[Role]
    place: Place
    clause: str
    asks: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)


S = State

STEPS: tuple[Step, ...] = (
    Step(
        "begin_declaration", "开始填报", frozenset({S.NEW}), {"": S.DRAFT},
        frozenset({Role.COMPANY_USER}), Place.AGENCY, "二(二)",
    ),
    Step(
        "propose_change", "起草情况变动", frozenset({S.NEW}), {"": S.SUBMITTED},
        frozenset({Role.PRECHECKER}), Place.COMMITTEE, "四(二)", asks=("reason", "evidence"),
    ),
    Step(
        "record_change", "记入情况变动", frozenset({S.NEW}), {"": S.APPROVED},
        frozenset({Role.REVIEWER}), Place.REVIEWING, "四(二)", asks=("reason", "evidence"),
    ),
    Step(
        "give_filing_opinion", "填写备案意见", frozenset({S.NEW}), {"": S.APPROVED},
        frozenset({Role.REVIEWER}), Place.FILING, "附件1 J8-04", asks=("opinion",),
    ),
    Step(
        "submit_declaration", "提交申报", frozenset({S.DRAFT}), {"": S.SUBMITTED},
        frozenset({Role.COMPANY_USER}), Place.AGENCY, "二(二)", asks=("truth",),
    ),
    Step(
        "recall_declaration", "撤回申报", frozenset({S.SUBMITTED, S.PRE_CHECKED}), {"": S.DRAFT},
        frozenset({Role.COMPANY_USER}), Place.AGENCY, "AMB-39",
    ),
    Step(
        "precheck_declaration", "预审", frozenset({S.SUBMITTED}), {"": S.PRE_CHECKED},
        frozenset({Role.PRECHECKER}), Place.COMMITTEE, "四(五)", asks=("opinion",),
    ),
    Step(
        "approve_declaration", "审核通过", frozenset({S.SUBMITTED, S.PRE_CHECKED}),
        {"": S.APPROVED, "city": S.AWAITING_CITY},
        frozenset({Role.REVIEWER}), Place.REVIEWING, "二(二)", asks=("opinion",),
    ),
    Step(
        "confirm_declaration", "市级复核通过", frozenset({S.AWAITING_CITY}), {"": S.APPROVED},
        frozenset({Role.REVIEWER}), Place.CITY, "二(二)", asks=("opinion",),
    ),
    Step(
        "return_declaration", "退回补正", frozenset({S.SUBMITTED, S.PRE_CHECKED}), {"": S.RETURNED},
        frozenset({Role.REVIEWER}), Place.REVIEWING, "二(二)", asks=("reasons",),
    ),
    Step(
        "return_from_city", "市级退回补正", frozenset({S.AWAITING_CITY}), {"": S.RETURNED},
        frozenset({Role.REVIEWER}), Place.CITY, "二(二)", asks=("reasons",),
    ),
    Step(
        "correct_declaration", "补正", frozenset({S.RETURNED}), {"": S.DRAFT},
        frozenset({Role.COMPANY_USER}), Place.AGENCY, "AMB-39",
    ),
)  # fmt: skip
STEP_BY_VERB: Mapping[str, Step] = {step.verb: step for step in STEPS}


class AgencyStanding(StrEnum):
    """Whether an agency is in business, has gone, or went into another."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    MERGED = "merged"


AGENCY_TITLES: Mapping[AgencyStanding, str] = {
    AgencyStanding.ACTIVE: "在业",
    AgencyStanding.CANCELLED: "已注销",
    AgencyStanding.MERGED: "已合并",
}


@dataclass(frozen=True)
class AgencyStep:
    """One row of the table of what is recorded of an agency itself, without a declaration."""

    verb: str
    title: str
    before: frozenset[AgencyStanding]
    after: AgencyStanding
    roles: frozenset[Role]
    place: Place
    clause: str
    asks: tuple[str, ...] = ()


A = AgencyStanding

AGENCY_STEPS: tuple[AgencyStep, ...] = (
    AgencyStep(
        "merge_agency", "记入合并", frozenset({A.ACTIVE, A.CANCELLED}), A.MERGED,
        frozenset({Role.REVIEWER}), Place.REVIEWING, "四(二)", asks=("into", "reason", "evidence"),
    ),
    AgencyStep(
        "set_head_office", "记入总机构", frozenset({A.ACTIVE}), A.ACTIVE,
        frozenset({Role.REVIEWER}), Place.REVIEWING, "四(二)", asks=("head_office", "reason"),
    ),
)  # fmt: skip
AGENCY_STEP_BY_VERB: Mapping[str, AgencyStep] = {step.verb: step for step in AGENCY_STEPS}


@dataclass(frozen=True)
class Standing:
    """What the table must know of a declaration and of the person asking, as plain values."""

    state: State
    role: Role
    at: frozenset[Place]


def open_steps(standing: Standing) -> Iterator[Step]:
    """The steps this person may take on the declaration now, in the order of the table."""
    for step in STEPS:
        if standing.state in step.before and _obstacle(step, standing) is None:
            yield step


def find_step(verb: str, standing: Standing, choice: str = "") -> tuple[Step, State]:
    """The row for `verb` and the state it leads to; StepRefused says which clause leaves it to whom."""
    step = STEP_BY_VERB.get(verb)
    if step is None:
        raise StepRefused(f"没有名为“{verb}”的申报步骤。")
    if standing.state not in step.before:
        wanted = "、".join(STATE_TITLES[state] for state in STATE_TITLES if state in step.before)
        raise StepRefused(
            f"不能{step.title}：申报现为“{STATE_TITLES[standing.state]}”，只有“{wanted}”时才可以（{step.clause}）。"
        )
    if obstacle := _obstacle(step, standing):
        raise StepRefused(f"不能{step.title}：{obstacle}（{step.clause}）。")
    if choice not in step.to:
        raise StepRefused(f"不能{step.title}：没有“{choice}”这种结果。")
    return step, step.to[choice]


def open_agency_steps(now: AgencyStanding, role: Role, at: frozenset[Place]) -> Iterator[AgencyStep]:
    """What this person may record of an agency in that standing, in the order of the table."""
    for step in AGENCY_STEPS:
        if now in step.before and _obstacle(step, Standing(State.NEW, role, at)) is None:
            yield step


def find_agency_step(verb: str, now: AgencyStanding, role: Role, at: frozenset[Place]) -> AgencyStep:
    """The row for `verb`; StepRefused says which clause leaves it to whom, and when."""
    step = AGENCY_STEP_BY_VERB.get(verb)
    if step is None:
        raise StepRefused(f"没有名为“{verb}”的步骤。")
    if now not in step.before:
        wanted = "、".join(AGENCY_TITLES[one] for one in AGENCY_TITLES if one in step.before)
        raise StepRefused(
            f"不能{step.title}：机构{AGENCY_TITLES[now]}，只有“{wanted}”时才可以（{step.clause}）。"
        )
    if obstacle := _obstacle(step, Standing(State.NEW, role, at)):
        raise StepRefused(f"不能{step.title}：{obstacle}（{step.clause}）。")
    return step


def _obstacle(step: "Step | AgencyStep", standing: Standing) -> str | None:
    if standing.role not in step.roles:
        who = "、".join(sorted(role.title for role in step.roles))
        return f"须由{who}办理，您现在的身份是{standing.role.title}"
    if step.place not in standing.at:
        return f"须由{PLACE_TITLES[step.place]}办理"
    return None
