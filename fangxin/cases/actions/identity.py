"""Opening a complainant's identity: for a reason, for a time, for one person, in the journal (五)."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from fangxin.cases.actions.steps import locked_case
from fangxin.cases.models import Case, IdentityOpening
from fangxin.cases.standing import places_of
from fangxin.cases.workflow import Place
from fangxin.complaints.complainant import FIELD_TITLES, unseal_complainant
from fangxin.deadlines.clock import now, today
from fangxin.journal.actions import record
from fangxin.journal.kinds import Kind
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book

SHORTEST_REASON = 4
LONGEST_REASON = 500
# Their work is elsewhere: accounts, and who looked at what.
NEVER = frozenset({Role.ADMINISTRATOR, Role.AUDIT_OFFICER})


@transaction.atomic
def ask_for_identity(case_id: UUID, *, reason: str, by: Acting) -> IdentityOpening:
    """The case officer's, and the call-back clerk's, leave runs from now; anybody else waits for another's consent.

    ActRefused without a reason, or for a person who has nothing to do with the case.
    """
    case = locked_case(case_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ActRefused(
            "请写明查看投诉人身份的理由：谁、为办理哪一步、需要做什么（五：不得泄露投诉举报人信息）。",
            "reason",
        )
    reason = fields.text(reason, "查看理由", LONGEST_REASON, "reason")
    places = places_of(case, by)
    if not places or by.role in NEVER:
        raise ActRefused("只有本案的分件、经办、回访人员可以申请查看投诉人身份。")
    own = Place.OFFICER in places or (by.role == Role.SUPERVISOR and Place.CENTRE in places)
    opening = IdentityOpening.objects.create(
        case=case, asked_by_id=by.user_id, reason=reason, own_case=own,
        open_until=now() + _duration(case) if own else None,
    )  # fmt: skip
    record(
        Kind.IDENTITY_ASK, "case", str(case.pk), by=by.actor,
        summary="申请查看投诉人身份" + ("" if own else "，待另一人同意"), details={"reason": reason, "grant": opening.pk},
        clause="五", jurisdiction=case.jurisdiction,
    )  # fmt: skip
    return opening


@transaction.atomic
def consent_to_identity(
    opening_id: UUID, *, agree: bool, by: Acting, case_id: UUID | None = None
) -> IdentityOpening:
    """A second person, the head of a department that has the case or of the centre, has said yes or no.

    With `case_id`, what was asked for in another case is not there.
    """
    opening = (
        IdentityOpening.objects.select_for_update(of=("self",))
        .select_related("case")
        .filter(pk=opening_id)
        .first()
    )
    if opening is None or case_id not in {None, opening.case_id}:
        raise ActRefused("没有这项等待同意的申请。")
    if opening.open_until is not None or opening.refused:
        raise ActRefused("没有这项等待同意的申请。")
    if by.user_id == opening.asked_by_id:
        raise ActRefused("申请人不能同意自己的申请（须两人）。")
    if by.role not in {Role.DEPARTMENT_HEAD, Role.LEADER} or not places_of(opening.case, by):
        raise ActRefused("须由本案所在部门的部门领导决定。")
    opening.consented_by_id = by.user_id
    opening.refused = not agree
    opening.open_until = now() + _duration(opening.case) if agree else None
    opening.save()
    record(
        Kind.IDENTITY_CONSENT if agree else Kind.IDENTITY_REFUSE, "case", str(opening.case_id), by=by.actor,
        summary="同意查看投诉人身份" if agree else "不同意查看投诉人身份",
        details={"grant": opening.pk, "asked_by": opening.asked_by_id},
        clause="五", jurisdiction=opening.case.jurisdiction,
    )  # fmt: skip
    return opening


@transaction.atomic
def open_identity(case_id: UUID, *, by: Acting) -> Mapping[str, str]:
    """Chinese label → text of the identity; every look is a journal entry in the same transaction.

    ActRefused when no leave of this person is running, or the case has meanwhile left their hands.
    """
    case = locked_case(case_id)
    opening = (
        IdentityOpening.objects.filter(case=case, asked_by_id=by.user_id, refused=False, open_until__gt=now())
        .order_by("-asked_at")
        .first()
    )
    if opening is None or not places_of(case, by) or by.role in NEVER:
        raise ActRefused("查看投诉人身份的许可不存在或已到期，请先填写理由申请（五）。")
    record(
        Kind.IDENTITY_OPEN, "case", str(case.pk), by=by.actor, summary="查看投诉人身份",
        details={"grant": opening.pk, "own_case": opening.own_case}, clause="五", jurisdiction=case.jurisdiction,
    )  # fmt: skip
    identity = unseal_complainant(case.complaint_id)
    return {title: text for key, title in FIELD_TITLES.items() if (text := getattr(identity, key))}


def _duration(case: Case) -> timedelta:
    hours = book(case.jurisdiction).value("identity.open_hours", on=today()).value
    return timedelta(hours=int(str(hours)))


def address_of_complainant(complaint_id: UUID) -> str:
    """The e-mail address for the envelope of a message that names nobody; "" when none was given."""
    return unseal_complainant(complaint_id).email


def identity_to_print(case: Case) -> tuple[str, str]:
    """Name and telephone for a sheet whose signing released them; the caller records the look."""
    identity = unseal_complainant(case.complaint_id)
    return identity.name, identity.telephone
