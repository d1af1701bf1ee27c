"""One small world, the same each time: its people, and complaints at every stage, made through the pages.

Two worlds differ in what they are built with (who complained, what they wrote) and in nothing else: the day
stands still, every random number is the same, and numbers are counted from the same place.
"""

import hashlib
import io
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import NAMESPACE_URL, UUID, uuid5

import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from PIL import Image
from psycopg.pq import TransactionStatus

from fangxin.cases.actions.identity import address_of_complainant
from fangxin.cases.models import Case, CompanyTask, IdentityOpening, SavedFilter
from fangxin.cases.queries import case_for, summary_proposal
from fangxin.complaints.models import Complaint
from fangxin.documents.actions import release_attachment
from fangxin.documents.models import Attachment
from fangxin.exchange.actions import run_in_background
from fangxin.exchange.models import ImportRun
from fangxin.investigations.models import Inquiry, RectificationOrder
from fangxin.journal.actors import Actor
from fangxin.notices.actions import deliver_notices
from fangxin.organisations.actions import found_bodies
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.models import Body, Company
from fangxin.organisations.roles import Acting, Role
from fangxin.web import access
from tests.cast import PASSWORD, company, member
from tests.leaks.canaries import Author, Canary, Kept, Names, Words

# A Monday morning, eleven o'clock in Beijing.
MOMENT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
ANONYMOUS = "anonymous"
# Role of the matrix → user name, name, role, and the body or company acted for.
PEOPLE: Mapping[str, tuple[str, str, Role, str]] = {
    "company1": ("liuyang", "刘洋", Role.COMPANY_USER, "91110302562134916R"),
    "company2": ("hejing", "何静", Role.COMPANY_USER, "911103027404017237"),
    "intake": ("wulei", "吴磊", Role.INTAKE_CLERK, "city.emergency"),
    "dispatcher": ("liqiang", "李强", Role.DISPATCHER, "city.research_centre"),
    "hub": ("zhouying", "周颖", Role.DISPATCHER, "city.property_guidance"),
    "clerk1": ("wangfang", "王芳", Role.DEPARTMENT_CLERK, "district.110105.brokerage"),
    "officer1": ("chentao", "陈涛", Role.CASE_OFFICER, "district.110105.brokerage"),
    "officer3": ("fanglin", "方林", Role.CASE_OFFICER, "district.110105.brokerage"),
    "head1": ("zhaogang", "赵刚", Role.DEPARTMENT_HEAD, "district.110105.brokerage"),
    "clerk2": ("qianjun", "钱军", Role.DEPARTMENT_CLERK, "district.110106.brokerage"),
    "officer2": ("dengchao", "邓超", Role.CASE_OFFICER, "district.110106.brokerage"),
    "supervisor": ("sunli", "孙丽", Role.SUPERVISOR, "city.research_centre"),
    "leader": ("hepei", "何佩", Role.LEADER, "city.research_centre"),
    "auditor": ("shenji", "沈吉", Role.AUDIT_OFFICER, "city.research_centre"),
    "administrator": ("guanli", "关立", Role.ADMINISTRATOR, "city.research_centre"),
}
ROLES = (ANONYMOUS, *PEOPLE)
OUTSIDE = (ANONYMOUS, "company1", "company2")
# One of each kind: the others are asked too when FULL_LEAKS is set.
FEWER_ROLES = (*OUTSIDE, "dispatcher", "clerk1", "officer1", "head1", "clerk2", "auditor", "administrator")
FULL = bool(os.environ.get("FULL_LEAKS"))
COMPANIES = {
    "company1": ("北京诚信房产经纪有限公司", "91110302562134916R"),
    "company2": ("北京广厦房产经纪有限公司", "911103027404017237"),
}
# Each complaint by the stage it has reached.
STAGES = (
    "waiting",  # in the centre's queue
    "at_hub",  # with 物导中心
    "to_accept",  # with the first department, not yet accepted
    "answered",  # the company answered; the officer holds a permit to see who complained, the clerk asks for one
    "named",  # the author wrote their own name and telephone into the text; the masked text was sent
    "elsewhere",  # with the other department, sent to the other company
    "rectifying",  # the company handed in its plan
    "to_return",  # from the hotline; the return waits for the head
    "refused",
    "closed",
)
A_FEW = ("waiting", "answered", "named", "elsewhere")
THE_CENTRE = {"dispatcher", "supervisor", "leader"}
DEPARTMENT_1 = {"clerk1", "officer1", "officer3", "head1"}
DEPARTMENT_2 = {"clerk2", "officer2"}
# Who may see each case, and with it the words in which it was complained (8.1). `intake` sees what it entered.
SEEN_BY: Mapping[str, frozenset[str]] = {
    stage: frozenset(THE_CENTRE | more)
    for stage, more in {
        "waiting": set(),
        "at_hub": {"hub"},
        "elsewhere": DEPARTMENT_2,
        "to_return": DEPARTMENT_1 | {"intake"},
    }.items()
} | {
    stage: frozenset(THE_CENTRE | DEPARTMENT_1)
    for stage in ("to_accept", "answered", "named", "rectifying", "refused", "closed")
}
# Rows of tables that became no case: the body that brought them knows them.
TABLES = ("unusable", "uploaded")
SEEN_BY = {**SEEN_BY, **dict.fromkeys(TABLES, frozenset({"intake"}))}
# Whose permit runs, and where.
MAY_OPEN = {("officer1", "answered")}


@dataclass(frozen=True)
class Material:
    """What a world is made from."""

    authors: Mapping[str, Author]
    words: Mapping[str, Words]

    def canaries(self) -> Iterator[Canary]:
        for stage, author in self.authors.items():
            told = {"name", "telephone"} if stage == "named" else set()
            for canary in author.canaries(stage):
                kept = Kept.TOLD if canary.field in told else Kept.SEALED
                yield Canary(stage, canary.field, canary.text, kept)
        for stage, words in self.words.items():
            yield from words.canaries(stage)


def material(authors: str = "a", words: str = "w") -> Material:
    """The same for the same seeds. Pairs of worlds differ in one seed."""
    who, what = Names("authors", authors), Names("words", words)
    people = {
        stage: who.author(with_everything=stage in {"to_return", *TABLES}) for stage in (*STAGES, *TABLES)
    }
    return Material(people, {stage: what.words() for stage in people})


class Dice:
    """Random octets that are the same each time: a row of them for each place that asks, begun anew with each request.

    A request that draws one number more than its twin in the other world, for a letter to whoever left an
    address, must not shift the numbers of everything that follows.
    """

    def __init__(self) -> None:
        self.turn = "world"
        self.drawn: Counter[str] = Counter()

    def begin(self, turn: str) -> None:
        self.turn, self.drawn = turn, Counter()

    def octets(self, count: int) -> bytes:
        place = f"{_asking()}:{count}"
        self.drawn[place] += 1
        return hashlib.shake_256(f"{self.turn}:{place}:{self.drawn[place]}".encode()).digest(count)


def _asking() -> str:
    """The function of ours that wants a random number."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        code = frame.f_code
        if "/fangxin/" in code.co_filename:
            return f"{code.co_filename.rpartition('/fangxin/')[2]}:{code.co_qualname}"
        frame = frame.f_back
    return ""


@dataclass
class Answer:
    """Everything an observer gets for one request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    queries: int
    context: Any = None

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


@dataclass
class World:
    """People, cases by stage, and the ids under which things are reached."""

    material: Material
    dice: Dice
    acting: dict[str, Acting] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, UUID] = field(default_factory=dict)
    orders: dict[str, UUID] = field(default_factory=dict)
    files: dict[str, UUID] = field(default_factory=dict)
    openings: dict[str, UUID] = field(default_factory=dict)
    inquiries: dict[str, UUID] = field(default_factory=dict)
    imports: dict[str, UUID] = field(default_factory=dict)
    memberships: dict[str, int] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    filter_id: int = 0
    acts: int = 0

    def ask(
        self,
        role: str,
        method: str,
        address: str,
        body: Mapping[str, Any] | None = None,
        turn: str = "",
        *,
        as_json: bool = False,
    ) -> Answer:
        """One request, under the database login as in production; its random numbers depend on what is asked."""
        client = self.client(role)
        self.dice.begin(turn or f"{role} {method} {address} {sorted(body) if body else ''}")
        counted = Counted()
        with as_the_login(), connection.execute_wrapper(counted):
            if method in {"GET", "HEAD"}:
                response = client.generic(method, address)
            elif as_json:
                sent = json.dumps(dict(body or {}), default=str)
                response = client.generic(method, address, sent, content_type="application/json")
            else:
                call: Callable[..., Any] = getattr(client, method.lower())
                response = call(address, dict(body or {}))
        streamed = getattr(response, "streaming", False)
        content = b"".join(response.streaming_content) if streamed else response.content
        cookies = [("Set-Cookie", morsel.OutputString()) for _, morsel in sorted(response.cookies.items())]
        headers = (*sorted(response.headers.items()), *cookies)
        return Answer(response.status_code, headers, content, counted.queries, response.context)

    def client(self, role: str) -> Client:
        """The browser of somebody in that role, signed in when first needed."""
        if role not in self.clients:
            self.clients[role] = Client(raise_request_exception=False)
            if role != ANONYMOUS:
                self.do(role, "/sign-in/", username=PEOPLE[role][0], password=PASSWORD)
        return self.clients[role]

    def do(self, role: str, address: str, /, **body: Any) -> Answer:
        """A form that must be accepted."""
        self.acts += 1
        turn = f"act {self.acts}"
        answer = self.ask(role, "POST", address, {"act_key": uuid5(NAMESPACE_URL, turn), **body}, turn)
        assert answer.status in {302, 303}, f"{role} {address}: {answer.status}\n{_complaints(answer)}"
        return answer

    def step(self, role: str, stage: str, verb: str, /, **body: Any) -> Answer:
        return self.do(role, f"/office/cases/{self.numbers[stage]}/{verb}/", **body)

    def case(self, stage: str) -> Case:
        return Case.objects.get(number=self.numbers[stage])


class Counted:
    """How many statements a request sent to the database."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


@contextmanager
def as_the_login() -> Iterator[None]:
    """What a page does outside any audience it does with the login's rights, not with the tests' owner's.

    Without a request around it, a refused statement would leave the tests' own transaction unusable.
    """
    before = transaction.savepoint()
    _take_role("fangxin_web")
    yield
    if connection.connection.info.transaction_status == TransactionStatus.INERROR:
        transaction.savepoint_rollback(before)
    else:
        _take_role("none")
        transaction.savepoint_commit(before)


@contextmanager
def as_the_worker() -> Iterator[None]:
    """The worker's connection is in the office's role from its first statement."""
    _take_role("fangxin_office")
    yield
    _take_role("none")


def _take_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set role {role}")


@contextmanager
def standing_still(dice: Dice) -> Iterator[None]:
    """The same moment and the same random numbers for everything inside; numbering starts where it stood."""
    with (
        time_machine.travel(MOMENT, tick=False),
        mock.patch.object(os, "urandom", dice.octets),
        mock.patch.object(random, "_urandom", dice.octets),
    ):
        with connection.cursor() as cursor:
            # Altered in a transaction that is rolled back, a sequence forgets what was drawn in between.
            cursor.execute("select sequencename, coalesce(last_value, 0) + 1 from pg_sequences")
            for name, following in cursor.fetchall():
                cursor.execute(f"alter sequence {name} restart with {following}")
        yield


@contextmanager
def world(made_of: Material, stages: Sequence[str] = STAGES) -> Iterator[World]:
    """The world stands inside, with these of its complaints, and everything is as it was afterwards."""
    dice = Dice()
    with transaction.atomic(), standing_still(dice):
        mail.outbox.clear()
        # The same dice give the session keys of the last world to this one's accounts, as no two sessions ever share one.
        access._holders.clear()
        built = build(made_of, dice, stages)
        # What is not committed is not mailed; here nothing ever is committed.
        with as_the_worker():
            deliver_notices(address_of_complainant)
        yield built
        transaction.set_rollback(True)


def build(made_of: Material, dice: Dice, stages: Sequence[str]) -> World:
    built = World(made_of, dice)
    _people(built)
    for stage in stages:
        if stage != "to_return":
            _complain(built, stage)
    if "to_return" in stages:
        _from_the_hotline(built, "to_return")
    for stage in stages:
        if stage in BUILDERS:
            BUILDERS[stage](built, stage)
    _ids(built)
    return built


def _people(built: World) -> None:
    found_bodies("beijing", by=Actor.system("测试"))
    bodies = {body.code: body for body in Body.objects.filter(jurisdiction="beijing")}
    built.companies = {role: company(name, uscc) for role, (name, uscc) in COMPANIES.items()}
    for role, (username, name, capacity, place) in PEOPLE.items():
        built.dice.begin(f"user {username}")
        built.acting[role] = member(username, name, capacity, bodies.get(place), built.companies.get(role))
        built.memberships[role] = built.acting[role].membership_id


def _complain(built: World, stage: str) -> None:
    """A citizen fills in the public form, with a photograph and a contract."""
    author, words = built.material.authors[stage], built.material.words[stage]
    told = (
        f"我叫{author.name}，电话{author.telephone}。"
        if stage == "named"
        else f"我叫{words.name}，电话{words.telephone}。"
    )
    built.client(ANONYMOUS).cookies.clear()
    built.do(
        ANONYMOUS,
        "/complain/beijing/",
        title=f"中介不退定金{words.room}" if stage != "named" else "中介不退定金",
        text=f"{told}住在{words.room}。经纪人{words.person}收了两万元定金，房子没有买成，一直不退。",
        respondent_name=words.respondent,
        respondent_person=words.person,
        project_name=words.project,
        district="110105",
        name=author.name,
        telephone=author.telephone,
        email=author.email,
        address=author.address,
        files=[photo(words), contract(words)] if stage in {"waiting", "answered"} else [],
    )
    received = built.ask(ANONYMOUS, "GET", "/complain/received/", turn=f"received {stage}")
    assert received.status == 200, received.status
    built.numbers[stage] = received.context["number"]
    built.secrets[stage] = received.context["secret"]
    built.client(ANONYMOUS).cookies.clear()


def _from_the_hotline(built: World, stage: str) -> None:
    """A hotline's table: one work order that becomes a case, one that is refused; and a table not yet confirmed."""
    for name, rows in (("done", [stage, "unusable"]), ("draft", ["uploaded"])):
        uploaded = built.do("intake", "/office/imports/new/", file=table_of(built.material, rows))
        built.imports[name] = UUID(uploaded.header("Location").rstrip("/").split("/")[-1])
    address = f"/office/imports/{built.imports['done']}/"
    columns = ImportRun.objects.values_list("columns", flat=True).get(pk=built.imports["done"])
    meanings = {f"column_{at}": key for key, at in columns.items()}
    built.do("intake", address, default_source="hotline", **meanings)
    built.dice.begin("import")
    with as_the_worker():
        run_in_background(built.imports["done"])
    built.numbers[stage] = Complaint.objects.values_list("number", flat=True).get(
        external_number="HL-to_return"
    )


def table_of(made_of: Material, stages: list[str]) -> SimpleUploadedFile:
    """Work orders with everything a hotline knows of its callers. One that says nothing is refused."""
    lines = [
        "工单编号,标题,主要内容,来电人姓名,来电人电话,电子信箱,证件名称,证件号码,来电人地址,企业名称,被反映区"
    ]
    for stage in stages:
        author, words = made_of.authors[stage], made_of.words[stage]
        said = (
            f"来电人{words.name}（{words.telephone}，住{words.room}）反映不退定金。"
            if stage != "unusable"
            else ""
        )
        cells = (
            f"HL-{stage}", "中介不退定金" if said else "", said, author.name, author.telephone, author.email,
            author.id_kind, author.id_number, author.address, words.respondent, "朝阳区",
        )  # fmt: skip
        lines.append(",".join(cells))
    return SimpleUploadedFile("工单.csv", "\n".join(lines).encode(), "text/csv")


def photo(words: Words) -> SimpleUploadedFile:
    """A JPEG in which camera and place are written, under a telling name."""
    exif = Image.Exif()
    exif[0x013B] = words.camera
    exif[0x010F] = "PHONE-" + words.telephone
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (39.0, float(int(words.telephone[-2:])), 0.0)
    octets = io.BytesIO()
    picture = Image.new("RGB", (64, 48), (200, 30, 30))
    picture.save(octets, "JPEG", exif=exif, comment=words.name.encode())
    return SimpleUploadedFile(f"{words.file_name}的合同.jpg", octets.getvalue(), "image/jpeg")


def contract(words: Words) -> SimpleUploadedFile:
    """A PDF that names its author."""
    about = f"4 0 obj\n<</Author({words.pdf_author})/Keywords({words.telephone})>>\nendobj\n".encode()
    octets = (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>\nendobj\n"
        + about
        + b"trailer\n<</Root 1 0 R/Info 4 0 R>>\nstartxref\n9\n%%EOF\n"
    )
    return SimpleUploadedFile(f"{words.file_name}.pdf", octets, "application/pdf")


def _dispatch(built: World, stage: str, link: str = "brokerage", district: str = "110105") -> None:
    built.step("dispatcher", stage, "dispatch_case", link=link, district=district)


def _accept(
    built: World, stage: str, clerk: str = "clerk1", officer: str = "officer1", to: str = "company1"
) -> None:
    summary = "投诉人反映：贵公司收取定金，房屋未能成交，定金至今未退。"
    if stage == "named":
        # As it comes out of the page, approved without a look: what is known of the author must be masked.
        with speaking_as(Speaker(Audience.OFFICE)):
            summary = summary_proposal(case_for(built.acting[clerk], built.numbers[stage])).text_masked
        for told in ("住在", "经纪人"):
            summary = "。".join(part for part in summary.split("。") if told not in part)
    built.step(
        clerk, stage, "accept_case", officer=built.acting[officer].user_id, summary=summary,
        project_name="阳光家园", points="收取定金的依据是什么？\n何时退还？", companies=[built.companies[to].pk], other_names="", checked="on",
    )  # fmt: skip
    built.tasks[stage] = CompanyTask.objects.values_list("pk", flat=True).get(case_id=built.case(stage).pk)


def _reply(
    built: World, stage: str, role: str = "company1", files: list[SimpleUploadedFile] | None = None
) -> None:
    address = f"/enterprise/cases/{built.tasks[stage]}/"
    assert built.ask(role, "GET", address).status == 200
    built.do(
        role,
        address,
        answer_1="依合同第五条。",
        answer_2="本周退还。",
        plan="",
        contact="",
        files=files or [],
    )


def _at_hub(built: World, stage: str) -> None:
    _dispatch(built, stage, "property")


def _to_accept(built: World, stage: str) -> None:
    _dispatch(built, stage)


def _ask_others(built: World, stage: str) -> None:
    """A sheet that another district's department has, and one that is not signed yet."""
    case = built.case(stage)
    for name in ("sent", "draft"):
        asked = (
            "?asked_code=district.110106.brokerage"
            if name == "sent"
            else "?asked_name=%E5%B8%82%E7%9B%91%E5%B1%80"
        )
        sheet = {"F2-03": "核实定金去向", "F2-05": "某经纪公司", "F2-12": "请核实该公司在贵区的门店。"}
        built.do("officer1", f"/office/cases/{case.number}/inquiry/{asked}", **sheet)
        built.inquiries[name] = Inquiry.objects.values_list("pk", flat=True).get(case=case, state="draft")
        if name == "sent":
            built.do("officer1", f"/office/inquiries/{built.inquiries[name]}/submit_inquiry/")
            built.do("head1", f"/office/inquiries/{built.inquiries[name]}/sign_inquiry/", opinion="请协查。")


def _answered(built: World, stage: str) -> None:
    _dispatch(built, stage)
    _accept(built, stage)
    picture = io.BytesIO()
    Image.new("RGB", (32, 32), (30, 200, 30)).save(picture, "JPEG")
    _reply(built, stage, files=[SimpleUploadedFile("退款凭证.jpg", picture.getvalue(), "image/jpeg")])
    _ask_others(built, stage)
    complaint = built.case(stage).complaint_id
    photograph = Attachment.objects.get(subject_id=str(complaint), media_type="image/jpeg")
    by = built.acting["officer1"]
    built.dice.begin("release")
    with speaking_as(Speaker(Audience.OFFICE, by.user_id, by.body_id or 0)):
        release_attachment(
            photograph.pk, to={built.companies["company1"].pk: ("task", built.tasks[stage])}, by=by.actor
        )
    for role, reason in (("officer1", "核实定金收据"), ("clerk1", "核对投诉人是否重复投诉")):
        built.do(role, f"/office/cases/{built.numbers[stage]}/identity/ask/", reason=reason)


def _named(built: World, stage: str) -> None:
    _dispatch(built, stage)
    _accept(built, stage)


def _elsewhere(built: World, stage: str) -> None:
    _dispatch(built, stage, district="110106")
    _accept(built, stage, "clerk2", "officer2", "company2")


def _rectifying(built: World, stage: str) -> None:
    _answer_and_find(
        built, stage, outcome="violation", affirmed=["verified"], violations=["BR-07"],
        legal_basis="《房地产经纪管理办法》",
    )  # fmt: skip
    built.step(
        "head1", stage, "order_rectification", companies=[str(built.tasks[stage])], requirements="退还定金。",
        served_on="2026-03-02",
    )  # fmt: skip
    built.orders[stage] = RectificationOrder.objects.values_list("pk", flat=True).get(
        task_id=built.tasks[stage]
    )
    built.do("company1", f"/enterprise/orders/{built.orders[stage]}/", kind="plan", text="三日内退还。")


def _to_return(built: World, stage: str) -> None:
    _dispatch(built, stage)
    built.step("clerk1", stage, "propose_return", reason_code="wrong_district", reason="房屋在丰台区。")


def _refused(built: World, stage: str) -> None:
    _dispatch(built, stage)
    built.step("clerk1", stage, "propose_refusal", reason_code="no_facts", reason="没有具体事实。")
    built.step("head1", stage, "approve_refusal", opinion="同意。")


def _closed(built: World, stage: str) -> None:
    _answer_and_find(built, stage, outcome="answered", affirmed=["answered_all", "conforms"])
    built.step("officer1", stage, "tell_complainant", told_how="directly", text="定金已退还。", reason="")
    built.step(
        "supervisor", stage, "record_callback", contacted="yes", solved="unsolved", satisfaction="dissatisfied",
        comment="",
    )  # fmt: skip


def _answer_and_find(built: World, stage: str, **found: Any) -> None:
    _dispatch(built, stage)
    _accept(built, stage)
    _reply(built, stage)
    built.step(
        "officer1", stage, "submit_opinion", findings="查阅合同与转账记录。", text="企业应退还定金。",
        without_reply_because="", **found,
    )  # fmt: skip


BUILDERS: Mapping[str, Callable[[World, str], None]] = {
    "at_hub": _at_hub,
    "to_accept": _to_accept,
    "answered": _answered,
    "named": _named,
    "elsewhere": _elsewhere,
    "rectifying": _rectifying,
    "to_return": _to_return,
    "refused": _refused,
    "closed": _closed,
}


def _ids(built: World) -> None:
    complaint = str(built.case("answered").complaint_id)
    files = Attachment.objects.filter(subject_id=complaint)
    built.files = {
        "photograph": files.get(media_type="image/jpeg", released_from=None).pk,
        "contract": files.get(media_type="application/pdf").pk,
        "released": Attachment.objects.get(released_from__subject_id=complaint).pk,
        "answer": Attachment.objects.get(subject_kind="reply").pk,
    }
    built.do("clerk1", "/office/filters/", name="常用", query="status=closed")
    built.filter_id = SavedFilter.objects.values_list("pk", flat=True).get()
    waiting = IdentityOpening.objects.get(case__number=built.numbers["answered"], open_until=None)
    built.openings = {"asked": waiting.pk}


def stored_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of everything in the store."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def _complaints(answer: Answer) -> str:
    """What a page says is wrong, for whoever must mend this world."""
    form = answer.context.get("form") if answer.context else None
    return f"{form.errors}" if form is not None else answer.body.decode(errors="replace")[:2000]
