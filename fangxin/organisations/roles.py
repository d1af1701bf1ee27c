"""In which capacity a person acts. Plain Python: the workflow tables import it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fangxin.journal.actors import Actor


class Role(StrEnum):
    """A capacity the documents name; the last two are never held by a membership."""

    INTAKE_CLERK = "intake_clerk"
    DISPATCHER = "dispatcher"
    DEPARTMENT_CLERK = "department_clerk"
    CASE_OFFICER = "case_officer"
    DEPARTMENT_HEAD = "department_head"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    PRECHECKER = "prechecker"
    LEADER = "leader"
    AUDIT_OFFICER = "audit_officer"
    ADMINISTRATOR = "administrator"
    COMPANY_USER = "company_user"
    CITIZEN = "citizen"
    SYSTEM = "system"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The Chinese title, as the screens and the journal show it."""
        return TITLES[self]


TITLES: dict[Role, str] = {
    Role.INTAKE_CLERK: "录入员",
    Role.DISPATCHER: "分件员",
    Role.DEPARTMENT_CLERK: "部门专人",
    Role.CASE_OFFICER: "经办人",
    Role.DEPARTMENT_HEAD: "部门领导",
    Role.SUPERVISOR: "督办回访员",
    Role.REVIEWER: "审核员",
    Role.PRECHECKER: "预审员",
    Role.LEADER: "委领导",
    Role.AUDIT_OFFICER: "审计员",
    Role.ADMINISTRATOR: "系统管理员",
    Role.COMPANY_USER: "企业人员",
    Role.CITIZEN: "投诉人",
    Role.SYSTEM: "系统",
}

OFFICE_ROLES: frozenset[Role] = frozenset(Role) - {Role.COMPANY_USER, Role.CITIZEN, Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Acting:
    """One person in one of their memberships: who acts, for whom, in which role."""

    user_id: int
    user_name: str
    membership_id: int
    role: Role
    body_id: int | None = None
    body_code: str = ""
    body_level: str = ""
    district: str = ""
    link: str = ""
    functions: frozenset[str] = frozenset()
    company_id: int | None = None
    label: str = ""
    jurisdiction: str = ""

    @property
    def capacity(self) -> str:
        """The label without the name: 朝阳区经纪机构管理部门·经办人."""
        return self.label.removeprefix(self.user_name).removeprefix("（").removesuffix("）")

    @property
    def in_office(self) -> bool:
        """The person acts for a body of the administration, not for a company."""
        return self.body_id is not None

    @property
    def actor(self) -> "Actor":
        """The same person as the journal writes them down."""
        from fangxin.journal.actors import Actor

        return Actor(
            user_id=self.user_id,
            label=self.label,
            body_id=self.body_id,
            company_id=self.company_id,
            role=self.role.value,
        )
