"""What every page's frame shows: who is reading, as whom, and where they can go."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from fangxin.agencies.queries import agency_of_company
from fangxin.notices.queries import unread, unread_notices
from fangxin.organisations.roles import OFFICE_ROLES, Acting, Role

# Reviewers of the register have no cases; everybody else has no declarations.
REGISTER = frozenset({Role.REVIEWER, Role.PRECHECKER})
CASEWORK = OFFICE_ROLES - REGISTER
OFFICE_NAV: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("机构申报", "register_queue", REGISTER),
    ("机构登记", "register_agencies", REGISTER),
    ("季度更新", "quarters", REGISTER),
    ("信用记录", "conduct", REGISTER),
    ("信用评价", "evaluation", frozenset({Role.REVIEWER})),
    ("资料导入", "register_imports", frozenset({Role.REVIEWER})),
    ("账号申领", "office_claims", frozenset({Role.REVIEWER})),
    ("公众投诉", "agency_complaints", REGISTER),
    ("记入提示", "proposals", frozenset({Role.REVIEWER})),
    ("工作台", "desk", CASEWORK),
    ("案件查询", "case_list", CASEWORK),
    ("协查", "inquiries", CASEWORK - {Role.ADMINISTRATOR, Role.AUDIT_OFFICER}),
    (
        "案件录入",
        "intake",
        frozenset({Role.INTAKE_CLERK, Role.DISPATCHER, Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}),
    ),
    ("工单导入", "import_list", frozenset({Role.INTAKE_CLERK, Role.DISPATCHER, Role.ADMINISTRATOR})),
    ("企业登记", "companies", CASEWORK),
    ("授权查询", "query_list", frozenset({Role.REVIEWER})),
    ("管理制度", "keep_rules", frozenset({Role.PRECHECKER})),
    ("机构与人员", "people", frozenset({Role.ADMINISTRATOR})),
    ("规则库", "rulebook", frozenset()),
    ("审计", "audit", frozenset({Role.AUDIT_OFFICER})),
)
ENTERPRISE_NAV = (("本企业案件", "enterprise_desk"),)
PUBLIC_NAV = (
    ("首页", "home"), ("我要投诉", "complain_where"), ("投诉进度", "follow"), ("机构查询", "agencies"), ("经纪人名册", "brokers"),
    ("信用公示", "publicity"),
    ("授权查询", "authorised_query"),
)  # fmt: skip
AGENCY_NAV = (
    *ENTERPRISE_NAV,
    ("信用信息申报", "register"),
    ("季度更新", "enterprise_quarter"),
    ("良好与不良记录", "own_conduct"),
    ("信用评价", "enterprise_evaluation"),
    ("公众投诉", "enterprise_complaints"),
    ("授权查询", "enterprise_queries"),
)


TAGLINES = {
    "office": "房地产市场动态监管 · 监管办公",
    "enterprise": "房地产市场动态监管 · 企业服务",
    "public": "房地产市场动态监管信息平台",
}


def asked_of_the_frame(request: Any) -> tuple[Any, ...]:
    """What `standing` asks for a reader's pages, for `asked_ahead`."""
    acting: Acting = request.acting
    return unread_notices, acting.user_id, acting.body_id, acting.company_id


def standing(request: HttpRequest) -> dict[str, Any]:
    """The variables of the base templates; cheap on public pages, two or three queries on the desks."""
    acting: Acting | None = getattr(request, "acting", None)
    if acting is None:
        return {"standing": _of("public") | {"nav": _nav(request, PUBLIC_NAV)}}
    memberships: list[Acting] = getattr(request, "memberships", [acting])
    entries = (
        [(title, name) for title, name, roles in OFFICE_NAV if not roles or acting.role in roles]
        if acting.in_office
        else AGENCY_NAV
        if agency_of_company(acting.company_id or 0)
        else ENTERPRISE_NAV
    )
    return {
        "standing": _of("office" if acting.in_office else "enterprise")
        | {
            "user_name": acting.user_name,
            "membership_label": acting.capacity,
            "memberships": [
                {
                    "id": one.membership_id,
                    "label": one.capacity,
                    "current": one.membership_id == acting.membership_id,
                }
                for one in memberships
            ],
            "unread": unread(acting.user_id, acting.body_id, acting.company_id),
            "unread_url": _address("notices" if acting.in_office else "enterprise_notices"),
            "nav": _nav(request, entries),
        }
    }


def _of(audience: str) -> dict[str, Any]:
    return {"audience": audience, "tagline": TAGLINES[audience], "demo": settings.DEMO}


@lru_cache(maxsize=64)
def _address(name: str) -> str:
    """The address of a page that takes no arguments; empty where this installation has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _nav(request: HttpRequest, entries: Any) -> list[dict[str, Any]]:
    found = [
        {"title": title, "url": url, "current": False} for title, name in entries if (url := _address(name))
    ]
    # The room one is in: the longest of the addresses that the page's own begins with.
    inside = [entry for entry in found if request.path.startswith(entry["url"])]
    if inside:
        max(inside, key=lambda entry: len(entry["url"]))["current"] = True
    return found
