"""Reading for those who review: the queue of a place, a declaration with everything beside it, an agency's record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet

from fangxin.agencies import values
from fangxin.agencies.differences import TableChange, differences
from fangxin.agencies.models import (
    Agency,
    Declaration,
    PublishedPicture,
    Version,
)
from fangxin.agencies.queries import accepted_values, as_accepted, known_of
from fangxin.agencies.standing import standing_of
from fangxin.agencies.workflow import STEPS, UNDER_REVIEW, Place, State, Step, open_steps
from fangxin.deadlines.clock import today
from fangxin.organisations.names import name_key
from fangxin.organisations.queries import formerly
from fangxin.organisations.roles import Acting
from fangxin.rules.crosschecks import Finding, Severity

A_PAGE = 50
# What a list of declarations is of; "todo" is what the person may take a step on now.
BINS: Mapping[str, str] = {
    "todo": "待我办理",
    "warned": "其中有提示",
    "others": "等待他人",
    "returned": "退回补正中",
    "decided": "本月审结",
    "all": "全部",
}
STANDINGS: Mapping[str, str] = dict(Agency.Standing.choices)
# Whether the declaration agrees with filing and practitioner management (二（二）): the report of DOC-28.
WITH_OTHERS = frozenset(
    {
        "registration_known",
        "agrees_with_filing",
        "brokers_in_roster",
        "full_time_in_roster",
        "assistants_in_roster",
    }
)
# With the agency and never handed in since: nobody else reads what is still being written.
UNSEEN = frozenset({State.DRAFT})
WARNINGS = Func(F("findings"), function="jsonb_array_length", output_field=IntegerField())


@dataclass(frozen=True)
class Sieve:
    """What a list of declarations is asked for; "" and 0 ask for nothing."""

    bin: str = "todo"
    words: str = ""
    city: str = ""
    county: str = ""
    state: str = ""
    channel: str = ""
    waiting: int = 0
    warned: str = ""
    page: int = 1


@dataclass(frozen=True)
class Consistency:
    """The findings of a declaration: against filing and practitioner management, and within itself."""

    with_others: tuple[Finding, ...]
    within: tuple[Finding, ...]
    filing_known: bool
    roster_known: bool


@dataclass(frozen=True)
class Reviewed:
    """A declaration as its reviewer sees it; `compared` is the version it is compared with."""

    declaration: Declaration
    compared: Version | None
    tables: tuple[TableChange, ...]
    values: Mapping[str, Any]
    consistency: Consistency
    steps: tuple[Step, ...]


def queue(acting: Acting, sieve: Sieve) -> dict[str, Any]:
    """A page of the declarations the person may see, those that have waited longest first."""
    found = _sieved(_seen_by(acting), acting, sieve)
    oldest_first = sieve.bin not in {"decided", "all"}
    found = found.order_by("submitted_at", "pk") if oldest_first else found.order_by("-submitted_at", "pk")
    first = (sieve.page - 1) * A_PAGE
    rows: list[dict[str, Any]] = list(
        found.annotate(warnings=WARNINGS).values(  # type: ignore[arg-type]
            "id", "agency_id", "agency__code", "agency__company__name", "agency__city", "agency__county", "state",
            "channel", "submitted_on", "decided_on", "warnings", "base__number",
        )[first : first + A_PAGE + 1]
    )  # fmt: skip
    day = today()
    for row in rows:
        row["waiting"] = (day - row["submitted_on"]).days if row["state"] in UNDER_REVIEW else None
    return {"rows": rows[:A_PAGE], "more": len(rows) > A_PAGE, "page": sieve.page}


def queue_counts(acting: Acting) -> dict[str, int]:
    """How many declarations lie in each bin of the person's queue; one query."""
    asked = {name: Count("pk", filter=_of_bin(name, acting)) for name in BINS if name != "all"}
    counts: dict[str, int] = _seen_by(acting).aggregate(**asked)
    return counts


def declaration_of(jurisdiction: str, declaration_id: UUID) -> Declaration | None:
    """The declaration, once it was handed in; who may read what waits for review, disclosure says."""
    return (
        Declaration.objects.filter(pk=declaration_id, jurisdiction=jurisdiction)
        .exclude(state__in=UNSEEN)
        .select_related(
            "agency__company", "agency__reviewing_body", "agency__city_body", "base", "submitted_by", "prechecked_by",
            "decided_by",
        )
        .first()
    )  # fmt: skip


def reviewed(declaration: Declaration, acting: Acting, *, everything: bool = False) -> Reviewed:
    """The declaration beside the record it was begun from, and everything that speaks for or against it."""
    jurisdiction = declaration.jurisdiction
    compared = compared_with(declaration)
    new = (
        values.joined(declaration.values, declaration.sealed_values, declaration.pk)
        if declaration.state not in UNDER_REVIEW
        else as_accepted(declaration, compared)
    )
    old = values.plain(accepted_values(compared), jurisdiction) if compared else {}
    tables = tuple(differences(old, new, jurisdiction, everything=everything or not old))
    steps = tuple(open_steps(standing_of(declaration, acting)))
    return Reviewed(declaration, compared, tables, new, _consistency(declaration, new), steps)


def steps_before(declaration: Declaration) -> tuple[Step, ...]:
    """The steps that may follow, whoever takes them."""
    return tuple(step for step in STEPS if State(declaration.state) in step.before)


def versions_of(agency_id: int) -> list[Any]:
    """Every accepted version of the agency, the latest first, with its days and who accepted it."""
    return list(
        Version.objects.filter(agency_id=agency_id)
        .order_by("-number")
        .values(
            "number", "from_on", "until_on", "channel", "approved_by__full_name", "approved_at", "declaration_id",
            "declaration__reason",
        )
    )  # fmt: skip


def declarations_of(agency_id: int) -> list[Any]:
    """What the agency handed in or was recorded of it, the latest first; drafts are its own."""
    return list(
        Declaration.objects.filter(agency_id=agency_id)
        .exclude(state__in=UNSEEN)
        .order_by("-submitted_at")
        .values("id", "state", "channel", "submitted_on", "decided_on", "decided_by__full_name", "reason")[
            :50
        ]
    )


def agency_of(jurisdiction: str, agency_id: int) -> Agency | None:
    """The agency of the jurisdiction, with its company and bodies."""
    return (
        Agency.objects.filter(pk=agency_id, jurisdiction=jurisdiction)
        .select_related(
            "company", "reviewing_body", "city_body", "merged_into__company", "head_office__company"
        )
        .first()
    )


def _seen_by(acting: Acting) -> "QuerySet[Declaration]":
    found = Declaration.objects.filter(jurisdiction=acting.jurisdiction).exclude(state__in=UNSEEN)
    if "precheck" in acting.functions or "organise" in acting.functions:
        return found
    return found.filter(Q(agency__reviewing_body_id=acting.body_id) | Q(agency__city_body_id=acting.body_id))


def _todo(acting: Acting) -> Q:
    """Where the table gives the person a step that decides something."""
    asked = Q(pk__in=[])
    at = {
        # Of the agency, as the steps ask it: since it was handed in the agency may have moved.
        Place.REVIEWING: Q(agency__reviewing_body_id=acting.body_id),
        Place.CITY: Q(agency__city_body_id=acting.body_id),
        Place.COMMITTEE: Q() if "precheck" in acting.functions else Q(pk__in=[]),
    }
    for step in STEPS:
        if acting.role in step.roles and step.place in at and State.NEW not in step.before:
            asked |= at[step.place] & Q(state__in=[state.value for state in step.before])
    return asked


def _of_bin(name: str, acting: Acting) -> Q:
    under_review = Q(state__in=sorted(UNDER_REVIEW))
    match name:
        case "todo":
            return _todo(acting)
        case "warned":
            return _todo(acting) & ~Q(findings=[])
        case "others":
            return under_review & ~_todo(acting)
        case "returned":
            return Q(state=State.RETURNED)
        case "decided":
            return Q(state=State.APPROVED, decided_on__gte=today().replace(day=1))
        case _:
            return Q()


def _sieved(found: "QuerySet[Declaration]", acting: Acting, sieve: Sieve) -> "QuerySet[Declaration]":
    found = found.filter(_of_bin(sieve.bin, acting))
    exact = {
        "agency__city": sieve.city, "agency__county": sieve.county, "state": sieve.state, "channel": sieve.channel,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if sieve.waiting:
        found = found.filter(submitted_on__lte=today() - timedelta(days=sieve.waiting))
    if sieve.warned:
        found = found.filter(~Q(findings=[]) if sieve.warned == "yes" else Q(findings=[]))
    return found.filter(_named("agency__", sieve.words)) if sieve.words else found


def _named(to_agency: str, words: str) -> Q:
    """Agencies by part of a name, former ones too, or by the beginning of a code."""
    key = name_key(words)
    code = words.strip().upper()
    asked = Q(**{f"{to_agency}code__startswith": code}) | Q(**{f"{to_agency}former_codes__contains": [code]})
    if key:
        asked |= Q(**{f"{to_agency}company__name_key__contains": key})
        asked |= Q(**{f"{to_agency}company__in": formerly(key)})
    return asked


def compared_with(declaration: Declaration) -> Version | None:
    """The version it would replace: the one in force, or once it is accepted the one before its own.

    Not the one it was begun from: a change recorded meanwhile (四（二）) must not be undone unseen.
    """
    versions = (
        Version.objects.filter(agency_id=declaration.agency_id).select_related("agency").order_by("-number")
    )
    if declaration.state == State.APPROVED:
        return versions.filter(number__lt=declaration.version.number).first()
    return versions.first()


def _consistency(declaration: Declaration, new: Mapping[str, Any]) -> Consistency:
    """Of one that waits, as filing and roster stand today; of one decided, as it was when it was handed in."""
    known = known_of(declaration.agency, new)
    kept = [_as_finding(one) for one in declaration.findings]
    if declaration.state in UNDER_REVIEW:
        on = declaration.submitted_on or today()
        afresh = values.checked(new, declaration.jurisdiction, on=on, known=known).findings
        kept = [one for one in kept if one.key not in WITH_OTHERS]
        kept += [one for one in afresh if one.key in WITH_OTHERS]
    return Consistency(
        tuple(one for one in kept if one.key in WITH_OTHERS),
        tuple(one for one in kept if one.key not in WITH_OTHERS),
        known.filing is not None, known.registered is not None,
    )  # fmt: skip


def _as_finding(stored: Mapping[str, Any]) -> Finding:
    return Finding(
        stored["key"], stored["rule"], Severity(stored["severity"]), tuple(stored["codes"]), stored["message"],
        tuple(stored["path"]),
    )  # fmt: skip


def agencies_found(
    jurisdiction: str, *, words: str = "", city: str = "", county: str = "", standing: str = "", page: int = 1
) -> dict[str, Any]:
    """A page of the agencies that were asked for, by place and name."""
    found = _agencies(jurisdiction, words=words, city=city, county=county, standing=standing)
    first = (page - 1) * A_PAGE
    rows: list[dict[str, Any]] = list(
        found.order_by("city", "county", "company__name", "pk").values(  # type: ignore[arg-type]
            "id", "code", "company__name", "city", "county", "standing", "standing_since", "entered_on",
            "merged_into__company__name", "reviewing_body__name",
        )[first : first + A_PAGE + 1]
    )  # fmt: skip
    for row in rows:
        row["standing_title"] = STANDINGS[row["standing"]]
    return {"rows": rows[:A_PAGE], "more": len(rows) > A_PAGE}


def agencies_exported(
    jurisdiction: str, *, at_most: int, words: str = "", city: str = "", county: str = "", standing: str = ""
) -> list[Agency] | None:
    """All of them with their companies, in the same order; None when they are more than `at_most`."""
    found = _agencies(jurisdiction, words=words, city=city, county=county, standing=standing)
    ordered = found.select_related("company").order_by("city", "county", "company__name", "pk")
    agencies = list(ordered[: at_most + 1])
    return agencies if len(agencies) <= at_most else None


def _agencies(jurisdiction: str, *, words: str, city: str, county: str, standing: str) -> "QuerySet[Agency]":
    found = Agency.objects.filter(jurisdiction=jurisdiction)
    exact = {"city": city, "county": county, "standing": standing}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return found.filter(_named("", words)) if words else found


def is_file_of(agency: Agency, subject_kind: str, subject_id: str) -> bool:
    """Whether a file of that subject is the agency's: its pictures, or evidence of what was recorded of it."""
    if subject_kind == "agency":
        return subject_id == str(agency.pk)
    if subject_kind != "declaration":
        return False
    return Declaration.objects.filter(pk=subject_id, agency=agency).exists()


def is_published(agency_id: int, attachment_id: UUID) -> bool:
    """Whether the public reads the picture anyway."""
    return PublishedPicture.objects.filter(pk=attachment_id, agency_id=agency_id).exists()
