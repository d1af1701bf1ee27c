"""Somebody asks for an account to declare for an agency; the department of its place looks at the licence and decides."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from fangxin.agencies.actions.entering import enter_agency, reviewing_bodies
from fangxin.agencies.models import AccountClaim
from fangxin.deadlines.clock import today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.actions import create_user, join
from fangxin.organisations.models import User
from fangxin.organisations.one_time_links import password_link
from fangxin.organisations.queries import user, user_named
from fangxin.organisations.receipts import ALPHABET, fresh_secret, secret_digest, secret_for
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules.identifiers import check_telephone
from fangxin.rules.indicators import IndicatorWrong, catalogue

APPLICANT = Actor(user_id=None, label="账号申领人")
LONGEST_OPINION = 1000


@dataclass(frozen=True)
class Application:
    """What the applicant writes."""

    code: str
    agency_name: str
    city: str
    county: str
    applicant_name: str
    telephone: str
    email: str


@dataclass(frozen=True)
class ClaimReceipt:
    """What the applicant takes away."""

    number: str
    secret: str


@transaction.atomic
def claim_account(
    application: Application, licence: Sequence[Upload], *, jurisdiction: str, act_key: UUID | None = None
) -> ClaimReceipt:
    """The department of the place has the claim with the licence before it; the applicant can follow it.

    Whether the agency has an account, or another has claimed one, is told to the department and not here.
    ActRefused names the field, a wrong digit of the code among others.
    """
    number = f"SL-{today():%Y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(6))}"
    claim_act(act_key, "claim_account", "account_claim", number)
    try:
        code = str(catalogue(jurisdiction).field("J1-02").check(application.code))
    except IndicatorWrong as wrong:
        raise ActRefused(wrong.message, "code") from None
    reviewing, _ = reviewing_bodies(jurisdiction, application.city, application.county)
    if not licence:
        raise ActRefused("营业执照：请上传营业执照的扫描件或者照片。", "licence")
    secret = secret_for(act_key) if act_key is not None else fresh_secret()
    claim = AccountClaim(
        number=number, jurisdiction=jurisdiction, code=code,
        agency_name=fields.text(application.agency_name, "机构名称", 100, "agency_name"),
        city=application.city, county=application.county, reviewing_body=reviewing,
        applicant_name=fields.text(application.applicant_name, "申请人姓名", 64, "applicant_name"),
        telephone=fields.identifier(check_telephone, fields.text(application.telephone, "联系电话", 32, "telephone"),
                                    "联系电话", "telephone"),
        email=fields.email(fields.text(application.email, "电子信箱", 120, "email"), "email"),
        applied_on=today(), secret_hash=secret_digest(number, secret),
    )  # fmt: skip
    claim.save(force_insert=True)
    add_attachments(
        "account_claim",
        claim.pk,
        licence,
        purpose="register_evidence",
        by=APPLICANT,
        jurisdiction=jurisdiction,
    )
    record(
        Kind.CLAIM_APPLY, "account_claim", claim.pk, by=APPLICANT, summary="申领机构账号",
        details={"number": number, "code": code, "body": reviewing.pk, "attachments": len(licence)},
        clause="二(二)", act_key=act_key, jurisdiction=jurisdiction,
    )  # fmt: skip
    send_notice(title=f"有机构账号申领待审核（{number}）", to_body_id=reviewing.pk)
    return ClaimReceipt(number, secret)


@transaction.atomic
def approve_claim(
    claim_id: UUID, *, opinion: str = "", by: Acting, act_key: UUID | None = None
) -> AccountClaim:
    """The agency is in the register and the applicant acts for it; a new account gets a link by mail to set its password.

    Who has an account under that mailbox keeps it and acts for this agency besides. ActRefused for another place's
    claim, a decided one, and an agency that another department reviews.
    """
    claim = _to_decide(claim_id, "approve_claim", by, act_key)
    agency = enter_agency(
        jurisdiction=claim.jurisdiction, code=claim.code, name=claim.agency_name, city=claim.city,
        county=claim.county, by=by.actor,
    )  # fmt: skip
    if agency.reviewing_body_id != claim.reviewing_body_id:
        raise ActRefused(
            f"该机构已在册，由{agency.reviewing_body.name}审核；请不予开通，并请申请人改选所在地后重新申领。"
        )
    account = user_named(claim.email)
    is_new = account is None
    if account is None:
        account = create_user(
            username=claim.email, full_name=claim.applicant_name, email=claim.email, telephone=claim.telephone,
            # Nobody knows it; the link sets another.
            password=f"{secrets.token_urlsafe(32)}aA1", must_change_password=False, by=by.actor,
        )  # fmt: skip
    join(account.pk, Role.COMPANY_USER, on=today(), by=by.actor, company_id=agency.company_id)
    claim.user = account
    _decide(claim, AccountClaim.State.APPROVED, opinion, by)
    _record(claim, Kind.CLAIM_APPROVE, "开通机构账号", by, act_key, user_id=account.pk)
    send_notice(
        title=f"{claim.agency_name}的账号已开通",
        to_user_id=account.pk,
        enclosed="set_password" if is_new else "",
    )
    return claim


@transaction.atomic
def refuse_claim(claim_id: UUID, *, opinion: str, by: Acting, act_key: UUID | None = None) -> AccountClaim:
    """No account; the applicant reads the reason where they follow the claim, and may apply again."""
    claim = _to_decide(claim_id, "refuse_claim", by, act_key)
    opinion = fields.text(opinion, "不予开通的理由", LONGEST_OPINION, "opinion")
    _decide(claim, AccountClaim.State.REFUSED, opinion, by)
    _record(claim, Kind.CLAIM_REFUSE, "不予开通机构账号", by, act_key)
    return claim


@transaction.atomic
def send_link_again(claim_id: UUID, *, by: Acting, act_key: UUID | None = None) -> str:
    """The applicant's link to set a password, mailed anew and given to the officer, who may pass it on by hand.

    ActRefused when no account was opened, or its password is set already.
    """
    claim_act(act_key, "send_link_again", "account_claim", str(claim_id))
    claim = _locked(claim_id, by)
    account = user(claim.user_id) if claim.user_id else None
    if account is None:
        raise ActRefused("还没有开通账号，没有链接可发。")
    if account.password_changed_on is not None or account.last_login is not None:
        raise ActRefused("申请人已经设置过密码；忘记密码的，请联系系统管理员重设。")
    _record(claim, Kind.CLAIM_LINK_AGAIN, "重发设置密码的链接", by, act_key, user_id=account.pk)
    send_notice(title=f"{claim.agency_name}的账号已开通", to_user_id=account.pk, enclosed="set_password")
    return password_link(account)


def _locked(claim_id: UUID, by: Acting) -> AccountClaim:
    claim = AccountClaim.objects.select_for_update().filter(pk=claim_id).first()
    if claim is None or by.body_id != claim.reviewing_body_id or by.role is not Role.REVIEWER:
        raise ActRefused("没有这份账号申领，或者您无权办理。")
    return claim


def _to_decide(claim_id: UUID, verb: str, by: Acting, act_key: UUID | None) -> AccountClaim:
    claim_act(act_key, verb, "account_claim", str(claim_id))
    claim = _locked(claim_id, by)
    if claim.state != AccountClaim.State.APPLIED:
        raise ActRefused(f"这份账号申领已经办理，现为“{claim.get_state_display()}”。")
    return claim


def _decide(claim: AccountClaim, state: str, opinion: str, by: Acting) -> None:
    claim.state, claim.opinion = state, opinion.strip()[:LONGEST_OPINION]
    claim.decided_by_id, claim.decided_on = by.user_id, today()
    claim.save(update_fields=["state", "opinion", "decided_by_id", "decided_on", "user_id"])


def _record(
    claim: AccountClaim, kind: Kind, summary: str, by: Acting, act_key: UUID | None, **details: int | User
) -> None:
    told = {
        "number": claim.number,
        **({} if kind is Kind.CLAIM_LINK_AGAIN else {"code": claim.code}),
        **details,
    }
    record(
        kind, "account_claim", claim.pk, by=by.actor, summary=summary, details=told, clause="二(二)",
        act_key=act_key, jurisdiction=claim.jurisdiction,
    )  # fmt: skip
