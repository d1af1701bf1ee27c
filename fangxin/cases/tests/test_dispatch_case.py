"""案件分拣 (二(二)): where a case is sent, by whom, and what stands in the way."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import dispatch_case, register_case
from fangxin.cases.models import Case, Hop, TriageDecision
from fangxin.cases.queries import triage_corrections
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.complaints.models import Progress
from fangxin.deadlines.models import Deadline
from fangxin.journal.actions import AlreadyDone
from fangxin.notices.models import Notice
from fangxin.organisations.models import Membership
from fangxin.organisations.refusals import SomebodyWasFirst
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


def sent(stage, case, link="brokerage", district="110105", by=None, **more):
    return dispatch_case(case.pk, link=link, district=district, by=by or stage.cast.dispatcher, **more)


def district_case(stage, **changes):
    """A case the designated department of Chaoyang entered, and its dispatcher."""
    dispatcher = stage.at("district.110105.market", Role.DISPATCHER)
    facts = {"title": "信访", "text": "收费不开票", "district": "110105", **changes}
    receipt = register_case(Grievance(**facts), Identity(name="张敏"), source="district", by=dispatcher)
    return Case.objects.get(number=receipt.number), dispatcher


def test_the_department_its_link_and_district_lead_to_waits_for_it(stage):
    case = sent(stage, stage.registered(), reason="项目在朝阳")
    assert (case.status, case.holder.code) == ("dispatched", "district.110105.brokerage")
    assert case.handling_body_id == case.holder_id
    assert case.sender.code == "city.research_centre"
    assert case.dispatched_on == stage.day
    hop = Hop.objects.get(case=case)
    assert (hop.clause, hop.rule_key, hop.reason) == ("二(二)(2)", "brokerage", "项目在朝阳")
    assert hop.rulebook_version
    assert Notice.objects.filter(to_body=case.holder).exists()
    assert Progress.objects.filter(complaint=case.complaint, title="已分派").exists()


def test_no_clock_runs_before_acceptance(stage):
    assert sent(stage, stage.registered()).due_on is None
    assert not Deadline.objects.exists()


def test_the_decision_is_kept_beside_the_suggestion_once(stage):
    case = stage.registered()
    Case.objects.filter(pk=case.pk).update(suggested_link="trading", suggestion={"certainty": 0.4})
    sent(stage, case)
    decision = TriageDecision.objects.get()
    assert (decision.suggested, decision.decided, decision.certainty) == ("trading", "brokerage", 0.4)
    assert list(triage_corrections()) == [(case.title, case.complaint.text, "brokerage")]


@pytest.mark.parametrize(("link", "field"), [("", "link"), ("none", "link"), ("烟草", "link")])
def test_a_case_without_a_link_goes_nowhere(stage, link, field):
    with refused("请选择案件环节", field):
        sent(stage, stage.registered(), link=link)


def test_a_district_is_asked_for_where_districts_work(stage):
    with refused("请选择所在区县", "district"):
        sent(stage, stage.registered(), district="")


@pytest.mark.parametrize("district", ["999999", "110105.market", "朝阳", "1101050"])
def test_a_district_that_is_none_is_refused(stage, district):
    with refused("请在列表中选择区县", "district"):
        sent(stage, stage.registered(), link="appraisal", district=district)


def test_a_department_without_a_named_clerk_receives_nothing(stage):
    with refused("尚未指定部门专人"):
        sent(stage, stage.registered(), district="110101")
    Membership.objects.filter(body__code="city.property_guidance").update(ends_on=stage.day)
    with refused("物业指导中心尚未指定分件员"):
        sent(stage, stage.registered(), link="property")


def test_a_reason_as_long_as_a_letter_is_refused(stage):
    with refused("分件说明不得超过500字，现有501字", "reason"):
        sent(stage, stage.registered(), reason="因" * 501)


def test_the_loser_of_a_race_reads_who_was_first(stage):
    case = stage.registered()
    sent(stage, case, turn=case.turn)
    with refused("已由李强（.*分件员）办理“分件至朝阳区", error=SomebodyWasFirst) as first:
        sent(stage, case, link="trading", turn=case.turn)
    assert "填写的内容仍在页面上" in str(first.value)


def test_a_version_that_never_was_names_nobody(stage):
    with refused("已由他人办理"):
        sent(stage, stage.registered(), turn=99)


def test_the_same_form_sent_twice_is_one_act_though_the_case_moved_on(stage):
    case, key = stage.registered(), uuid4()
    sent(stage, case, act_key=key, turn=case.turn)
    with pytest.raises(AlreadyDone):
        sent(stage, case, act_key=key, turn=case.turn)
    assert Hop.objects.count() == 1


def test_a_refused_form_may_be_sent_again_with_its_key(stage):
    case, key = stage.registered(), uuid4()
    with refused():
        sent(stage, case, district="", act_key=key)
    assert sent(stage, case, act_key=key).status == "dispatched"


def test_what_is_not_there_is_not_told_from_what_is_not_theirs(stage):
    with refused("没有这件案件，或者您无权办理"):
        dispatch_case(uuid4(), link="brokerage", district="110105", by=stage.cast.dispatcher)


# A district's own cases (二(一)5)


@pytest.mark.parametrize(
    ("link", "department"),
    [
        ("trading", "market"),
        ("brokerage", "brokerage"),
        ("development", "development"),
        ("property", "property"),
    ],
)
def test_a_district_sends_its_own_case_to_its_own_department(stage, link, department):
    case, dispatcher = district_case(stage)
    stage.at(f"district.110105.{department}", Role.DEPARTMENT_CLERK)
    moved = sent(stage, case, link=link, district="", by=dispatcher)
    assert (moved.status, moved.holder.code) == ("dispatched", f"district.110105.{department}")
    assert moved.hops.get().clause == "二(一)5"


@pytest.mark.parametrize("link", ["appraisal", "surveying"])
def test_what_no_district_works_on_goes_to_the_centre(stage, link):
    case, dispatcher = district_case(stage)
    moved = sent(stage, case, link=link, by=dispatcher)
    assert (moved.status, moved.holder.code) == ("registered", "city.research_centre")
    assert moved.sorting_body_id == moved.holder_id
    assert moved.handling_body_id is None
    assert not TriageDecision.objects.exists()


def test_another_districts_case_goes_to_the_centre(stage):
    case, dispatcher = district_case(stage, district="110106")
    moved = sent(stage, case, district="110106", by=dispatcher)
    assert (moved.holder.code, moved.district) == ("city.research_centre", "110106")


def test_a_case_without_a_district_is_its_own(stage):
    case, dispatcher = district_case(stage, district="")
    assert sent(stage, case, district="", by=dispatcher).district == "110105"


def test_a_district_needs_a_link_too(stage):
    case, dispatcher = district_case(stage)
    with refused("请选择案件环节", "link"):
        sent(stage, case, link="", by=dispatcher)


def test_the_centre_does_not_sort_what_lies_in_a_districts_queue(stage):
    case, _ = district_case(stage)
    with refused("须由本案现在所在的分件部门办理"):
        sent(stage, case)
