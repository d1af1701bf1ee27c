"""Who did it, as the journal keeps it: plain values, so that the journal needs no table of people."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts; `label` is what the journal shows: “王芳（朝阳区经纪机构管理部门·经办人）”."""

    user_id: int | None
    label: str
    body_id: int | None = None
    company_id: int | None = None
    role: str = ""

    @classmethod
    def system(cls, name: str) -> Self:
        """The platform itself, by the name of the part that acts: `Actor.system("时钟")`."""
        return cls(user_id=None, label=f"系统（{name}）", role="system")

    @classmethod
    def citizen(cls) -> Self:
        """A complainant on the public site. The journal never says which one."""
        return cls(user_id=None, label="投诉人", role="citizen")

    @classmethod
    def applicant(cls, number: str = "") -> Self:
        """Who applies for a query, or uses the grant of that number. The journal names the grant, not the person."""
        return cls(user_id=None, label=f"查询人（{number}）" if number else "查询申请人", role="citizen")
