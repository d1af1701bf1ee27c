"""The life of an authorised query (SM-10): what may follow what, who may do it, and which clause says so.

四（三）names conditions and a procedure and puts both in a document that is not at hand; a step rests on the reading
AMB-23. Permission, buttons and refusals are read from here.
"""

from collections.abc import Mapping
from enum import StrEnum

from fangxin.organisations.process import NEW, Process, Step
from fangxin.organisations.roles import Role


class State(StrEnum):
    """Where a query stands."""

    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"


STATE_TITLES: Mapping[str, str] = {
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


PLACE_TITLES: Mapping[str, str] = {
    Place.APPLICANT: "申请人",
    Place.JURISDICTION: "对该机构有管辖权的主管部门或者省住建厅",
    Place.CLOCK: "平台",
}


DECIDING = frozenset({Role.REVIEWER, Role.DEPARTMENT_HEAD})

STEPS: tuple[Step, ...] = (
    Step(
        "apply_for_query", "申请授权查询", frozenset({NEW}), {"": State.APPLIED}, frozenset({Role.CITIZEN}), Place.APPLICANT,
        "四(三)", asks=("identity", "purpose", "basis", "agency", "codes", "days", "papers"),
    ),
    Step(
        "grant_query", "批准查询", frozenset({State.APPLIED}), {"": State.GRANTED}, DECIDING, Place.JURISDICTION, "四(三)",
        asks=("codes", "days"),
    ),
    Step(
        "refuse_query", "不予批准", frozenset({State.APPLIED}), {"": State.REFUSED}, DECIDING, Place.JURISDICTION, "四(三)",
        asks=("reason",),
    ),
    Step(
        "revoke_query", "收回授权", frozenset({State.GRANTED}), {"": State.REVOKED}, DECIDING, Place.JURISDICTION, "AMB-23",
        asks=("reason",),
    ),
    Step(
        "expire_query", "授权到期", frozenset({State.GRANTED}), {"": State.EXPIRED}, frozenset({Role.SYSTEM}), Place.CLOCK, "AMB-23",
    ),
)  # fmt: skip
PROCESS = Process("authorised_query", "这份申请", STATE_TITLES, PLACE_TITLES, STEPS)
