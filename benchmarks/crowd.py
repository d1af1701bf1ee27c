"""The demonstration's people and cases, and beside them volume: plausible cases at every stage, laid in bulk.

The volume is rows only, no acts: what is measured afterwards are the acts and pages on top of them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from fangxin.cases.models import Case, CompanyTask
from fangxin.cases.search import tokens_of
from fangxin.complaints.models import Complaint, Progress
from fangxin.config import demonstration
from fangxin.config.demonstration import GIVEN, STORIES, SURNAMES
from fangxin.deadlines.clock import today
from fangxin.deadlines.models import Deadline
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body, Company, Membership
from fangxin.organisations.roles import Role
from fangxin.rules import book

AT_ONCE = 1000
# How cases lie in a running office: some unsorted, most at work, half of them over.
STATUSES = {
    "registered": 10, "dispatched": 14, "investigating": 22, "rectifying": 2, "awaiting_telling": 2, "handled": 5,
    "closed": 43, "refused": 2,
}  # fmt: skip
MAIN = "district.110105.brokerage"
MORE_WORDS = (
    "多次联系对方都没有结果，请主管部门核实情况，责令其尽快退款并书面答复。合同、收据和聊天记录我都保留着。"
)


@dataclass(frozen=True)
class Seats:
    """A department's people by number."""

    body_id: int
    officer_id: int | None


def lay(how_many: int) -> None:
    """The demonstration is there, and so many more cases with complaints, words, terms, tasks and notices."""
    demonstration.create()
    chance = random.Random(20260213)
    seats = _seats()
    centre = Body.objects.get(code="city.research_centre").pk
    company = Company.objects.filter(kinds__contains=["brokerage"]).first()
    number = 0
    while number < how_many:
        until = min(number + AT_ONCE, how_many)
        _lay_batch(list(_drawn(range(number, until), chance, seats, centre)), company)
        number = until
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def message(number: int, chance: random.Random) -> tuple[str, str, str]:
    """Link, title and a text of some 150 characters, as a citizen might write."""
    link, title, text, _ = STORIES[number % len(STORIES)]
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    place = f"演示家园{number % 40 + 1}期{number % 18 + 1}号楼"
    said = f"我住在{place}，{text}今年{number % 12 + 1}月起{MORE_WORDS}我姓{name[0]}，希望尽快得到处理。"
    return link, f"{place}{title}", said


def _seats() -> dict[tuple[str, str], Seats]:
    officers = dict(Membership.objects.filter(role=Role.CASE_OFFICER).values_list("body_id", "user_id"))
    return {
        (body.link, body.district): Seats(body.pk, officers.get(body.pk))
        for body in Body.objects.filter(functions__contains=["handle"])
    }


def _drawn(
    numbers: range, chance: random.Random, seats: dict[tuple[str, str], Seats], centre: int
) -> Iterator[tuple[Complaint, Case]]:
    day, version = today(), book("beijing").version
    names, weights = list(STATUSES), list(STATUSES.values())
    for number in numbers:
        link, title, text = message(number, chance)
        if number % 5 < 2:
            link, district = "brokerage", "110105"
        else:
            district = chance.choice(["110101", "110105", "110106", "110108", "110112"])
        seat = seats.get((link, district)) or seats.get((link, ""))
        status = chance.choices(names, weights)[0] if seat else "registered"
        begun = day - timedelta(days=chance.randint(0, 60))
        complaint = Complaint(
            number=f"BJ-2025-{number + 1:06d}", jurisdiction="beijing", source="web", title=title, text=text,
            respondent_name="北京诚信房产经纪有限公司（演示）", project_name=f"演示家园{number % 40 + 1}期",
            district=district, received_at=timezone.now(), secret_hash=number.to_bytes(32, "big"),
        )  # fmt: skip
        accepted = status not in {"registered", "dispatched", "refused"}
        case = Case(
            number=complaint.number, jurisdiction="beijing", complaint=complaint, source="web", title=title,
            respondent_name=complaint.respondent_name, project_name=complaint.project_name, district=district,
            link="" if status == "registered" else link, status=status, sorting_body_id=centre,
            holder_id=centre if status == "registered" or seat is None else seat.body_id,
            handling_body_id=None if status == "registered" or seat is None else seat.body_id,
            sender_id=None if status == "registered" else centre,
            officer_id=seat.officer_id if accepted and seat else None, registered_on=begun,
            dispatched_on=None if status == "registered" else begun, accepted_on=begun if accepted else None,
            due_on=begun + timedelta(days=14) if accepted and status not in {"closed", "handled"} else None,
            handled_on=day if status in {"handled", "closed"} else None, suggested_link=link,
            suggestion={"link": link, "certainty": 0.87, "reasons": ["定金", "中介"], "violations": [], "model": "words"},
            summary="投诉人反映贵公司不退定金。" if accepted else "", points=["定金为何不退还？"] if accepted else [],
            rulebook_version=version,
        )  # fmt: skip
        yield complaint, case


@transaction.atomic
def _lay_batch(drawn: list[tuple[Complaint, Case]], company: Company | None) -> None:
    day = today()
    Complaint.objects.bulk_create([complaint for complaint, _ in drawn])
    Case.objects.bulk_create([case for _, case in drawn])
    Progress.objects.bulk_create(
        Progress(complaint=complaint, on=day, title="投诉已收到", text="已进入监管平台。")
        for complaint, _ in drawn
    )
    accepted = [case for _, case in drawn if case.accepted_on]
    Deadline.objects.bulk_create(
        Deadline(
            jurisdiction="beijing", rule_key="handling_opinion", title="处理意见", subject_kind="case",
            subject_id=case.pk, matter_id=case.pk, owner_body_id=case.handling_body_id, owner_user_id=case.officer_id,
            starts_on=case.accepted_on, amount=10, unit="工作日", due_on=case.accepted_on + timedelta(days=14),
            first_due_on=case.accepted_on + timedelta(days=14), explanation=["自次日起算"], clause="二（六）",
            rulebook_version=case.rulebook_version, state="running" if case.due_on else "met",
            met_on=None if case.due_on else case.accepted_on, next_look_on=case.due_on,
        )
        for case in accepted
    )  # fmt: skip
    CompanyTask.objects.bulk_create(
        CompanyTask(
            id=uuid4(), case_id=case.pk, number=case.number, company=company, company_name=case.respondent_name,
            handling_body_id=case.handling_body_id, link=case.link, project_name=case.project_name,
            summary=case.summary, points=case.points, state="notified" if case.due_on else "accepted",
            sent_on=case.accepted_on, due_on=case.accepted_on + timedelta(days=5),
        )
        for case in accepted
    )  # fmt: skip
    Notice.objects.bulk_create(
        Notice(to_body_id=case.holder_id, title=f"案件 {case.number}", matter_id=case.pk, mail_state="none", read_at=timezone.now())
        for _, case in drawn
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into cases_casesearch (case_id, tokens) values (%s, array_to_tsvector(%s::text[]))",
            [
                (case.pk, sorted(tokens_of(case.number, case.title, complaint.text)))
                for complaint, case in drawn
            ],
        )
        cursor.executemany(
            "insert into journal_entry (kind, jurisdiction, actor_label, subject_kind, subject_id, summary)"
            " values ('case.register', 'beijing', '投诉人', 'case', %s, %s)",
            [(str(case.pk), f"网上投诉案件录入，编号{case.number}") for _, case in drawn],
        )
