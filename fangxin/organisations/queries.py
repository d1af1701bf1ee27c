"""Who is who, and who acts for whom. Nothing here is cached: a membership ended a second ago is ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from fangxin.journal.actors import Actor
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.models import Body, Company, CompanyName, Membership, User, account_numbered
from fangxin.organisations.names import name_key
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules.identifiers import CompanyCodeKind, IdentifierWrong, check_company_code

CODE_FIELDS = {
    CompanyCodeKind.USCC: "uscc",
    CompanyCodeKind.ORG_CODE: "org_code",
    CompanyCodeKind.LICENCE_NO: "licence_no",
}
SPRAYING_WITHIN = timedelta(minutes=10)
SPRAYING_FAILURES = 20


class NoSuchBody(ActRefused):
    """No active body has this code."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts for a body or a company now."""

    user_id: int
    name: str
    membership_id: int
    role: Role
    is_deputy: bool
    email: str
    telephone: str


def in_force() -> QuerySet[Membership]:
    """The memberships in force, with their people, bodies and companies."""
    return (
        Membership.objects.filter(ends_on__isnull=True, user__is_active=True)
        .exclude(body__is_active=False)
        .select_related("user", "body", "company")
        .defer("user__password")
    )


def as_acting(membership: Membership) -> Acting:
    """The membership as one value that needs no further query."""
    role = Role(membership.role)
    body, company, user = membership.body, membership.company, membership.user
    title = f"代理{role.title}" if membership.is_deputy else role.title
    where = (body.short_name or body.name) if body else (company.name if company else "")
    return Acting(
        user_id=user.pk,
        user_name=user.full_name,
        membership_id=membership.pk,
        role=role,
        body_id=membership.body_id,
        body_code=body.code if body else "",
        body_level=body.level if body else "",
        district=body.district if body else "",
        link=body.link if body else "",
        functions=frozenset(body.functions) if body else frozenset(),
        company_id=membership.company_id,
        label=f"{user.full_name}（{where}·{title}）",
        jurisdiction=body.jurisdiction if body else company.jurisdiction if company else "",
    )


def acting(membership_id: int, user_id: int) -> Acting | None:
    """This user in this membership; None when it is not theirs, has ended, or the account is closed."""
    membership = in_force().filter(pk=membership_id, user_id=user_id).first()
    return as_acting(membership) if membership else None


def memberships_of(user_id: int) -> list[Acting]:
    """Every membership the user may act in now, the oldest first and deputising last."""
    return [as_acting(membership) for membership in _memberships_of(user_id)]


def asked_of_a_reader(user_id: int) -> list[tuple[Any, ...]]:
    """What every page asks about whoever reads it: the account and its memberships, for `asked_ahead`."""
    return [(account_numbered, user_id), (_memberships_of, user_id)]


@asked_often
def _memberships_of(user_id: int) -> Rows:
    return in_force().filter(user_id=user_id).order_by("is_deputy", "starts_on", "pk")


def actor(user_id: int, chosen: Acting | None) -> Actor:
    """The person as the journal writes them down, also when they have no membership."""
    if chosen is not None:
        return chosen.actor
    found = user(user_id)
    return Actor(user_id=user_id, label=f"{found.full_name}（无任职）" if found else "")


def too_many_failures(address: str) -> bool:
    """True when so many sign-ins from the address failed of late that it looks like trying names in turn."""
    since = timezone.now() - SPRAYING_WITHIN
    lately = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    failures: int = lately.aggregate(sum=Sum("failures_since_start"))["sum"] or 0
    return failures >= SPRAYING_FAILURES


def user(user_id: int) -> User | None:
    """The account with this number, whether open or closed."""
    return User.objects.filter(pk=user_id).first()


def user_named(username: str) -> User | None:
    """The account with this user name, whether open or closed."""
    return User.objects.filter(username=username).first()


def body(code: str) -> Body:
    """The active body with this code; NoSuchBody when there is none."""
    found: list[Body] = _body(code)
    if not found:
        raise NoSuchBody(f"机构代码：没有代码为“{code}”的有效机构，请从机构列表中选择。", "body")
    return found[0]


@asked_often
def _body(code: str) -> Rows:
    return Body.objects.filter(code=code, is_active=True)


def bodies(jurisdiction: str) -> list[Body]:
    """The active bodies of a jurisdiction, by district and code, the city's own first."""
    return list(Body.objects.filter(jurisdiction=jurisdiction, is_active=True).order_by("district", "code"))


def entry_department(district: str, jurisdiction: str) -> Body | None:
    """The department the district has designated to enter and sort its own cases (二（一）5)."""
    return Body.objects.filter(
        jurisdiction=jurisdiction, district=district, is_active=True, functions__contains=["intake_district"]
    ).first()


def department_for(link: str, district: str, jurisdiction: str) -> Body | None:
    """The body that looks into this link in this district; without a district, the city's own."""
    return (
        Body.objects.filter(
            jurisdiction=jurisdiction,
            link=link,
            district=district,
            is_active=True,
            functions__contains=["handle"],
        )
        .order_by("code")
        .first()
    )


def as_people(memberships: Iterable[Membership]) -> list[Person]:
    """The memberships as people, in the given order."""
    return [
        Person(
            user_id=m.user_id,
            name=m.user.full_name,
            membership_id=m.pk,
            role=Role(m.role),
            is_deputy=m.is_deputy,
            email=m.user.email,
            telephone=m.user.telephone,
        )
        for m in memberships
    ]


def people_of_body(body_id: int, *roles: Role) -> list[Person]:
    """Everybody who acts for the body, or only those in the given roles; deputies last."""
    found = in_force().filter(body_id=body_id)
    if roles:
        found = found.filter(role__in=[role.value for role in roles])
    return as_people(found.order_by("is_deputy", "user__full_name", "pk"))


def officers_of(body_id: int) -> list[Person]:
    """The case officers (经办人) of the body."""
    return people_of_body(body_id, Role.CASE_OFFICER)


def heads_of(body_id: int) -> list[Person]:
    """The heads (部门领导) of the body, deputies last."""
    return people_of_body(body_id, Role.DEPARTMENT_HEAD)


def people_of_company(company_id: int) -> list[Person]:
    """Everybody who acts for the company on the platform."""
    return as_people(in_force().filter(company_id=company_id).order_by("user__full_name", "pk"))


def company(company_id: int) -> Company | None:
    """The company with this number."""
    return Company.objects.filter(pk=company_id).first()


def company_name(company_id: int) -> str:
    """The present name of the company; every audience may read that much of one."""
    return Company.objects.values_list("name", flat=True).get(pk=company_id)


def company_by_code(code: str) -> Company | None:
    """The company with this unified code, organisation code or licence number, however it is spaced."""
    try:
        known = check_company_code(code)
    except IdentifierWrong:
        return None
    return Company.objects.filter(**{CODE_FIELDS[known.kind]: known.text}).first()


def company_matching(name: str) -> Company | None:
    """The one company of this very name, apart from spaces and brackets; present names before former ones.

    None when no company, or more than one, bears the name.
    """
    key = name_key(name)
    if not key:
        return None
    for found in (
        Company.objects.filter(name_key=key),
        Company.objects.filter(former_names__name_key=key).distinct(),
    ):
        if companies := list(found[:2]):
            return companies[0] if len(companies) == 1 else None
    return None


def find_companies(text: str, link: str | None = None, limit: int = 20) -> list[Company]:
    """Companies whose name or a former name holds every part of the text, or whose code begins with it.

    The closest come first: the very name, then names that begin so, then the rest by length.
    """
    parts = [key for part in text.split() if (key := name_key(part))]
    if not parts:
        return []
    by_name = Q()
    for part in parts:
        by_name &= Q(name_key__contains=part) | Q(pk__in=formerly(part))
    found = Company.objects.filter(by_name)
    if code := code_beginning(text):
        org_code = f"{code[:8]}-{code[8]}" if len(code) == 9 else code
        by_code = Q(uscc__startswith=code) | Q(org_code__startswith=org_code) | Q(licence_no__startswith=code)
        found = Company.objects.filter(by_name | by_code)
    if link:
        found = found.filter(kinds__contains=[link])
    whole = name_key(text)
    return sorted(
        found.order_by("name")[: max(limit, 200)],
        key=lambda c: (c.name_key != whole, not c.name_key.startswith(whole), len(c.name), c.name),
    )[:limit]


def formerly(part: str) -> QuerySet[Company, int]:
    """The numbers of companies that once bore a name with this part."""
    return Company.objects.filter(former_names__name_key__contains=part).values_list("pk", flat=True)


def code_beginning(text: str) -> str:
    """The text as the beginning of a code, in capitals without blanks and hyphens; empty when it is none."""
    code = "".join(text.upper().split()).replace("-", "")
    return code if len(code) >= 4 and code.isascii() and code.isalnum() else ""


def former_names_of(company_id: int) -> list[str]:
    """The names the company bore before, oldest first."""
    names = CompanyName.objects.filter(company_id=company_id).order_by("until_on")
    return list(names.values_list("name", flat=True))


def members(jurisdiction: str, words: str = "", *, limit: int = 200) -> list[dict[str, Any]]:
    """Who acts for which body or company of the jurisdiction, by body; `words` are part of a name or user name."""
    found = in_force().filter(
        Q(body__jurisdiction=jurisdiction) | Q(company__jurisdictions__contains=[jurisdiction])
    )
    if words:
        found = found.filter(
            Q(user__full_name__contains=words)
            | Q(user__username__contains=words)
            | Q(body__name__contains=words)
            | Q(company__name__contains=words)
        )
    rows = found.order_by("body__code", "company__name", "role", "user__username").values(
        "id", "user__username", "user__full_name", "body__name", "company__name", "role", "is_deputy", "starts_on",
        "user__last_seen_on",
    )[:limit]  # fmt: skip
    return [{**row, "role_title": Role(row["role"]).title} for row in rows]


def vacant_bodies(jurisdiction: str) -> list[str]:
    """Departments that look into cases and have no 专人 to receive one (五: 指定专人负责落实案件管理)."""
    staffed = in_force().filter(role=Role.DEPARTMENT_CLERK.value).values("body_id")
    vacant = Body.objects.filter(jurisdiction=jurisdiction, is_active=True, functions__contains=["handle"])
    return list(vacant.exclude(pk__in=staffed).order_by("code").values_list("name", flat=True))
