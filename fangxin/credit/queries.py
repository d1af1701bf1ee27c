"""Reading records of conduct: what waits for whom, one matter with everything beside it, what a company has on record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet

from fangxin.agencies.models import Agency
from fangxin.credit.actions.records import decided_on, kept_until
from fangxin.credit.models import Application, BadRecord, Correction, GoodRecord, OfAgency
from fangxin.credit.standing import parts_in, standing
from fangxin.credit.workflow import APPLICATION, BAD_RECORD, GOOD_RECORD, PLACES
from fangxin.deadlines.clock import today
from fangxin.journal.queries import entries_about
from fangxin.organisations.names import name_key
from fangxin.organisations.process import Process, Step
from fangxin.organisations.roles import Acting
from fangxin.rules import book

A_PAGE = 50
# What a list is of; each is of one kind of matter.
BINS: Mapping[str, str] = {
    "bad": "不良行为待办",
    "told": "告知期内",
    "asked": "申请待处理",
    "good": "良好行为待核实",
    "public": "不良行为公示中",
    "honoured": "良好行为公示中",
    "over": "不再公示",
    "all": "全部不良行为",
}
OVER = ("withdrawn", "expired", "annulled", "archived", "dropped")
PROCESS_OF: Mapping[type[Model], Process] = {
    BadRecord: BAD_RECORD, GoodRecord: GOOD_RECORD, Application: APPLICATION,
}  # fmt: skip
# Steps off the main line: at hand, but not what the matter is waiting for.
ASIDE = frozenset({
    "drop_record", "cancel_notice", "propose_correction", "comment_on_record", "state_case", "refuse_withdrawal",
    "return_good_record", "reject_good_record", "revoke_good_record",
})  # fmt: skip


@dataclass(frozen=True)
class Sieve:
    """What a list of conduct is asked for; "" asks for nothing."""

    bin: str = "bad"
    words: str = ""
    city: str = ""
    county: str = ""
    state: str = ""
    record_class: str = ""
    page: int = 1


@dataclass(frozen=True)
class Wait:
    """A step may be taken from that day, and why not before; without a day, only when something else was done."""

    why: str
    clause: str
    from_on: date | None = None


def sees_conduct(acting: Acting) -> bool:
    """Whether the person's body has to do with records of conduct at all (二（二）, 四（二）)."""
    return bool({"record_conduct", "draft_changes"} & acting.functions)


def queue(acting: Acting, sieve: Sieve) -> dict[str, Any]:
    """A page of the matters of the bin that the person may see, those that have waited longest first."""
    model = _model_of(sieve.bin)
    found = _sieved(_seen_by(model, acting).filter(_of_bin(sieve.bin)), sieve)
    oldest_first = sieve.bin in ("bad", "told", "asked", "good")
    found = found.order_by("entered_at", "pk") if oldest_first else found.order_by("-entered_at", "pk")
    first = (sieve.page - 1) * A_PAGE
    rows: list[dict[str, Any]] = list(
        found.values(
            "id", "state", "entered_on", "agency__code", "agency__company__name", "agency__city", "agency__county",
            *_SHOWN[model],
        )[first : first + A_PAGE + 1]
    )  # fmt: skip
    for row in rows:
        row["state_title"] = PROCESS_OF[model].states[row["state"]]
    return {"rows": rows[:A_PAGE], "more": len(rows) > A_PAGE, "page": sieve.page, "model": model}


def queue_counts(acting: Acting) -> dict[str, int]:
    """How many matters lie in each bin of the person's queue; one query for each kind of matter."""
    counts: dict[str, int] = {}
    for model in (BadRecord, GoodRecord, Application):
        names = [name for name in BINS if _model_of(name) is model and name != "all"]
        asked = {name: Count("pk", filter=_of_bin(name)) for name in names}
        counts |= _seen_by(model, acting).aggregate(**asked)
    return counts


def bad_record_before(acting: Acting, record_id: UUID) -> BadRecord | None:
    """The record, for whoever in the office has to do with its agency; None for everybody else."""
    return (
        _with_hands(_seen_by(BadRecord, acting), "body", "confirmed_by", "published_by")
        .filter(pk=record_id)
        .first()
    )


def good_record_before(acting: Acting, record_id: UUID) -> GoodRecord | None:
    """The honour, for whoever in the office has to do with its agency; None for everybody else."""
    return _with_hands(_seen_by(GoodRecord, acting), "decided_by").filter(pk=record_id).first()


def application_before(acting: Acting, application_id: UUID) -> Application | None:
    """The application with its record; None for whoever has nothing to do with the agency."""
    found = _with_hands(_seen_by(Application, acting), "record", "decided_by").filter(pk=application_id)
    return found.first()


def applications_on(record_id: UUID) -> list[Application]:
    """What the unit asked for about the record, the latest first."""
    found = Application.objects.filter(record_id=record_id).select_related("agency", "record", "decided_by")
    return list(found.order_by("-entered_at"))


def corrections_of(record_id: UUID) -> list[Correction]:
    """What was put right or is to be, the latest first."""
    found = Correction.objects.filter(record_id=record_id).select_related("proposed_by", "decided_by")
    return list(found.order_by("-proposed_on", "-pk"))


def records_about(acting: Acting, agency_id: int) -> dict[str, list[dict[str, Any]]]:
    """Good and bad records of an agency as the office keeps them, the latest first; none for whoever has no part in it."""
    bad = _seen_by(BadRecord, acting).filter(agency_id=agency_id).order_by("-decided_on")
    good = _seen_by(GoodRecord, acting).filter(agency_id=agency_id).order_by("-awarded_on")
    return {
        "bad": [_titled(row, BAD_RECORD) for row in bad.values("id", "state", *_SHOWN[BadRecord])[:A_PAGE]],
        "good": [
            _titled(row, GOOD_RECORD) for row in good.values("id", "state", *_SHOWN[GoodRecord])[:A_PAGE]
        ],
    }


def agency_called(jurisdiction: str, code: str) -> Agency | None:
    """The agency of that code, a former one too."""
    asked = Q(code=code.strip().upper()) | Q(former_codes__contains=[code.strip().upper()])
    return Agency.objects.filter(asked, jurisdiction=jurisdiction).select_related("company").first()


def records_of_company(company_id: int) -> dict[str, list[dict[str, Any]]]:
    """What the company was told of and what it reported, the latest first; the database shows it no other rows."""
    bad = BadRecord.objects.filter(company_id=company_id, served_on__isnull=False).order_by(
        "-served_on", "pk"
    )
    good = GoodRecord.objects.filter(company_id=company_id).order_by("-entered_at", "pk")
    return {
        "bad": [_titled(row, BAD_RECORD) for row in bad.values("id", "state", *_SHOWN[BadRecord])],
        "good": [_titled(row, GOOD_RECORD) for row in good.values("id", "state", *_SHOWN[GoodRecord])],
    }


def bad_record_of(company_id: int, record_id: UUID) -> BadRecord | None:
    """The company's record, once it was told of it."""
    found = BadRecord.objects.filter(company_id=company_id, pk=record_id, served_on__isnull=False)
    return found.select_related("agency", "body").first()


def good_record_of(company_id: int, record_id: UUID) -> GoodRecord | None:
    """The company's honour."""
    return GoodRecord.objects.filter(company_id=company_id, pk=record_id).select_related("agency").first()


def applications_of(company_id: int, record_id: UUID) -> list[Application]:
    """What the company asked for about its record, the latest first."""
    found = Application.objects.filter(company_id=company_id, record_id=record_id).select_related("agency")
    return list(found.order_by("-entered_at"))


def steps_for(matter: OfAgency, acting: Acting) -> list[Step]:
    """The steps the table gives the person now, the main line's first; what only time forbids is among them."""
    process = PROCESS_OF[type(matter)]
    open_ = process.open_steps(standing(matter.agency, matter.state, acting, parts_in(matter, acting)))
    return sorted((one for one in open_ if _is_sensible(matter, one.verb)), key=lambda one: one.verb in ASIDE)


def applications_open(record: BadRecord, acting: Acting) -> list[Step]:
    """What the unit may ask for about its public record."""
    if record.state != "published":
        return []
    return [
        step
        for step in APPLICATION.open_steps(standing(record.agency, "new", acting))
        if step.before == frozenset({"new"})
    ]


def wait_for(matter: OfAgency, verb: str) -> Wait | None:
    """Until when or for what the step has to wait though the table gives it; None when it may be taken today."""
    if isinstance(matter, BadRecord):
        return _wait_of_record(matter, verb)
    if isinstance(matter, Application) and verb == "consent_to_withdrawal":
        return wait_of_minimum(matter.record)
    if isinstance(matter, Application) and verb == "conclude_assessment":
        day = matter.assessed_on
        return Wait("考核验收之后才能作结论", "四(四)", day) if day and day > today() else None
    return None


def wait_of_minimum(record: BadRecord) -> Wait | None:
    """Until when the record's class binds withdrawal and repair (AMB-40)."""
    kept = book("national").record_classes[record.record_class]
    first = kept.may_be_repaired_from(decided_on(record))
    binds = book(record.jurisdiction).value("conduct.minimum_binds_withdrawal", on=today()).value
    if not binds or today() >= first:
        return None
    return Wait(f"类别“{kept.title}”最短公示{kept.least_months}个月，自处理时间起算", "AMB-40", first)


def awaited(matter: OfAgency) -> list[dict[str, str]]:
    """What may come next on the main line, and from whom."""
    process = PROCESS_OF[type(matter)]
    found: dict[str, str] = {}
    for step in process.steps:
        if matter.state in step.before and step.verb not in ASIDE and _is_sensible(matter, step.verb):
            who = PLACES[step.place]
            other = (
                "，非起草人"
                if step.barred == "drafter"
                else "，未经手该记录的人"
                if step.barred == "recorder"
                else ""
            )
            found[step.title] = f"{who}（{'、'.join(sorted(role.title for role in step.roles))}{other}）"
    return [{"what": what, "who": who} for what, who in found.items()]


def story_of(matter: OfAgency, also: Iterable[OfAgency] = ()) -> list[dict[str, Any]]:
    """What happened to the matter and to those that belong to it, oldest first."""
    found = [entry for one in (matter, *also) for entry in entries_about(PROCESS_OF[type(one)].name, one.pk)]
    return sorted(found, key=lambda entry: int(entry["id"]))


_SHOWN: Mapping[type[Model], tuple[str, ...]] = {
    BadRecord: (
        "matter", "record_class", "decided_on", "served_on", "releasable_on", "published_on", "shown_until", "stated_on",
        "taken_down_on", "rectified_on", "person",
    ),
    GoodRecord: ("award", "awarded_on", "awarded_by", "level", "decided_on", "shown_until", "person"),
    Application: ("kind", "record_id", "record__matter", "due_on", "decided_on"),
}  # fmt: skip


def _titled(row: Mapping[str, Any], process: Process) -> dict[str, Any]:
    return {**row, "state_title": process.states[row["state"]]}


def _with_hands(found: "QuerySet[Any]", *beside: str) -> "QuerySet[Any]":
    return found.select_related(
        "agency__company", "agency__reviewing_body", "agency__city_body", "entered_by", *beside
    )


def _seen_by(model: Any, acting: Acting) -> "QuerySet[Any]":
    """各级主管部门 of the agency's county, city and province, and the committee that keeps the register (四（二）)."""
    found = model._default_manager.filter(jurisdiction=acting.jurisdiction)
    if not sees_conduct(acting):
        return found.none()
    if acting.body_level == "province" or "draft_changes" in acting.functions:
        return found
    return found.filter(Q(agency__reviewing_body_id=acting.body_id) | Q(agency__city_body_id=acting.body_id))


def _model_of(bin_: str) -> type[OfAgency]:
    return {"asked": Application, "good": GoodRecord, "honoured": GoodRecord}.get(bin_, BadRecord)


def _of_bin(name: str) -> Q:
    day = today()
    match name:
        case "bad":
            corrected = Q(pk__in=Correction.objects.filter(decided_on=None).values("record_id"))
            ripe = Q(state="notice_served", releasable_on__lte=day)
            return Q(state__in=("draft", "recorded")) | ripe | corrected
        case "told":
            return Q(state="notice_served", releasable_on__gt=day)
        case "asked":
            return Q(state__in=("applied", "assessing"))
        case "good":
            return Q(state="submitted")
        case "public" | "honoured":
            return Q(state="published")
        case "over":
            return Q(state__in=OVER)
        case _:
            return Q()


def _sieved(found: "QuerySet[Any]", sieve: Sieve) -> "QuerySet[Any]":
    exact = {"agency__city": sieve.city, "agency__county": sieve.county, "state": sieve.state}
    if _model_of(sieve.bin) is BadRecord:
        exact["record_class"] = sieve.record_class
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if not sieve.words:
        return found
    code = sieve.words.strip().upper()
    asked = Q(agency__code__startswith=code)
    if key := name_key(sieve.words):
        asked |= Q(agency__company__name_key__contains=key)
    return found.filter(asked)


def _is_sensible(matter: OfAgency, verb: str) -> bool:
    """Whether the step fits what the matter is: an assessment is not consented to, an objection not assessed."""
    if isinstance(matter, Application):
        asked = {
            "begin_assessment": ("assessment",), "conclude_assessment": ("assessment",),
            "consent_to_withdrawal": ("withdrawal", "repair"), "refuse_withdrawal": ("withdrawal", "repair"),
            "decide_objection": ("objection",),
        }  # fmt: skip
        return matter.kind in asked.get(verb, ())
    if isinstance(matter, BadRecord) and verb in ("propose_correction", "confirm_correction"):
        waiting = matter.corrections.filter(decided_on=None).exists()
        return waiting == (verb == "confirm_correction")
    return True


def _wait_of_record(record: BadRecord, verb: str) -> Wait | None:
    if verb == "release_record" and record.releasable_on and today() < record.releasable_on:
        limit = book(record.jurisdiction).limit("publication_notice", on=record.served_on or today())
        why = f"{record.served_on}告知送达，满{limit.within}的次日起才可以公示"
        return Wait(why, f"{limit.clause}，{limit.settled_in}", record.releasable_on)
    if verb == "archive_record" and (until := kept_until(record)) > today():
        return Wait("按类别保留的期限届满之后归档", "四(四)，AMB-26", until)
    return None
