"""Reading cases: who sees which, what lies on a desk, what can be done now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, F, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, JSONObject

from fangxin.cases.models import (
    CallBack,
    Case,
    CompanyTask,
    CompanyTelling,
    DelayStatement,
    Extension,
    Hop,
    IdentityOpening,
    OwnRectification,
    Proposal,
    Reply,
    ReplyReturn,
    SavedFilter,
    SupervisionOrder,
    TriageDecision,
    Urging,
)
from fangxin.cases.search import search_expression
from fangxin.cases.standing import asked_of_standing, days_of, standing_of
from fangxin.cases.supervision import STATES, UNANSWERED, OrderStep
from fangxin.cases.supervision import STEPS as ORDER_STEPS
from fangxin.cases.terms import LINKS, district_titles, source_titles, supervision_levels
from fangxin.cases.workflow import ENDED, STAGES, STATUS_TITLES, Status, Step, open_steps, stage_of
from fangxin.complaints.complainant import unseal_complainant
from fangxin.complaints.queries import complaint_text, masked_summary
from fangxin.complaints.redaction import Proposal as SummaryProposal
from fangxin.deadlines.clock import now, today
from fangxin.deadlines.queries import due_words, terms_of
from fangxin.documents.queries import by_matter, files_of, stored_files
from fangxin.journal.queries import entries_about
from fangxin.organisations.asked_often import Rows, asked_often, counted_often
from fangxin.organisations.models import Company
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import Unit, book, calendar

_WORDS = (
    "id", "number", "source", "title", "text", "respondent_name", "respondent_person", "project_name",
    "project_address", "district", "received_at", "external_number", "origin_document", "earlier_answer",
    "entered_by_name", "has_complainant",
)  # fmt: skip
PAGE = 50
COUNTED_TO = 3001
# The company knows of these by copy or fax, or not yet.
IN_A_DEPARTMENT = {Role.DEPARTMENT_CLERK, Role.CASE_OFFICER, Role.DEPARTMENT_HEAD}
_ON_PAPER = (CompanyTask.State.UNREACHED, CompanyTask.State.TOLD)
_ROW = (
    "id", "number", "title", "respondent_name", "project_name", "link", "district", "source", "status",
    "due_on", "registered_on", "officer__full_name", "holder__name", "handling_body__name", "may_be_major",
    "suggested_link", "suggestion__certainty", "turn",
)  # fmt: skip


@dataclass(frozen=True)
class Sieve:
    """What a desk is filtered by; empty fields filter nothing."""

    bin: str = "todo"
    words: str = ""
    link: str = ""
    status: str = ""
    district: str = ""
    source: str = ""
    page: int = 1


class Reader(NamedTuple):
    """What of a person decides which cases they see and what lies on their desk."""

    role: Role
    functions: frozenset[str]
    jurisdiction: str
    body_id: int | None
    user_id: int

    @property
    def acting(self) -> Acting:
        """Somebody who stands like this person."""
        return Acting(
            self.user_id,
            "",
            0,
            self.role,
            self.body_id,
            functions=self.functions,
            jurisdiction=self.jurisdiction,
        )


class Days(NamedTuple):
    """Today, the last day that counts as soon, and the first of the month."""

    today: date
    soon: date
    month: date


def visible_to(acting: Acting) -> QuerySet[Case]:
    """The cases a person may see (8.1): the centre and the leaders all, a body those that passed through it.

    An administrator and an audit officer see no cases: their work is elsewhere.
    """
    cases = Case.objects.filter(jurisdiction=acting.jurisdiction)
    if acting.body_id is None or acting.role in {Role.ADMINISTRATOR, Role.AUDIT_OFFICER}:
        return cases.none()
    if acting.role == Role.LEADER or "call_back" in acting.functions:
        return cases
    mine = (
        Q(holder_id=acting.body_id) | Q(handling_body_id=acting.body_id) | Q(sorting_body_id=acting.body_id)
    )
    mine |= Q(entered_by_id=acting.body_id)
    if "business_division" in acting.functions:
        mine |= Q(reported_to_id=acting.body_id)
    if "hub_property" in acting.functions:
        mine |= Q(link="property")
    return cases.filter(mine)


def case_for(acting: Acting, number: str) -> Case | None:
    """The case of that number if the person may see it; None for one that is not there and for one that is not theirs."""
    found = _case_for(_reader(acting), number)
    return found[0] if found else None


@asked_often
def _case_for(reader: Reader, number: str) -> Rows:
    return (
        visible_to(reader.acting)
        .select_related("complaint", "entered_by", "holder", "handling_body", "officer", "reported_to")
        .defer("officer__password")
        .filter(number=number)
    )


def my_turn(acting: Acting) -> Q:
    """The cases on which this person can take a step now, as a condition the desk's index serves.

    Each names the body that holds or handles the case, so that `visible_to` would add nothing but its cost.
    """
    holds = Q(holder_id=acting.body_id)
    turn = _turn_in_the_body(acting, holds)
    if "business_division" in acting.functions and acting.role in IN_A_DEPARTMENT:
        turn |= Q(reported_to_id=acting.body_id, status=Status.INVESTIGATING)
    return turn


def _turn_in_the_body(acting: Acting, holds: Q) -> Q:
    match acting.role:
        case Role.DISPATCHER:
            return holds & Q(status__in=[Status.REGISTERED, Status.AT_HUB])
        case Role.DEPARTMENT_CLERK:
            return holds & Q(status=Status.DISPATCHED)
        case Role.CASE_OFFICER:
            statuses = [Status.INVESTIGATING, Status.RECTIFYING, Status.AWAITING_TELLING]
            return holds & Q(officer_id=acting.user_id, status__in=statuses)
        case Role.DEPARTMENT_HEAD:
            statuses = [Status.RETURN_PROPOSED, Status.REFUSAL_PROPOSED, Status.AWAITING_ORDER]
            asked = Q(status=Status.INVESTIGATING, extension_asked_by__isnull=False)
            return holds & (Q(status__in=statuses) | asked)
        case Role.SUPERVISOR:
            return Q(status=Status.HANDLED) if "call_back" in acting.functions else Q(pk__in=[])
        case _:
            return Q(pk__in=[])


def desk(acting: Acting, sieve: Sieve, counts: Mapping[str, int] | None = None) -> dict[str, Any]:
    """One page of 50 cases of a desk, soonest due first, with its count (to 3000) and what to show of each.

    Two queries, whatever the page holds; one with the `counts` of `desk_counts` at hand.
    """
    days, start = _days(acting), (max(sieve.page, 1) - 1) * PAGE
    if plain := sieve == Sieve(bin=sieve.bin):
        rows = _first_page(sieve, _reader(acting), days)
    else:
        cases = _in_order(_sieved(_reader(acting), sieve, days), sieve)
        rows = [dict(row) for row in cases.values(*_ROW)[start : start + PAGE + 1]]
    more = len(rows) > PAGE
    if not more:
        total = start + len(rows)
    elif plain:
        total = (counts or {}).get(sieve.bin) or _counted(sieve, _reader(acting), days)["all"]
    else:
        total = _sieved(_reader(acting), sieve, days).order_by()[:COUNTED_TO].count()
    day, districts = days.today, district_titles(acting.jurisdiction)
    sources = source_titles(acting.jurisdiction)
    return {
        "rows": [_shown(row, districts, sources, day) for row in rows[:PAGE]],
        "total": total,
        "total_words": counted_words(total),
        "page": max(sieve.page, 1),
        "more": more,
    }


def asked_of_a_desk(acting: Acting, sieve: Sieve) -> list[tuple[Any, ...]]:
    """What a desk's page asks for its tiles and rows, for `asked_ahead`."""
    reader, days = _reader(acting), _days(acting)
    rows = [(_first_page, sieve, reader, days)] if sieve == Sieve(bin=sieve.bin) else []
    return [(_tile_counts, reader, days), *rows, (saved_filters, acting.user_id)]


def desk_counts(acting: Acting) -> dict[str, int]:
    """The tiles of a desk, each to 3001, in one query.

    They are todo, soon (within the rulebook's working days), overdue, waiting for others, and handled this month.
    """
    return _tile_counts(_reader(acting), _days(acting))


def counted_words(count: int) -> str:
    """The count as a screen shows it: from 3001 on, “3000+”."""
    return f"{COUNTED_TO - 1}+" if count >= COUNTED_TO else str(count)


@asked_often
def _first_page(sieve: Sieve, reader: Reader, days: Days) -> Rows:
    return _in_order(_sieved(reader, sieve, days), sieve).values(*_ROW)[: PAGE + 1]


@counted_often
def _counted(sieve: Sieve, reader: Reader, days: Days) -> dict[str, Rows]:
    return {"all": _sieved(reader, sieve, days)[:COUNTED_TO]}


@counted_often
def _tile_counts(reader: Reader, days: Days) -> dict[str, Rows]:
    return {
        bin_: _sieved(reader, Sieve(bin=bin_), days)[:COUNTED_TO]
        for bin_ in ("todo", "soon", "overdue", "waiting", "handled")
    }


def _reader(acting: Acting) -> Reader:
    return Reader(acting.role, acting.functions, acting.jurisdiction, acting.body_id, acting.user_id)


def _days(acting: Acting) -> Days:
    day = today()
    return Days(day, _soon(acting, day), day.replace(day=1))


def _in_order(cases: QuerySet[Case], sieve: Sieve) -> QuerySet[Case]:
    if sieve.bin in {"all", "ended", "handled"} or sieve.words:
        return cases.order_by("-registered_at")
    return cases.order_by(F("due_on").asc(nulls_last=True), "registered_at")


# Steps about a supervision order: they are there while an order is, and the case does not wait for them.
OF_AN_ORDER: Mapping[str, OrderStep] = {
    f"{row.verb}_supervision": row for row in ORDER_STEPS if row.verb != "return"
}


def steps_for(
    case: Case, acting: Acting, *, beside: Mapping[str, list[dict[str, Any]]] | None = None
) -> list[Step]:
    """What this person can do on the case now, in the order of the table.

    A step about a supervision order only while an order stands where the step begins. `beside` is what `beside_case`
    found, where it has been read already.
    """
    steps = list(open_steps(standing_of(case, acting)))
    if not any(step.verb in OF_AN_ORDER for step in steps):
        return steps
    orders = (beside if beside is not None else beside_case(case.pk))["orders"]
    return [step for step in steps if step.verb not in OF_AN_ORDER or _some_order(step.verb, orders)]


def _some_order(verb: str, orders: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an order stands where the step begins; a department answers for its own, not for a company's."""
    begins = OF_AN_ORDER[verb]
    return any(
        one["state"] in begins.before and (one["body__name"] or begins.verb == "close") for one in orders
    )


def next_actors(case: Case) -> list[str]:
    """Who can move the case now, in words: “部门领导（朝阳区…）：批准回退”."""
    from fangxin.cases.workflow import STEPS, Place, is_awaited

    found = []
    for step in STEPS:
        if step.verb in OF_AN_ORDER or not is_awaited(step, days_of(case)):
            continue
        roles = "、".join(sorted(role.title for role in step.roles))
        where = case.holder.name if step.place in {Place.SORTING, Place.HANDLING} else ""
        where = (case.officer.full_name if case.officer else "") if step.place == Place.OFFICER else where
        where = "城研中心" if step.place == Place.CENTRE else where
        where = case.reported_to.name if step.place == Place.DIVISION and case.reported_to else where
        found.append(f"{roles}（{where}）：{step.title}" if where else f"{roles}：{step.title}")
    return found


def stages_of(case: Case) -> list[dict[str, Any]]:
    """The flow chart with the case's place in it: title, state done | current | todo (BJ-1)."""
    place = stage_of(Status(case.status))
    states = ["done"] * place + ["current"] + ["todo"] * (len(STAGES) - place - 1)
    return [{"title": title, "state": state} for (title, _), state in zip(STAGES, states, strict=True)]


def case_text(case: Case) -> dict[str, Any]:
    """The complaint's raw words and facts, for those who may see the case."""
    complaint, body = case.complaint, case.entered_by
    words = {name: getattr(complaint, name) for name in _WORDS}
    return {**words, "entered_by__name": body.name if body else None}


def asked_of_a_case(case: Case, acting: Acting) -> list[tuple[Any, ...]]:
    """What a case's page asks of this module and those below, for `asked_ahead`."""
    of_case = (
        _tasks, _replies, _files_of_tasks, _beside_case, hops_of, proposals_of, callbacks_of, _openings, terms_of,
    )  # fmt: skip
    return [
        *((ask, case.pk) for ask in of_case),
        *asked_of_standing(case, acting),
        (story_of, str(case.pk)),
        (files_of, "complaint", str(case.complaint_id)),
    ]


def tasks_of(case_id: UUID) -> list[dict[str, Any]]:
    """Each respondent's task with how it was told, its replies, newest version last, and what was sent back."""
    tasks = _tasks(case_id)
    replies: dict[UUID, list[dict[str, Any]]] = {}
    states, ways = dict(CompanyTask.State.choices), dict(Reply.Way.choices)
    for reply in _replies(case_id):
        replies.setdefault(reply["task_id"], []).append({**reply, "way_title": ways[reply["way"]]})
    return [
        {
            **task, "state_title": states[task["state"]], "replies": replies.get(task["id"], []),
            **{name: [_from_json(row) for row in task[name]] for name in _BESIDE_A_TASK},
        }
        for task in tasks
    ]  # fmt: skip


# What lies beside a task comes with it: most tasks have none of it, and none costs the page a question of its own.
_BESIDE_A_TASK: Mapping[str, tuple[type[Model], tuple[str, ...]]] = {
    "tellings": (CompanyTelling, ("id", "channel", "address", "told_at", "told_on", "by_user__full_name")),
    "returns": (ReplyReturn, ("version", "points", "reason", "due_on", "on", "by_user__full_name")),
    "rectifications": (OwnRectification, ("id", "text", "done_on", "late", "by_user__full_name", "on")),
}


def _beside(model: type[Model], columns: tuple[str, ...], **of: Any) -> ArraySubquery:
    rows = model._default_manager.filter(**of).order_by("number" if model is SupervisionOrder else "pk")
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in columns})))


def _from_json(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its days and moments as such: `…_on` and `on` are days, `…_at` moments."""
    read = dict(row)
    for name, value in row.items():
        if value is not None and (name == "on" or name.endswith("_on")):
            read[name] = date.fromisoformat(value)
        elif value is not None and name.endswith("_at"):
            read[name] = datetime.fromisoformat(value)
    return read


@asked_often
def _tasks(case_id: UUID) -> Rows:
    beside = {name: _beside(*kept, task=OuterRef("pk")) for name, kept in _BESIDE_A_TASK.items()}
    return CompanyTask.objects.filter(case_id=case_id).order_by("round", "company_name").values(
        "id", "company_id", "company_name", "state", "sent_on", "due_on", "first_viewed_at", "viewed_by",
        "replied_on", "replied_late", "round", "summary", "points", "told_on", "closed_because",
    ).annotate(**beside)  # fmt: skip


@asked_often
def _replies(case_id: UUID) -> Rows:
    return Reply.objects.filter(task__case_id=case_id).order_by("version").values(
        "id", "task_id", "version", "answers", "admits_violation", "plan", "by_name", "contact", "replied_on", "late",
        "way", "registered_by__full_name",
    )  # fmt: skip


_BESIDE_A_CASE: Mapping[str, tuple[type[Model], tuple[str, ...]]] = {
    "urgings": (
        Urging,
        ("number", "kind", "task_id", "task__company_name", "body__name", "channel", "addressee", "text",
         "by_body__name", "by_user__full_name", "on", "answer", "answered_on"),
    ),
    "extensions": (
        Extension,
        ("old_due_on", "new_due_on", "reason", "asked_by__full_name", "asked_on", "decided_by__full_name",
         "decided_on", "approved", "opinion", "lapsed"),
    ),
    "orders": (
        SupervisionOrder,
        ("id", "number", "body__name", "company__name", "text", "level", "state", "issued_by__full_name", "issued_on",
         "due_on", "acknowledged_on", "answer", "answered_on", "answered_late", "answered_by", "closed_on", "conclusion"),
    ),
    "delays": (
        DelayStatement, ("due_on", "reason", "reported_to__name", "by_user__full_name", "on")
    ),
}  # fmt: skip

# A company reads its order, and no case: the number stands in for the key.
_OF_A_CASE = {"orders": "case_id"}


def beside_case(case_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """The urgings, extensions and delays of a case, each oldest first. One query."""
    found = _beside_case(case_id)
    rows = found[0] if found else {name: [] for name in _BESIDE_A_CASE}
    beside = {name: [_from_json(row) for row in rows[name]] for name in _BESIDE_A_CASE}
    levels = supervision_levels(found[0]["jurisdiction"]) if beside["orders"] else []
    channels, kinds = dict(Urging.Channel.choices), dict(Urging._meta.get_field("kind").choices or ())
    for row in beside["orders"]:
        row["whom"], row["state_title"] = row["body__name"] or row["company__name"], STATES[row["state"]]
        row["level_title"] = levels[row["level"] - 1]
        row["late"] = row["answered_late"] or (row["state"] in UNANSWERED and row["due_on"] < today())
    for row in beside["urgings"]:
        row["channel_title"], row["kind_title"] = channels[row["channel"]], kinds[row["kind"]]
        row["whom"] = row["task__company_name"] or row["body__name"]
    return beside


@asked_often
def _beside_case(case_id: UUID) -> Rows:
    beside = {
        name: _beside(model, columns, **{_OF_A_CASE.get(name, "case"): OuterRef("pk")})
        for name, (model, columns) in _BESIDE_A_CASE.items()
    }
    return Case.objects.filter(pk=case_id).values("id", "jurisdiction").annotate(**beside)


def files_of_tasks(case_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """The files of each reply, telling and rectification of the case, by its number."""
    return by_matter(_files_of_tasks(case_id))


@asked_often
def _files_of_tasks(case_id: UUID) -> Rows:
    of_case = [
        model._default_manager.filter(task__case_id=case_id)
        .annotate(number=Cast("pk", CharField()))
        .values("number")
        for model in (Reply, CompanyTelling, OwnRectification)
    ]
    return stored_files("reply", of_case[0].union(*of_case[1:], all=True), "telling", "own_rectification")


@asked_often
def hops_of(case_id: UUID) -> Rows:
    """How the case was sent from body to body, oldest first, each with the rule that sent it."""
    return Hop.objects.filter(case_id=case_id).order_by("pk").values(
        "from_body__name", "to_body__name", "kind", "link", "reason", "clause", "rule_key",
        "rulebook_version", "by_user__full_name", "on",
    )  # fmt: skip


@asked_often
def proposals_of(case_id: UUID) -> Rows:
    """Returns and refusals asked for, oldest first, with what was decided."""
    return Proposal.objects.filter(case_id=case_id).order_by("pk").values(
        "kind", "reason_code", "reason", "proposed_by__full_name", "proposed_at", "decided_by__full_name",
        "decided_at", "approved", "opinion",
    )  # fmt: skip


@asked_often
def callbacks_of(case_id: UUID) -> Rows:
    """The attempts to call back, oldest first."""
    return CallBack.objects.filter(case_id=case_id).order_by("pk").values(
        "on", "by_user__full_name", "contacted", "applicable", "solved", "satisfaction", "comment"
    )  # fmt: skip


@asked_often
def story_of(case_id: str) -> Rows:
    """What the journal tells of the case, oldest first."""
    return entries_about("case", case_id)


def summary_proposal(case: Case) -> SummaryProposal:
    """The complaint's words with what names a person masked, for the officer who approves the 转办摘要.

    The author's own sealed strings are looked for as well; they are used here and not shown.
    """
    words = complaint_text(case.complaint_id)
    return masked_summary(words["title"], words["text"], _known_strings(case))


def project_proposal(case: Case) -> str:
    """The project's name as the same officer may begin with it: rooms, people and the author masked."""
    return masked_summary("", case.project_name, _known_strings(case)).text_masked


def _known_strings(case: Case) -> dict[str, str]:
    if not case.complaint.has_complainant:
        return {}
    return dict(unseal_complainant(case.complaint_id).known_strings)


def openings_of(case_id: UUID, acting: Acting) -> dict[str, Any]:
    """Leave to read the complainant's identity: mine that runs, mine that waits, others' waiting for my consent."""
    moment = now()
    rows = _openings(case_id)
    mine = [row for row in rows if row["asked_by_id"] == acting.user_id]
    running = next((row for row in mine if row["open_until"] and row["open_until"] > moment), None)
    may_consent = acting.role in {Role.DEPARTMENT_HEAD, Role.LEADER}
    return {
        "running": running,
        "waiting": next((row for row in mine if row["open_until"] is None), None),
        "to_consent": [
            row for row in rows
            if may_consent and row["open_until"] is None and row["asked_by_id"] != acting.user_id
        ],
    }  # fmt: skip


@asked_often
def _openings(case_id: UUID) -> Rows:
    return IdentityOpening.objects.filter(case_id=case_id, refused=False).order_by("-asked_at").values(
        "id", "asked_by_id", "asked_by__full_name", "reason", "own_case", "open_until", "asked_at"
    )[:20]  # fmt: skip


@asked_often
def saved_filters(user_id: int) -> Rows:
    """A person's kept filters by name."""
    return SavedFilter.objects.filter(user_id=user_id).order_by("name").values("id", "name", "query")


def enterprise_desk(company_id: int, *, done: bool = False) -> list[dict[str, Any]]:
    """A company's tasks, soonest due first; with `done`, those already answered or ended, newest first."""
    open_states = [CompanyTask.State.NOTIFIED, CompanyTask.State.VIEWED, CompanyTask.State.RETURNED]
    tasks = CompanyTask.objects.filter(company_id=company_id).exclude(state__in=_ON_PAPER)
    tasks = tasks.exclude(state__in=open_states) if done else tasks.filter(state__in=open_states)
    rows = tasks.order_by("-sent_on" if done else "due_on").values(
        "id", "number", "link", "project_name", "summary", "state", "sent_on", "due_on", "first_viewed_at",
        "replied_on", "replied_late",
    )[:200]  # fmt: skip
    states, day = dict(CompanyTask.State.choices), today()
    return [
        {
            **row,
            "link_title": LINKS.get(row["link"], ""),
            "state_title": states[row["state"]],
            "due": due_words(row["due_on"], day) if row["due_on"] and not done else None,
        }
        for row in rows
    ]


def task_for(company_id: int, task_id: UUID) -> dict[str, Any] | None:
    """One task of the company with its replies; None when it is not there or not theirs."""
    task = (
        CompanyTask.objects.filter(pk=task_id, company_id=company_id)
        .exclude(state__in=_ON_PAPER)
        .values(
            "id", "number", "link", "project_name", "summary", "points", "state", "sent_on", "due_on",
            "first_viewed_at", "viewed_by", "replied_on", "replied_late", "company_name", "handling_body__name",
        )
        .first()
    )  # fmt: skip
    if task is None:
        return None
    replies = Reply.objects.filter(task_id=task_id, company_id=company_id).order_by("version")
    return {
        **task,
        "link_title": LINKS.get(task["link"], ""),
        "state_title": dict(CompanyTask.State.choices)[task["state"]],
        "due": due_words(task["due_on"], today()) if task["due_on"] else None,
        "open": task["state"] in {"notified", "viewed", "replied", "returned"},
        "urgings": list(
            Urging.objects.filter(task_id=task_id, company_id=company_id)
            .order_by("number")
            .values("text", "on")
        ),
        "returned": _latest_return(company_id, task_id) if task["state"] == "returned" else None,
        "replies": list(
            replies.values(
                "id",
                "version",
                "answers",
                "admits_violation",
                "plan",
                "by_name",
                "contact",
                "replied_on",
                "late",
            )
        ),
    }


def supervision_of_company(company_id: int, order_id: UUID | None = None) -> list[dict[str, Any]]:
    """The supervision orders the company was given, unanswered ones first; one of them when named."""
    orders = SupervisionOrder.objects.filter(company_id=company_id)
    if order_id is not None:
        orders = orders.filter(pk=order_id)
    rows = orders.order_by(F("answered_on").asc(nulls_first=True), "due_on").values(
        "id", "number", "case_number", "text", "state", "issued_on", "due_on", "answer", "answered_on",
        "answered_late", "conclusion",
    )[:100]  # fmt: skip
    day = today()
    return [
        {
            **row, "state_title": STATES[row["state"]], "open": row["state"] in UNANSWERED,
            "due": due_words(row["due_on"], day) if row["state"] in UNANSWERED else None,
        }
        for row in rows
    ]  # fmt: skip


def supervision_counts(jurisdiction: str) -> dict[str, int]:
    """The supervision orders that are open, overdue and answered but not yet closed (二(七))."""
    numbers = Case.objects.filter(jurisdiction=jurisdiction).values("pk")
    unanswered = Q(state__in=UNANSWERED)
    counted: dict[str, int] = SupervisionOrder.objects.filter(case_id__in=numbers).aggregate(
        unanswered=Count("pk", filter=unanswered), overdue=Count("pk", filter=unanswered & Q(due_on__lt=today())),
        answered=Count("pk", filter=Q(state="answered")), closed=Count("pk", filter=Q(state="closed")),
    )  # fmt: skip
    return counted


def _latest_return(company_id: int, task_id: UUID) -> dict[str, Any] | None:
    returns = ReplyReturn.objects.filter(task_id=task_id, company_id=company_id)
    rows = returns.order_by("-version").values("version", "points", "reason", "due_on", "on")[:1]
    return next((dict(row) for row in rows), None)


def triage_corrections() -> Iterator[tuple[str, str, str]]:
    """Every dispatcher's decision as (title, text, link): what the triage learns from."""
    rows = TriageDecision.objects.order_by("pk").values_list(
        "case__complaint__title", "case__complaint__text", "decided"
    )
    yield from rows.iterator(chunk_size=1000)


def _sieved(reader: Reader, sieve: Sieve, days: Days) -> QuerySet[Case]:
    acting = reader.acting
    if sieve.bin in {"todo", "soon"}:
        cases = Case.objects.filter(my_turn(acting), jurisdiction=acting.jurisdiction)
        if acting.body_id is None:
            cases = cases.none()
    else:
        cases = visible_to(acting)
    match sieve.bin:
        case "soon":
            cases = cases.filter(due_on__gte=days.today, due_on__lte=days.soon)
        case "overdue":
            cases = cases.filter(due_on__lt=days.today).exclude(status__in=list(ENDED))
        case "waiting":
            cases = cases.exclude(status__in=list(ENDED)).exclude(my_turn(acting))
        case "handled":
            cases = cases.filter(handled_on__gte=days.month)
        case "ended":
            cases = cases.filter(status__in=list(ENDED))
    exact = {
        name: value for name in ("link", "status", "district", "source") if (value := getattr(sieve, name))
    }
    cases = cases.filter(**exact)
    if sieve.words.strip():
        expression = search_expression(sieve.words)
        if not expression:
            return cases.none()
        cases = cases.filter(
            pk__in=RawSQL("select case_id from cases_casesearch where tokens @@ %s::tsquery", [expression])
        )
    return cases


def _soon(acting: Acting, day: date) -> date:
    """The last day that counts as soon: so many working days from now as the rulebook says."""
    count = book(acting.jurisdiction).value("deadlines.due_soon", on=day).value
    return calendar().due_day(day, int(str(count)), Unit.WORKING_DAY).due_on


def _shown(
    row: Mapping[str, Any], districts: Mapping[str, str], sources: Mapping[str, str], day: date
) -> dict[str, Any]:
    """A row with its words: looked up in dictionaries here, so that the template has nothing to decide."""
    return {
        **row,
        "status_title": STATUS_TITLES[Status(row["status"])],
        "link_title": LINKS.get(row["link"], ""),
        "suggested_title": LINKS.get(row["suggested_link"], "") if not row["link"] else "",
        "certainty": row["suggestion__certainty"] or 0 if not row["link"] else None,
        "district_title": districts.get(row["district"], ""),
        "source_title": sources.get(row["source"], ""),
        "due": due_words(row["due_on"], day) if row["due_on"] and row["status"] not in ENDED else None,
    }


def cases_with(numbers: Sequence[str], acting: Acting) -> list[Case]:
    """The visible cases of those numbers, in the order of the numbers: for a bulk dispatch."""
    asked = [number for number in numbers if number.isprintable()][:200]
    found = {case.number: case for case in visible_to(acting).filter(number__in=asked)}
    return [found[number] for number in numbers if number in found]


def companies_by_id(ids: Sequence[int]) -> list[Company]:
    """The companies of those numbers, each once, in the order given."""
    found = {company.pk: company for company in Company.objects.filter(pk__in=ids)}
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def tasks_of_company(company_id: int, acting: Acting) -> list[dict[str, Any]]:
    """Every task of a company in cases the person may see, newest first, each late or not."""
    seen = visible_to(acting).values("pk")
    day, states = today(), dict(CompanyTask.State.choices)
    tasks = CompanyTask.objects.filter(company_id=company_id, case_id__in=seen).annotate(
        urged=Count("urgings")
    )
    rows = tasks.order_by("-sent_on").values(
        "number", "link", "state", "sent_on", "due_on", "replied_on", "replied_late", "handling_body__name", "urged"
    )[:300]  # fmt: skip
    return [
        {
            **row,
            "state_title": states[row["state"]],
            "link_title": LINKS.get(row["link"], ""),
            "late": row["replied_late"]
            or (row["replied_on"] is None and row["due_on"] is not None and row["due_on"] < day),
        }
        for row in rows
    ]
