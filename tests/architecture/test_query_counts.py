"""A page asks as many queries for fifty rows as for five."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.province import declarations
from fangxin.agencies.actions import (
    Collected,
    begin_declaration,
    enter_agency,
    enter_declarations,
    save_row,
)
from fangxin.agencies.models import AccountClaim, Declaration
from fangxin.cases.actions import dispatch_case, receive_web_complaint
from fangxin.cases.models import CallBack, Case, CompanyTask, Hop, IdentityOpening, Proposal, Reply
from fangxin.complaints.actions import Grievance, Receipt, note_progress
from fangxin.complaints.complainant import Identity
from fangxin.config.demonstration import invented_uscc
from fangxin.credit.models import PublishedScore, Round, Score, ScoreObjection
from fangxin.deadlines.actions import Owner, start_deadline
from fangxin.deadlines.clock import now, today
from fangxin.disclosure.actions.looking import record_look
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.documents.models import Attachment
from fangxin.investigations.models import (
    Opinion,
    RectificationCheck,
    RectificationOrder,
    RectificationReport,
)
from fangxin.journal.actors import Actor
from fangxin.notices.actions import send_notice
from fangxin.organisations.models import Body, User
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from tests.cast import Cast, beijing_cast, company, member
from tests.fujian_cast import declared_and_accepted, fujian_cast, published_agency, typed_values

pytestmark = pytest.mark.django_db
FEW, MANY = 5, 50
MOST = 30  # queries of a page; more would be too many even if they did not grow


@pytest.fixture
def cast() -> Cast:
    return beijing_cast()


def complained(number: int = 0) -> Receipt:
    grievance = Grievance(
        title=f"第{number}件：中介不退定金", text="收了两万元定金，房子没买成不退。",
        respondent_name="北京诚信房产经纪有限公司", district="110105",
    )  # fmt: skip
    return receive_web_complaint(
        grievance, Identity(name="张敏", telephone="13800138000"), jurisdiction="beijing", act_key=uuid4()
    )


def visitor(cast: Cast, username: str = "") -> Client:
    client = Client()
    if username:
        client.force_login(cast.users[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def queries_of(ask: Callable[[], object]) -> tuple[list[str], int]:
    """What was asked, and how long the page is."""
    with CaptureQueriesContext(connection) as asked:
        response = ask()
    assert response.status_code == 200, response.content.decode()[:2000]
    return [query["sql"][:160] for query in asked.captured_queries], len(response.content)


def same_for_more(ask: Callable[[], object], more: Callable[[range], object]) -> None:
    """The page asks the same with FEW rows and with MANY."""
    more(range(FEW))
    ask()  # what is read once in a process is not counted
    few, short = queries_of(ask)
    more(range(FEW, MANY))
    many, long = queries_of(ask)
    assert long > short + 1000, "the page does not show more rows"
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= MOST, "\n".join(many)


def of_department(cast: Cast) -> Callable[[range], None]:
    def more(numbers: range) -> None:
        for number in numbers:
            case = Case.objects.get(number=complained(number).number)
            dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)

    return more


@pytest.mark.parametrize(
    ("username", "address"),
    [
        ("wangfang", "/office/"),
        ("wangfang", "/office/cases/"),
        ("wangfang", "/office/cases/?q=定金"),
        ("liqiang", "/office/?bin=waiting"),
        ("liqiang", "/office/cases/?link=brokerage"),
        ("sunli", "/office/cases/"),
    ],
)
def test_the_desk(cast: Cast, username: str, address: str) -> None:
    client = visitor(cast, username)
    same_for_more(lambda: client.get(address), of_department(cast))


def test_the_desk_of_what_is_to_be_sorted(cast: Cast) -> None:
    client = visitor(cast, "liqiang")
    same_for_more(lambda: client.get("/office/"), lambda numbers: [complained(number) for number in numbers])


def test_the_notices(cast: Cast) -> None:
    client = visitor(cast, "wangfang")

    def more(numbers: range) -> None:
        for number in numbers:
            send_notice(title=f"第{number}件", to_body_id=cast.clerk.body_id)

    same_for_more(lambda: client.get("/office/notices/"), more)


def test_the_case_page(cast: Cast) -> None:
    receipt = complained()
    case = Case.objects.get(number=receipt.number)
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    case.refresh_from_db()
    client = visitor(cast, "chentao")
    same_for_more(
        lambda: client.get(f"/office/cases/{case.number}/"), lambda numbers: grown(case, cast, numbers)
    )


def test_the_same_case_for_the_other_people(cast: Cast) -> None:
    case = Case.objects.get(number=complained().number)
    dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
    case.refresh_from_db()
    clients = [visitor(cast, username) for username in ("wangfang", "zhaogang", "liqiang", "sunli")]
    grown(case, cast, range(FEW))
    for client in clients:
        assert len(queries_of(lambda client=client: client.get(f"/office/cases/{case.number}/"))[0]) <= MOST


def grown(case: Case, cast: Cast, numbers: range) -> None:
    """For each number one more of everything that a case can have several of."""
    day, officer, clerk = today(), cast.officer.user_id, cast.clerk.user_id
    for number in numbers:
        task = CompanyTask.objects.create(
            case_id=case.pk, number=case.number, company=cast.company, company_name=cast.company.name,
            handling_body_id=case.handling_body_id, link="brokerage", summary="反映不退定金。", points=["为何不退？"],
            state="replied", sent_on=day, due_on=day, round=number + 1,
        )  # fmt: skip
        reply = Reply.objects.create(
            task=task, company=cast.company, answers=[{"point": "为何不退？", "answer": "已退。"}], by_name="刘洋",
            replied_on=day,
        )  # fmt: skip
        order = RectificationOrder.objects.create(
            case_id=case.pk, number=case.number, task_id=task.pk, company=cast.company, company_name=cast.company.name,
            requirements="退还定金。", violations=["BR-07"], served_on=day, due_on=day + timedelta(days=15),
            handling_body_id=case.handling_body_id, issued_by_id=cast.head.user_id,
        )  # fmt: skip
        report = RectificationReport.objects.create(
            order=order, company=cast.company, kind="plan", text="三日内退还。", by_name="刘洋", on=day
        )
        RectificationCheck.objects.create(
            order=order, accepted=False, opinion="尚未到账。", by_user_id=officer, on=day
        )
        Opinion.objects.create(
            case=case, outcome="violation", affirmed=["verified"], findings="属实。", text="责令整改。",
            violations=["BR-07"], by_user_id=officer, on=day, rulebook_version="-",
        )  # fmt: skip
        Hop.objects.create(
            case=case, from_body_id=cast.dispatcher.body_id, to_body_id=case.handling_body_id, kind="dispatch",
            by_user_id=cast.dispatcher.user_id, on=day,
        )  # fmt: skip
        Proposal.objects.create(
            case=case, kind="return", status_before="dispatched", reason_code="wrong_district", reason="不在本区。",
            proposed_by_id=clerk, decided_by_id=cast.head.user_id, decided_at=now(), approved=False,
        )  # fmt: skip
        CallBack.objects.create(case=case, on=day, by_user_id=cast.supervisor.user_id, contacted=False)
        IdentityOpening.objects.create(
            case=case, asked_by_id=officer, reason="核实。", own_case=True, refused=number > 0
        )
        start_deadline(
            "company_reply", jurisdiction="beijing", subject_kind="task", subject_id=task.pk, matter_id=case.pk,
            owner=Owner(company_id=cast.company.pk),
        )  # fmt: skip
        for kind, subject in (("complaint", case.complaint_id), ("reply", reply.pk), ("report", report.pk)):
            file_of(kind, str(subject), number, officer)


def file_of(kind: str, subject_id: str, number: int, user_id: int) -> None:
    Attachment.objects.create(
        subject_kind=kind, subject_id=subject_id, ordinal=number + 1, purpose="complaint_evidence",
        shown_name=f"附件{number + 1}.jpg", media_type="image/jpeg", size=10, sha256="0" * 64,
        uploaded_by_user_id=user_id,
    )  # fmt: skip


def test_the_desk_of_a_company(cast: Cast) -> None:
    client = visitor(cast, "liuyang")

    def more(numbers: range) -> None:
        for number in numbers:
            case = Case.objects.get(number=complained(number).number)
            dispatch_case(case.pk, link="brokerage", district="110105", by=cast.dispatcher)
            case.refresh_from_db()
            grown(case, cast, range(1))
            CompanyTask.objects.create(
                case_id=case.pk, number=case.number, company=cast.company, company_name=cast.company.name,
                handling_body_id=case.handling_body_id, link="brokerage", summary="反映不退定金。", points=["为何不退？"],
                state="notified", sent_on=today(), due_on=today(), round=9,
            )  # fmt: skip

    same_for_more(lambda: client.get("/enterprise/"), more)


def test_the_register_of_companies(cast: Cast) -> None:
    client = visitor(cast, "wangfang")

    def more(numbers: range) -> None:
        from fangxin.config.demonstration import invented_uscc

        for number in numbers:
            company(f"北京第{number}房产经纪有限公司", invented_uscc("110105", 500 + number))

    same_for_more(lambda: client.get("/office/companies/?q=房产经纪"), more)


def test_a_complaint_followed(cast: Cast) -> None:
    receipt = complained()
    client = visitor(cast)

    def more(numbers: range) -> None:
        for number in numbers:
            note_progress(receipt.complaint_id, "已分派", f"第{number}条。")

    same_for_more(lambda: client.post("/follow/", {"number": receipt.number, "secret": receipt.secret}), more)


def test_the_lists_of_authorised_queries():
    of_fujian = fujian_cast()
    declared_and_accepted(of_fujian)
    auditor = member("shenming", "沈明", Role.AUDIT_OFFICER, Body.objects.get(code="province.housing"))

    def signed_in(acting: Acting) -> Client:
        client = Client()
        user = User.objects.get(pk=acting.user_id)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def more(numbers: range) -> None:
        for number in numbers:
            query = AuthorisedQuery.objects.create(
                number=f"CX-{number}", secret_hash=bytes([number]) * 32, jurisdiction="fujian",
                agency=of_fujian.agency, company=of_fujian.agency.company, state="granted", ground="official_duty",
                applicant_name=f"方晴{number}", id_kind="护照", id_number=b"sealed", organisation="所", telephone="1",
                purpose="办案", basis="函", asked_codes=["J1-04"], granted_codes=["J1-04"], asked_from_on=today(),
                asked_days=7, applied_on=today(), from_on=today(), until_on=today(), agency_told=True,
            )  # fmt: skip
            record_look(
                of_fujian.agency, "grantee", ["J1-04"], by=Actor.applicant(query.number), grant_id=query.pk
            )

    deciding, telling, auditing = map(signed_in, (of_fujian.reviewer, of_fujian.filer, auditor))
    more(range(FEW))
    pages = [(deciding, "query_list"), (telling, "enterprise_queries"), (auditing, "audit_queries")]
    few = {
        route: queries_of(lambda c=client, r=route: c.get(reverse(r)))
        for client, route in pages
        for _ in "ab"
    }
    more(range(FEW, MANY))
    for client, route in pages:
        many, long = queries_of(lambda c=client, r=route: c.get(reverse(r)))
        assert long > few[route][1] + 1000, route
        assert len(many) == len(few[route][0]) <= MOST, "\n".join(many)


def test_the_sheets_of_a_declaration_and_the_claims_of_accounts():
    of_fujian = fujian_cast()
    declaration = begin_declaration(of_fujian.agency.pk, by=of_fujian.filer)
    filing, deciding = Client(), Client()
    for client, acting in ((filing, of_fujian.filer), (deciding, of_fujian.reviewer)):
        user = User.objects.get(pk=acting.user_id)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def sheets(numbers: range) -> None:
        for number in numbers:
            row = {"name": f"陈丽{number}", "invested": "1"}
            save_row(declaration.pk, "J5", f"k{number}", row, by=of_fujian.filer)

    def claims(numbers: range) -> None:
        for number in numbers:
            AccountClaim.objects.create(
                number=f"SL-{number}", jurisdiction="fujian", code=f"{number:018}", agency_name=f"第{number}家经纪公司",
                city="350100", county="350102", reviewing_body=of_fujian.agency.reviewing_body, applicant_name="许静",
                telephone="1", email="x@example.cn", applied_on=today(), secret_hash=bytes([number]) * 32,
            )  # fmt: skip

    same_for_more(lambda: filing.get(reverse("register_table", args=["J5"])), sheets)
    # Each fault of the same sheets leads to its field.
    assert len(queries_of(lambda: filing.get(reverse("register_check")))[0]) <= MOST
    same_for_more(lambda: deciding.get(reverse("office_claims")), claims)


def test_the_register_as_the_public_and_the_office_read_it():
    of_fujian = fujian_cast()
    officer, public = Client(), Client()
    officer.force_login(
        User.objects.get(pk=of_fujian.province.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )

    def agencies(numbers: range) -> None:
        rows = [Collected(one) for one in islice(declarations(MANY), numbers.start, numbers.stop)]
        assert not enter_declarations(rows, by=of_fujian.province).refused

    same_for_more(lambda: public.get("/agencies/?q=房地产"), agencies)
    for address in (
        "/agencies/?place=350102",
        "/api/v1/agencies?q=房地产",
        "/brokers/?q=陈",
        "/sitemap-1.xml",
    ):
        assert len(queries_of(lambda address=address: public.get(address))[0]) <= MOST
    assert len(queries_of(lambda: officer.get(reverse("register_agencies")))[0]) <= MOST


def test_a_profile_of_many_people_and_projects():
    of_fujian = fujian_cast()
    public, values = Client(), typed_values(of_fujian.agency)

    def more(numbers: range) -> None:
        rows = {"J6": [], "J7": [], "J5": []}
        for number in range(numbers.stop):
            contract = f"HT-{number}"
            rows["J6"].append(
                {**values["J6"][0], "contract_no": contract, "project_name": f"第{number}处买卖"}
            )
            rows["J7"].append(
                {
                    "contract_no": contract,
                    "broker_name": "张伟",
                    "broker_registration_no": f"35200900{number:03}",
                }
            )
            rows["J5"].append(
                {
                    **values["J5"][0],
                    "name": f"陈{chr(0x4E2D + number)}",
                    "invested": "1",
                    "invested_percent": "0.5",
                }
            )
        published_agency(of_fujian, **rows)

    same_for_more(lambda: public.get(reverse("agency", args=[of_fujian.agency.code])), more)


def test_the_queue_of_declarations():
    of_fujian = fujian_cast()
    officer = Client()
    officer.force_login(
        User.objects.get(pk=of_fujian.prechecker.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )

    def more(numbers: range) -> None:
        for number in numbers:
            agency = enter_agency(
                jurisdiction="fujian", code=invented_uscc("350102", 700 + number), name=f"福州第{number}号经纪有限公司",
                city="350100", county="350102", by=of_fujian.reviewer.actor,
            )  # fmt: skip
            Declaration.objects.create(
                agency=agency, company_id=agency.company_id, jurisdiction="fujian", state="submitted",
                reviewing_body_id=agency.reviewing_body_id, begun_on=today(), submitted_on=today(), submitted_at=now(),
            )  # fmt: skip

    same_for_more(lambda: officer.get(reverse("register_queue")), more)


def test_a_round_its_scores_and_what_an_agency_reads_of_them():
    of_fujian = fujian_cast()
    declared_and_accepted(of_fujian)
    agency, text = of_fujian.agency, book("fujian").scheme_texts["example"]
    found = Round.objects.create(
        jurisdiction="fujian", book="fujian", scheme="example", scheme_title="示例", rulebook_version="-", scheme_text=text,
        state="announced", since=today(), until=today(), opened_on=today(), announced_on=today(), published_on=today(),
        objections_until=today(),
    )  # fmt: skip
    reviewing, reading = Client(), Client()
    for client, acting in ((reviewing, of_fujian.province), (reading, of_fujian.filer)):
        user = User.objects.get(pk=acting.user_id)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def more(numbers: range) -> None:
        for number in numbers:
            kind, subject = ("broker" if number else "agency"), f"3520{number:08d}"
            of_subject = {
                "kind": kind,
                "subject": subject,
                "name": f"张伟{number}",
                "points": 60,
                "grade": "B",
            }
            score = Score.objects.create(
                round=found, agency=agency, company_id=agency.company_id, computed_at=now(),
                lines=[["FJ-P2", "不良行为", "市场行为", f"不良行为 {uuid4()}", "2026-01-01", -6, 0, "示例"]], **of_subject,
            )  # fmt: skip
            ScoreObjection.objects.create(
                round=found, score=score, company=agency.company, text="有误", objected_on=today()
            )
            PublishedScore.objects.create(
                round_id=found.pk, jurisdiction="fujian", agency_code=agency.code, scheme="example", scheme_title="示例",
                since=today(), until=today(), grade_title="基本合格", published_on=today(), **of_subject,
            )  # fmt: skip

    more(range(FEW))
    pages = [
        (reviewing, f"{reverse('round', args=[found.pk])}?kind=broker"), (reading, reverse("enterprise_evaluation")),
        (Client(), reverse("agency", args=[agency.code])), (Client(), f"/api/v1/agencies/{agency.code}/scores"),
    ]  # fmt: skip
    few = {at: queries_of(lambda c=client, a=at: c.get(a)) for client, at in pages for _ in "ab"}
    more(range(FEW, MANY))
    for client, at in pages:
        many, long = queries_of(lambda c=client, a=at: c.get(a))
        assert long > few[at][1] + 1000, at
        assert len(many) == len(few[at][0]) <= MOST, "\n".join(many)
