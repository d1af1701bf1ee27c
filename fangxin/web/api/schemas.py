"""What the API answers with. A key that is not named here does not go out."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Schema
from pydantic import AfterValidator

Moment = Annotated[datetime, AfterValidator(timezone.localtime)]


class Due(Schema):
    """How a term stands today: tone overdue | today | soon | running."""

    words: str
    tone: str
    days_left: int | None


class DeskRow(Schema):
    """A case in a list."""

    number: str
    title: str
    respondent_name: str
    project_name: str
    link: str
    link_title: str
    district: str
    district_title: str
    source: str
    source_title: str
    status: str
    status_title: str
    due_on: date | None
    due: Due | None
    registered_on: date
    officer: str | None
    holder: str
    may_be_major: bool
    suggested_link: str
    certainty: float | None
    turn: int


class Desk(Schema):
    """One page of at most 50; `total` counts to 3001 and no further."""

    cases: list[DeskRow]
    total: int
    page: int
    more: bool


class OpenStep(Schema):
    """A step this person may take on the case now."""

    verb: str
    title: str
    clause: str


class OpenSteps(Schema):
    """What may be done now, and otherwise whose turn it is."""

    number: str
    status: str
    status_title: str
    turn: int
    steps: list[OpenStep]
    others: list[str]


class Choice(Schema):
    """One of a field's list."""

    value: str
    title: str


class Field(Schema):
    """A field of a form; `value` is what the page would show in it."""

    name: str
    label: str
    type: str
    required: bool
    max_length: int | None
    help: str
    choices: list[Choice]
    value: list[str] | str | bool | int | None


class StepForm(Schema):
    """The form of a step for this case and this person."""

    verb: str
    title: str
    clause: str
    fields: list[Field]


class Standing(Schema):
    """Where a case stands after a step; null when it has left your sight. `repeated`: it had been done before."""

    number: str
    status: str | None
    status_title: str | None
    turn: int | None
    repeated: bool


class Deadline(Schema):
    """A term with the day it ends and why."""

    title: str
    starts_on: date
    amount: int
    unit: str
    due_on: date
    state: str
    words: str
    tone: str
    provisional: bool
    clause: str
    quote: str
    explanation: list[str]


class Answer(Schema):
    """An answer to one point."""

    point: str
    answer: str


class Reply(Schema):
    """A company's answer, one version of it."""

    version: int
    answers: list[Answer]
    admits_violation: bool
    plan: str
    by_name: str
    contact: str
    replied_on: date
    late: bool


class Task(Schema):
    """What one company was asked, and what it answered."""

    company_name: str
    state: str
    state_title: str
    sent_on: date | None
    due_on: date | None
    first_viewed_at: Moment | None
    replied_on: date | None
    replied_late: bool
    replies: list[Reply]


class Opinion(Schema):
    """A handling opinion."""

    outcome: str
    outcome_title: str
    findings: str
    legal_basis: str
    violations: list[str]
    violation_titles: list[str]
    text: str
    by: str
    on: date
    late: bool


class Order(Schema):
    """An order to rectify."""

    id: UUID
    company_name: str
    state: str
    state_title: str
    requirements: str
    served_on: date
    due_on: date


class Hop(Schema):
    """One sending of the case from body to body."""

    from_body: str | None
    to_body: str
    kind: str
    clause: str
    rule_key: str
    rulebook_version: str
    on: date


class Event(Schema):
    """One entry of the case's story."""

    at: Moment
    summary: str
    by: str
    clause: str


class Case(Schema):
    """One case, whole; the complainant's identity is never part of it."""

    number: str
    title: str
    text: str
    status: str
    status_title: str
    turn: int
    source: str
    source_title: str
    link: str
    link_title: str
    district: str
    district_title: str
    respondent_name: str
    respondent_person: str
    project_name: str
    project_address: str
    external_number: str | None
    origin_document: str
    has_complainant: bool
    holder: str
    handling_body: str | None
    officer: str | None
    registered_on: date
    accepted_on: date | None
    handled_on: date | None
    due_on: date | None
    summary: str
    points: list[str]
    may_be_major: bool
    rulebook_version: str
    deadlines: list[Deadline]
    tasks: list[Task]
    opinions: list[Opinion]
    orders: list[Order]
    hops: list[Hop]
    story: list[Event]
    steps: list[OpenStep]


class TaskRow(Schema):
    """A case sent to the company, in a list."""

    id: UUID
    number: str
    link: str
    link_title: str
    project_name: str
    summary: str
    state: str
    state_title: str
    sent_on: date | None
    due_on: date | None
    due: Due | None
    replied_on: date | None
    replied_late: bool


class Tasks(Schema):
    """The company's tasks, soonest due first."""

    tasks: list[TaskRow]


class OwnReply(Schema):
    """The company's own answer."""

    version: int
    answers: list[Answer]
    admits_violation: bool
    plan: str
    by_name: str
    contact: str
    replied_on: date
    late: bool


class OwnTask(TaskRow):
    """One case as the company may know it; `fields` is the form to answer with while it is open."""

    points: list[str]
    handling_body: str | None
    replies: list[OwnReply]
    open: bool
    fields: list[Field]


class Replied(Schema):
    """The task after a reply. `repeated`: this very reply had been received before."""

    id: UUID
    state: str
    state_title: str
    version: int
    repeated: bool


class DueDay(Schema):
    """The last day of a term, and why."""

    start: date
    n: int
    unit: str
    due_on: date
    weekday: str
    rolled_from: date | None
    provisional: bool
    summary: str
    explanation: list[str]


class ProblemDetails(Schema):
    """RFC 9457; `fields` names what is wrong with which field."""

    type: str
    title: str
    status: int
    detail: str
    fields: dict[str, list[str]] | None = None
