"""Somebody asks to see fields of an agency that are not public (四（三）)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from fangxin.agencies.models import PublishedAgency
from fangxin.deadlines.clock import today
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.disclosure.workflow import PROCESS, State
from fangxin.documents.actions import Upload, add_attachments
from fangxin.documents.sealing import seal_text
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.queries import body
from fangxin.organisations.receipts import fresh_secret, secret_digest, secret_for
from fangxin.organisations.refusals import ActRefused
from fangxin.rules import RuleUnknown, book
from fangxin.rules.identifiers import IdentifierWrong, check_telephone
from fangxin.rules.indicators import IndicatorWrong, catalogue
from fangxin.rules.person_ids import check_person_id
from fangxin.rules.reading import grantable_fields

LONGEST_WORDS = 1000


@dataclass(frozen=True)
class Application:
    """What the applicant writes: who they are, what they want to see of which agency, what for, on what ground."""

    agency_code: str
    ground: str
    codes: Sequence[str]
    from_on: date
    days: int
    applicant_name: str
    id_kind: str
    id_number: str
    organisation: str
    telephone: str
    purpose: str
    basis: str
    email: str = ""
    asks_secrecy: bool = False


@dataclass(frozen=True)
class QueryReceipt:
    """What the applicant takes away: a number, and the secret with which to follow and to look."""

    query_id: UUID
    number: str
    secret: str


@transaction.atomic
def apply_for_query(
    application: Application, papers: Sequence[Upload], *, jurisdiction: str, act_key: UUID | None = None
) -> QueryReceipt:
    """The application waits for the department with jurisdiction over the agency; only a digest of the secret is kept.

    ActRefused names the field: an agency or a ground there is not, fields the ground does not open, other days than
    are offered, fewer papers than the ground asks for.
    """
    number = _next_number(jurisdiction)
    claim_act(act_key, "apply_for_query", "query", number)
    secret = secret_for(act_key) if act_key is not None else fresh_secret()
    agency = _agency(jurisdiction, application.agency_code)
    query = AuthorisedQuery(
        id=uuid4(), number=number, secret_hash=secret_digest(number, secret), jurisdiction=jurisdiction,
        agency_id=agency.pk, state=State.APPLIED, applied_on=today(), **_who(application),
        **_what(application, jurisdiction, len(papers)),
    )  # fmt: skip
    query.id_number = seal_text(
        _id_number(application, jurisdiction), f"authorisedquery.id_number:{query.pk}"
    )
    query.save(force_insert=True)
    by = Actor.applicant(number)
    add_attachments("query", query.pk, papers, purpose="query_paper", by=by, jurisdiction=jurisdiction)
    step = PROCESS.step("apply_for_query")
    record(
        Kind.QUERY_APPLY, "query", query.pk, by=by, summary=step.title,
        details={
            "number": number, "agency": agency.pk, "ground": query.ground, "codes": query.asked_codes,
            "days": query.asked_days, "attachments": len(papers), "after": State.APPLIED.value,
        },
        clause=step.clause, rule_key="disclosure.apply_for_query", rulebook_version=book(jurisdiction).version,
        act_key=act_key, jurisdiction=jurisdiction,
    )  # fmt: skip
    reviewing = body(book(jurisdiction).reviewer(agency.city, agency.county).code)
    send_notice(title=f"有授权查询申请待审批：{number}", matter_id=query.pk, to_body_id=reviewing.pk)
    return QueryReceipt(query.pk, number, secret)


def _who(application: Application) -> dict[str, object]:
    try:
        telephone = check_telephone(application.telephone)
    except IdentifierWrong as wrong:
        raise ActRefused(f"联系电话：{wrong}。", "telephone") from wrong
    return {
        "applicant_name": fields.text(application.applicant_name, "申请人姓名", 64, "applicant_name"),
        "id_kind": application.id_kind,
        "organisation": fields.text(application.organisation, "单位", 100, "organisation"),
        "telephone": telephone,
        "email": fields.email(application.email, "email"),
        "purpose": fields.text(application.purpose, "查询目的", LONGEST_WORDS, "purpose"),
        "basis": fields.text(application.basis, "依据", LONGEST_WORDS, "basis"),
    }


def _id_number(application: Application, jurisdiction: str) -> str:
    kinds = book(jurisdiction).code_lists["id_kinds"].options
    if application.id_kind not in kinds:
        raise ActRefused("证件类型：请在列表中选择。", "id_kind")
    number = fields.text(application.id_number, "证件号码", 40, "id_number")
    try:
        return check_person_id(kinds[application.id_kind], number, on=today())
    except IdentifierWrong as wrong:
        raise ActRefused(f"证件号码：{wrong}。", "id_number") from wrong


def _what(application: Application, jurisdiction: str, papers: int) -> dict[str, object]:
    rules, day = book(jurisdiction), today()
    try:
        ground = rules.query_ground(application.ground)
    except RuleUnknown:
        raise ActRefused("查询理由：请在列表中选择。", "ground") from None
    grantable = [field.code for field in grantable_fields(ground.key, on=day, jurisdiction=jurisdiction)]
    codes = [code for code in grantable if code in application.codes]
    if not application.codes:
        raise ActRefused("查询的栏目：请至少选择一项。", "codes")
    if strange := [code for code in application.codes if code not in grantable]:
        raise ActRefused(
            f"查询的栏目：凭“{ground.title}”不能查询{'、'.join(sorted(strange))}（{ground.settled_in}），请去掉这几项。",
            "codes",
        )
    offered = rules.value("disclosure.grant_days_offered", on=day).value
    longest = rules.value("disclosure.grant_longest_days", on=day).value
    assert isinstance(offered, list | tuple)  # noqa: S101 - numbers of days in the rulebook
    assert isinstance(longest, int)  # noqa: S101 - likewise
    if application.days not in offered or application.days > longest:
        raise ActRefused(f"查询天数：请选择{'、'.join(f'{one}日' for one in offered)}之一。", "days")
    if not day <= application.from_on <= day + timedelta(days=longest):
        raise ActRefused(
            f"起始日期：应在今天至{day + timedelta(days=longest):%Y-%m-%d}之间；更晚的请到时再申请。",
            "from_on",
        )
    if papers < len(ground.papers):
        raise ActRefused(
            f"申请材料：凭“{ground.title}”须交{'、'.join(ground.papers)}，每份一个文件，现有{papers}个。",
            "papers",
        )
    if application.asks_secrecy and not ground.may_be_secret:
        raise ActRefused("不告知机构：只有人民法院调查令写明保密的，才可以不告知（AMB-23）。", "asks_secrecy")
    return {
        "ground": ground.key, "asked_codes": codes, "asked_from_on": application.from_on,
        "asked_days": application.days, "asks_secrecy": application.asks_secrecy,
    }  # fmt: skip


def _agency(jurisdiction: str, code: str) -> PublishedAgency:
    try:
        plain = str(catalogue(jurisdiction).field("J1-02").check(code))
    except IndicatorWrong as wrong:
        raise ActRefused(wrong.message, "agency_code") from None
    found = PublishedAgency.objects.filter(jurisdiction=jurisdiction, code=plain).first()
    if found is None:
        raise ActRefused(f"机构代码：登记册里没有代码为“{plain}”的机构，请核对。", "agency_code")
    return found


def _next_number(jurisdiction: str) -> str:
    prefix = book(jurisdiction).value("disclosure.query_prefix", on=today()).value
    with connection.cursor() as cursor:
        cursor.execute("select nextval('disclosure_query_number')")
        (number,) = cursor.fetchone()
    return f"{prefix}-{today().year}-{number:06d}"
