"""The life of an authorised query (SM-10): what may follow what, who may do it, and which clause says so.

四（三）names conditions and a procedure and puts both in a document that is not at hand; a step rests on the reading
AMB-23. Buttons, the diagram in the documents and the tests are read from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role


class State(StrEnum):
    """Where a query stands; one that is NEW is in no table yet."""

    NEW = "new"
    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"


STATE_TITLES: Mapping[State, str] = {
    State.NEW: "尚未申请",
    State.APPLIED: "待审批",
    State.GRANTED: "已批准",
    State.REFUSED: "未批准",
    State.REVOKED: "已收回",
    State.EXPIRED: "已到期",
}


class Place(StrEnum):
    """For whom a person must act to take a step."""

    APPLICANT = "applicant"  # anybody, on the public site
    JURISDICTION = "jurisdiction"  # the department of the agency's place, of its city, or the province
    CLOCK = "clock"


PLACE_TITLES: Mapping[Place, str] = {
    Place.APPLICANT: "申请人",
    Place.JURISDICTION: "对该机构有管辖权的主管部门或者省住建厅",
    Place.CLOCK: "平台",
}


class StepRefused(ActRefused):
    """The table does not allow this step to this person now; the message says which clause gives it to whom."""


@dataclass(frozen=True)
class Step:
    """One row of the table."""

    verb: str
    title: str
    before: State
    to: State
    roles: frozenset[Role]
    place: Place
    clause: str
    asks: tuple[str, ...] = ()


DECIDING = frozenset({Role.REVIEWER, Role.DEPARTMENT_HEAD})

STEPS: tuple[Step, ...] = (
    Step(
        "apply_for_query", "申请授权查询", State.NEW, State.APPLIED, frozenset({Role.CITIZEN}), Place.APPLICANT,
        "四(三)", asks=("identity", "purpose", "basis", "agency", "codes", "days", "papers"),
    ),
    Step(
        "grant_query", "批准查询", State.APPLIED, State.GRANTED, DECIDING, Place.JURISDICTION, "四(三)",
        asks=("codes", "days"),
    ),
    Step(
        "refuse_query", "不予批准", State.APPLIED, State.REFUSED, DECIDING, Place.JURISDICTION, "四(三)",
        asks=("reason",),
    ),
    Step(
        "revoke_query", "收回授权", State.GRANTED, State.REVOKED, DECIDING, Place.JURISDICTION, "AMB-23",
        asks=("reason",),
    ),
    Step(
        "expire_query", "授权到期", State.GRANTED, State.EXPIRED, frozenset({Role.SYSTEM}), Place.CLOCK, "AMB-23",
    ),
)  # fmt: skip
STEP_BY_VERB: Mapping[str, Step] = {step.verb: step for step in STEPS}


@dataclass(frozen=True)
class Standing:
    """What the table must know of a query and of the person asking, as plain values."""

    state: State
    role: Role
    at: frozenset[Place]


def open_steps(standing: Standing) -> Iterator[Step]:
    """The steps this person may take on the query now, in the order of the table."""
    for step in STEPS:
        if standing.state is step.before and _obstacle(step, standing) is None:
            yield step


def find_step(verb: str, standing: Standing) -> Step:
    """The row for `verb`; StepRefused says which clause leaves it to whom."""
    step = STEP_BY_VERB.get(verb)
    if step is None:
        raise StepRefused(f"没有名为“{verb}”的查询步骤。")
    if standing.state is not step.before:
        raise StepRefused(
            f"不能{step.title}：这份申请现为“{STATE_TITLES[standing.state]}”，"
            f"只有“{STATE_TITLES[step.before]}”时才可以（{step.clause}）。"
        )
    if obstacle := _obstacle(step, standing):
        raise StepRefused(f"不能{step.title}：{obstacle}（{step.clause}）。")
    return step


def _obstacle(step: Step, standing: Standing) -> str | None:
    if standing.role not in step.roles:
        who = "、".join(sorted(role.title for role in step.roles))
        return f"须由{who}办理，您现在的身份是{standing.role.title}"
    if step.place not in standing.at:
        return f"须由{PLACE_TITLES[step.place]}办理"
    return None
