"""Claims of accounts, as the department reads them, and as the applicant follows them."""

from typing import Any
from uuid import UUID

from django.db.models import Count

from fangxin.agencies.models import AccountClaim, Agency, FiledAgency
from fangxin.organisations.queries import company_by_code, people_of_company
from fangxin.organisations.receipts import hold_receipt
from fangxin.organisations.roles import Acting

_LISTED = (
    "id", "number", "code", "agency_name", "city", "county", "applicant_name", "state", "applied_on", "decided_on",
)  # fmt: skip


def claims_before(acting: Acting, *, decided: bool = False, limit: int = 200) -> list[dict[str, Any]]:
    """The claims before the reader's department: those that wait, the oldest first, or those decided of late."""
    found = AccountClaim.objects.filter(reviewing_body_id=acting.body_id)
    if decided:
        found = found.exclude(state="applied").order_by("-decided_on", "-applied_at")
    else:
        found = found.filter(state="applied").order_by("applied_at")
    rows = list(found.values(*_LISTED)[:limit])
    twins = dict(
        found.values_list("code")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
        .order_by()
        .values_list("code", "count")
    )
    for row in rows:
        row["state_title"] = AccountClaim.State(row["state"]).label
        row["rivals"] = twins.get(row["code"], 1) - 1
    return rows


def claim_before(acting: Acting, claim_id: UUID) -> AccountClaim | None:
    """One claim before the reader's department."""
    found = AccountClaim.objects.filter(pk=claim_id, reviewing_body_id=acting.body_id)
    return found.select_related("decided_by", "user").first()


def told_of_claim(claim: AccountClaim) -> list[tuple[str, bool]]:
    """What the register knows of the agency: each as a sentence, and whether it asks for care. Never for the public."""
    told: list[tuple[str, bool]] = []
    company = company_by_code(claim.code)
    agency = Agency.objects.filter(jurisdiction=claim.jurisdiction, code=claim.code).first()
    if company is None:
        told.append(("平台上还没有这个代码的企业，开通时一并登记。", False))
    elif company.name != claim.agency_name:
        told.append((f"这个代码在平台上登记的名称是“{company.name}”，与申领的不同，请核对。", True))
    if agency is not None:
        told.append(("该机构已在信用信息登记册中。", False))
        if agency.reviewing_body_id != claim.reviewing_body_id:
            told.append(("登记册中该机构由其他部门审核，不能在这里开通。", True))
    if company is not None and (people := people_of_company(company.pk)):
        names = "、".join(person.name for person in people)
        told.append((f"该机构已有账号：{names}。开通后将多一个人代表该机构申报，请先向机构核实。", True))
    rivals = AccountClaim.objects.filter(jurisdiction=claim.jurisdiction, code=claim.code, state="applied")
    if others := list(rivals.exclude(pk=claim.pk).values_list("number", flat=True)):
        told.append((f"另有{len(others)}份申领待审核：{'、'.join(others)}。", True))
    filed = FiledAgency.objects.filter(jurisdiction=claim.jurisdiction, code=claim.code).first()
    name = ((filed.values if filed else {}).get("J1") or {}).get("name")
    if filed is None:
        told.append(("企业备案资料中没有这个代码。", True))
    elif name and name != claim.agency_name:
        told.append((f"备案的名称是“{name}”，与申领的不同，请核对。", True))
    else:
        told.append(("与企业备案资料相符。", False))
    return told


def follow_claim(number: str, secret: str) -> dict[str, Any] | None:
    """How the claim stands, for whoever holds number and secret; None for a wrong one of either."""
    number, digest = hold_receipt(number, secret)
    row = (
        AccountClaim.objects.filter(number=number, secret_hash=digest)
        .values("number", "agency_name", "state", "applied_on", "opinion")
        .first()
    )
    return row and {**row, "state_title": AccountClaim.State(row["state"]).label}
