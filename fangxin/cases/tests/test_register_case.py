"""案件录入 (二(一)): who enters what, where it waits, what is kept by the department that found it."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import Entry, receive_web_complaint, register_case, register_cases
from fangxin.cases.models import Case, CaseSearch
from fangxin.complaints.actions import Grievance, identity_from
from fangxin.complaints.complainant import Complainant, Identity
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry as JournalEntry
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body
from fangxin.organisations.receipts import secret_for
from fangxin.organisations.roles import Role
from tests.stage import ZHANG_MIN, refused

pytestmark = pytest.mark.django_db
FOUND = Grievance(
    title="门店虚假房源", text="检查发现三套房源不存在。", respondent_name="诚信房产", district="110105"
)


def entered(source, by, *, identity=None, **more):
    receipt = register_case(FOUND, identity or Identity(), source=source, by=by, **more)
    return Case.objects.get(number=receipt.number)


def test_a_web_complaint_enters_by_itself_and_waits_at_the_centre(stage):
    case = stage.registered()
    assert (case.status, case.source, case.holder.code) == ("registered", "web", "city.research_centre")
    assert case.number.startswith("BJ-2026-")
    assert case.registered_on == stage.day
    entry = JournalEntry.objects.get(subject_kind="case", subject_id=str(case.pk))
    assert (entry.kind, entry.clause, entry.rule_key) == ("case:register", "二(一)2", "intake.web")
    assert "张敏" not in str(entry.details) + entry.summary
    assert CaseSearch.objects.filter(case=case).exists()
    to_centre, to_author = Notice.objects.order_by("created_at")
    assert to_centre.to_body_id == case.holder_id
    assert to_author.to_complainant_of == case.complaint_id


def test_without_an_address_nobody_is_written_to(stage):
    stage.registered(identity={})
    assert not Notice.objects.exclude(to_complainant_of=None).exists()
    assert not Complainant.objects.exists()


def test_the_same_web_form_sent_twice_is_one_complaint(stage):
    key = uuid4()
    receipt = receive_web_complaint(FOUND, identity_from(ZHANG_MIN), jurisdiction="beijing", act_key=key)
    with pytest.raises(AlreadyDone) as done:
        receive_web_complaint(FOUND, identity_from(ZHANG_MIN), jurisdiction="beijing", act_key=key)
    assert done.value.subject_id == receipt.number
    assert Case.objects.count() == 1
    assert secret_for(key) == receipt.secret


def test_a_clerks_case_waits_where_its_source_is_sorted(stage):
    case = entered("hotline", stage.cast.emergency, identity=identity_from(ZHANG_MIN))
    assert case.holder.code == "city.research_centre"
    assert case.complaint.entered_by.code == "city.emergency"
    assert case.complaint.entered_by_name == "吴磊"
    assert case.complaint.has_complainant


def test_a_supervised_case_is_marked_as_perhaps_major(stage):
    assert entered("supervised", stage.at("city.brigade", Role.CASE_OFFICER)).may_be_major
    assert not entered("routine", stage.at("city.brigade", Role.CASE_OFFICER)).may_be_major


def test_a_districts_finding_waits_at_its_designated_department(stage):
    case = entered("routine", stage.at("district.110105.development", Role.DEPARTMENT_CLERK))
    assert case.holder.code.startswith("district.110105.")
    assert "intake_district" in case.holder.functions


def test_a_district_that_designated_nobody_cannot_enter(stage):
    clerk = stage.at("district.110105.development", Role.DEPARTMENT_CLERK)
    Body.objects.filter(district="110105").update(functions=["handle"])
    with refused("尚未指定录入和分派案件的部门"):
        entered("routine", clerk)


@pytest.mark.parametrize("who", ["head", "supervisor", "company_user"])
def test_who_does_not_enter_cases_is_told_who_does(stage, who):
    with refused("请由录入员或部门专人录入", "source"):
        entered("hotline", getattr(stage.cast, who))


def test_a_source_of_others_is_refused_with_its_clause(stage):
    with refused("不由贵部门录入（二\\(一\\)1", "source"):
        entered("hotline", stage.cast.clerk)
    with refused("由系统自动转入", "source"):
        entered("web", stage.cast.dispatcher)
    with refused("没有名为“电报”的案件来源", "source"):
        entered("电报", stage.cast.dispatcher)


def test_the_same_form_sent_twice_is_one_case(stage):
    key = uuid4()
    entered("hotline", stage.cast.emergency, act_key=key)
    with pytest.raises(AlreadyDone):
        entered("hotline", stage.cast.emergency, act_key=key)
    assert Case.objects.count() == 1


def test_a_work_order_is_entered_once_and_the_second_clerk_learns_its_number(stage):
    order = Grievance(title="热线", text="退定金", external_number="12345-001")
    first = register_case(order, Identity(), source="hotline", by=stage.cast.emergency)
    with refused(f"“12345-001”已经录入，案件编号{first.number}", "external_number"):
        register_case(order, Identity(), source="hotline", by=stage.cast.dispatcher)
    register_case(order, Identity(), source="media", by=stage.cast.dispatcher)


# Keeping a case of one's own business


def test_a_department_keeps_a_case_of_its_own_business(stage):
    case = entered("routine", stage.cast.clerk, keep_link="brokerage")
    assert (case.status, case.link, case.district) == ("dispatched", "brokerage", "110105")
    assert case.holder_id == case.handling_body_id == stage.cast.clerk.body_id
    assert stage.accepted(case).status == "investigating"


def test_a_kept_case_goes_back_to_whoever_sorts_and_not_to_itself(stage):
    keeper = stage.at("city.market", Role.DEPARTMENT_CLERK)
    head = stage.at("city.market", Role.DEPARTMENT_HEAD)
    case = entered("routine", keeper, keep_link="appraisal")
    from fangxin.cases.actions import approve_proposal

    back = approve_proposal(stage.propose("return", case, keeper).pk, opinion="同意", by=head)
    assert (back.status, back.holder.code) == ("registered", "city.research_centre")


@pytest.mark.parametrize(
    ("code", "link"),
    [
        ("district.110105.brokerage", "development"),
        ("city.development", "development"),
        ("city.property_guidance", "property"),
        ("city.market", "trading"),
        ("city.market", "none"),
    ],
)
def test_nobody_keeps_what_the_text_gives_to_others(stage, code, link):
    clerk = stage.at(code, Role.DEPARTMENT_CLERK)
    with refused(field="keep_link"):
        entered("routine", clerk, keep_link=link)


def test_a_department_without_a_named_clerk_keeps_nothing(stage):
    officer = stage.at("district.110106.development", Role.CASE_OFFICER)
    with refused("尚未指定部门专人", "keep_link"):
        entered("routine", officer, keep_link="development")


# Many at once


def entries(*numbers):
    return [
        Entry(
            Grievance(title=f"工单{n}", text="退定金", external_number=n),
            Identity(name="张敏"),
            True,
            row=row,
        )
        for row, n in enumerate(numbers, start=2)
    ]


def test_many_are_entered_together_each_with_its_entry(stage):
    receipts = register_cases(entries("a", "b", "c"), source="hotline", by=stage.cast.emergency)
    cases = Case.objects.filter(number__in=[receipt.number for receipt in receipts])
    assert {case.complaint.external_number for case in cases} == {"a", "b", "c"}
    assert Complainant.objects.count() == 3
    rows = JournalEntry.objects.filter(kind="case:register").values_list("details__row", flat=True)
    assert sorted(row for row in rows if row) == [2, 3, 4]


def test_many_at_once_are_refused_to_whom_one_is_refused(stage):
    with refused("不由贵部门录入", "source"):
        register_cases(entries("a"), source="hotline", by=stage.cast.clerk)
