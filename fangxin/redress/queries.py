"""Public complaints about agencies as the office, the agency and the public read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from fangxin.agencies.models import Agency
from fangxin.complaints.queries import complaint_text
from fangxin.credit.standing import places_of as places_of_agency
from fangxin.deadlines.clock import today
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.process import Step
from fangxin.organisations.roles import Acting, Role
from fangxin.redress.actions.proposals import proposal_standing
from fangxin.redress.models import (
    AgencyComplaint,
    Answer,
    LateFeedback,
    Proposal,
    PublishedComplaint,
    Transfer,
)
from fangxin.redress.standing import places_of, standing
from fangxin.redress.workflow import (
    COMPLAINT,
    FINDINGS,
    JURISDICTION,
    LATENESS,
    PROPOSAL,
)

A_PAGE = 50
LATE = Q(transfer__lateness__state="found")
BINS: Mapping[str, tuple[str, Q]] = {
    "todo": ("待分办", Q(state="submitted")),
    "late": ("逾期待判断", LATE),
    "verifying": ("核查中", Q(state__in=["verifying", "both"])),
    "waiting": ("待企业反馈", Q(state__in=["transferred", "both"])),
    "decide": ("待确定", Q(state="awaiting_decision")),
    "done": ("已办结", Q(state__in=["closed", "published", "set_aside"])),
}
_ROW = (
    "complaint_id", "number", "state", "respondent_kind", "received_on", "city", "county", "complaint__respondent_name",
    "agency__company__name", "transfer__due_on", "transfer__answered_on", "transfer__lateness__state",
)  # fmt: skip
_TOLD = (
    "id", "number", "respondent_kind", "text", "sent_on", "due_on", "state", "answered_on", "answered_late",
    "late_reason", "complaint_id", "body__name",
)  # fmt: skip


def sees_complaints(acting: Acting) -> bool:
    """Whether the person's body sorts and decides complaints, or sorts them first for others."""
    return "decide_complaint" in acting.functions or "draft_changes" in acting.functions


def _of(acting: Acting) -> QuerySet[AgencyComplaint]:
    """What the person may see at all: their body's complaints; the committee, those that nobody has sorted."""
    rows = AgencyComplaint.objects.filter(jurisdiction=acting.jurisdiction)
    if "decide_complaint" in acting.functions:
        return rows.filter(body_id=acting.body_id or 0)
    if acting.role == Role.PRECHECKER and "draft_changes" in acting.functions:
        return rows.filter(state="submitted")
    return rows.none()


def complaints_for(acting: Acting, bin_: str, *, page: int = 1) -> dict[str, Any]:
    """A page of the bin, what waits longest first; what is done, the newest first."""
    order = ("-received_at",) if bin_ == "done" else ("received_at",)
    first = (page - 1) * A_PAGE
    rows = list(_of(acting).filter(BINS[bin_][1]).order_by(*order).values(*_ROW)[first : first + A_PAGE + 1])
    return {"rows": rows[:A_PAGE], "more": len(rows) > A_PAGE}


def complaint_counts(acting: Acting) -> dict[str, int]:
    """How many lie in each bin: one query."""
    counted = _of(acting).aggregate(**{name: Count("pk", filter=which) for name, (_, which) in BINS.items()})
    return {name: int(number) for name, number in counted.items()}


def complaint_for(acting: Acting, complaint_id: UUID) -> AgencyComplaint | None:
    """The complaint, if the person may see it."""
    rows = _of(acting).select_related("agency", "agency__company", "body", "decided_by")
    return rows.filter(pk=complaint_id).first()


def reads_the_words(complaint: AgencyComplaint, acting: Acting) -> bool:
    """The authority reads what the citizen wrote; the committee, the same with everybody masked."""
    return JURISDICTION in places_of(complaint, acting)


def words_of(complaint: AgencyComplaint) -> dict[str, Any]:
    """What the citizen wrote, for the office."""
    return complaint_text(complaint.pk)


def steps_for(complaint: AgencyComplaint, acting: Acting) -> list[Step]:
    """What the person may do now, a lateness to be judged first; what can have no effect is left out."""
    steps: list[Step] = []
    late = lateness_of(complaint)
    if late is not None:
        steps += LATENESS.open_steps(standing(complaint, acting, late.state))
    passed_on = Transfer.objects.filter(complaint=complaint).exists()
    idle = {
        "transfer_complaint": passed_on,
        "decide_complaint": late is not None and late.state == "found",
        "tell_respondent": not complaint.is_published_wanted or complaint.publishable_on is not None,
        "publish_complaint": not complaint.is_published_wanted
        or complaint.published_on is not None
        or complaint.publishable_on is None
        or complaint.publishable_on > today(),
        "end_waiting": True,
    }
    steps += [
        step for step in COMPLAINT.open_steps(standing(complaint, acting)) if not idle.get(step.verb, False)
    ]
    return steps


def transfer_of(complaint: AgencyComplaint) -> Transfer | None:
    """What was passed on, if anything was."""
    return Transfer.objects.filter(complaint=complaint).select_related("company", "approved_by").first()


def lateness_of(complaint: AgencyComplaint) -> LateFeedback | None:
    """The finding that no feedback came in time, if there is one."""
    return LateFeedback.objects.filter(transfer__complaint=complaint).select_related("judged_by").first()


def answers_of(complaint_id: UUID) -> list[dict[str, Any]]:
    """T2: feedback and findings, oldest first."""
    rows = Answer.objects.filter(complaint_id=complaint_id).order_by("answered_at")
    return [
        _answer(row)
        for row in rows.values("kind", "answered_at", "answered_by", "opinion", "finding", "is_late")
    ]


def _answer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "kind_title": Answer.Kind(row["kind"]).label,
        "finding_title": FINDINGS.get(row["finding"], ""),
    }


def agencies_named(jurisdiction: str, words: str) -> Sequence[tuple[int, str]]:
    """Agencies of the register whose name or code has these words: number and words to choose by."""
    if not words.strip():
        return []
    found = Agency.objects.filter(jurisdiction=jurisdiction).filter(
        Q(company__name__icontains=words.strip()) | Q(code__istartswith=words.strip())
    )
    rows = found.order_by("company__name", "pk").values_list("pk", "company__name", "code")[:20]
    return [(pk, f"{name}（{code}）") for pk, name, code in rows]


# --- the agency -----------------------------------------------------------------------------------------


def transfers_for(company_id: int) -> list[dict[str, Any]]:
    """What was passed on to the company, what waits first by its last day."""
    rows = Transfer.objects.filter(company_id=company_id).order_by("answered_on", "due_on")
    return list(rows.values(*_TOLD))


def transfer_for(company_id: int, transfer_id: UUID) -> dict[str, Any] | None:
    """One of them as the company may know it, with its own feedback and whether more is taken."""
    row = Transfer.objects.filter(pk=transfer_id, company_id=company_id).values(*_TOLD).first()
    if row is None:
        return None
    given = Answer.objects.filter(complaint_id=row["complaint_id"], company_id=company_id).order_by(
        "answered_at"
    )
    kept = AgencyComplaint.objects.filter(pk=row["complaint_id"]).values("state", "turn").get()
    takes = kept["state"] in COMPLAINT.step("give_feedback").before
    return {
        **row, "turn": kept["turn"], "takes_feedback": takes,
        "feedback": list(given.values("answered_at", "opinion", "is_late")),
    }  # fmt: skip


# --- what suggests a bad record ---------------------------------------------------------------------------


def proposals_for(acting: Acting, *, waiting: bool) -> list[dict[str, Any]]:
    """What was found true of the agencies of the person's place; what waits oldest first, the rest newest first."""
    rows = Proposal.objects.filter(jurisdiction=acting.jurisdiction, body_id=acting.body_id or 0)
    rows = rows.filter(state="proposed") if waiting else rows.exclude(state="proposed")
    return list(
        rows.order_by("proposed_on" if waiting else "-decided_on", "pk").values(  # type: ignore[arg-type]
            "id", "agency__company__name", "agency__code", "source", "source_number", "items", "found_on", "proposed_on",
            "state", "turn", "reason", "decided_on", "record_id",
        )[:A_PAGE]
    )  # fmt: skip


def proposal_for(acting: Acting, proposal_id: UUID) -> Proposal | None:
    """The proposal, for the authority of the agency's place."""
    found = (
        Proposal.objects.select_related("agency", "agency__company", "record").filter(pk=proposal_id).first()
    )
    if found is None or JURISDICTION not in places_of_agency(found.agency, acting):
        return None
    return found


def proposal_steps(found: Proposal, acting: Acting) -> list[Step]:
    """What the person may do with it."""
    return list(PROPOSAL.open_steps(proposal_standing(found, acting)))


# --- the public -------------------------------------------------------------------------------------------


def published_complaints(jurisdiction: str, *, page: int = 1) -> dict[str, Any]:
    """A page of what was decided to be public and is so today, newest first."""
    first = (page - 1) * A_PAGE
    rows = _titled(_public(jurisdiction, today()).values()[first : first + A_PAGE + 1])
    return {"rows": rows[:A_PAGE], "more": len(rows) > A_PAGE}


def published_complaints_about(jurisdiction: str, code: str, *, on: date) -> list[dict[str, Any]]:
    """What is public today of complaints about the agency and was on that day already, newest first."""
    return _titled(_about(jurisdiction, code, on, today()))


@asked_often
def _about(jurisdiction: str, code: str, on: date, day: date) -> Rows:
    return _public(jurisdiction, day).filter(agency_code=code, published_on__lte=on).values()[:A_PAGE]


def _public(jurisdiction: str, day: date) -> QuerySet[PublishedComplaint]:
    """What is over by the day is not shown, whether or not the clock has looked."""
    found = PublishedComplaint.objects.filter(jurisdiction=jurisdiction, shown_until__gte=day)
    return found.order_by("-published_on", "-number")


def _titled(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "finding_title": FINDINGS.get(row["finding"], "")} for row in rows]
