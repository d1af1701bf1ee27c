"""查看投诉人身份 (五): for a reason, for a time, for one person, and every look in the journal."""

from datetime import timedelta
from uuid import uuid4

import pytest

from fangxin.cases.actions import ask_for_identity, consent_to_identity, open_identity, reopen_case
from fangxin.cases.actions.identity import address_of_complainant
from fangxin.cases.models import IdentityOpening
from fangxin.cases.queries import openings_of
from fangxin.journal.models import Entry
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.stage import refused

pytestmark = pytest.mark.django_db
WHY = "核实退款账户，须联系投诉人"


def asked(stage, case, by, reason=WHY):
    return ask_for_identity(case.pk, reason=reason, by=by)


def run_out(opening):
    IdentityOpening.objects.filter(pk=opening.pk).update(open_until=opening.open_until - timedelta(days=30))


def test_the_case_officer_looks_after_giving_a_reason_and_it_is_written_down(stage):
    case = stage.accepted()
    opening = asked(stage, case, stage.cast.officer)
    assert opening.own_case
    assert openings_of(case.pk, stage.cast.officer)["running"]["id"] == opening.pk
    shown = open_identity(case.pk, by=stage.cast.officer)
    assert shown == {"姓名": "张敏", "联系电话": "13800138000", "电子信箱": "zhangmin@example.invalid"}
    open_identity(case.pk, by=stage.cast.officer)
    looks = Entry.objects.filter(subject_id=str(case.pk), kind="identity:open")
    assert looks.count() == 2
    written = str(
        list(Entry.objects.filter(subject_id=str(case.pk)).values("summary", "details", "actor_label"))
    )
    assert "张敏" not in written
    assert "zhangmin" not in written


def test_whoever_calls_back_looks_without_asking_another(stage):
    case = stage.handled()
    assert asked(stage, case, stage.cast.supervisor).open_until is not None
    assert open_identity(case.pk, by=stage.cast.supervisor)["姓名"] == "张敏"


def test_without_leave_nobody_looks_though_the_case_is_theirs(stage):
    case = stage.accepted()
    with refused("许可不存在或已到期"):
        open_identity(case.pk, by=stage.cast.officer)


def test_leave_ends(stage):
    case = stage.accepted()
    run_out(asked(stage, case, stage.cast.officer))
    with refused("许可不存在或已到期"):
        open_identity(case.pk, by=stage.cast.officer)
    assert openings_of(case.pk, stage.cast.officer)["running"] is None


def test_leave_is_one_persons_and_ends_with_the_case_in_their_hands(stage):
    case = stage.accepted()
    asked(stage, case, stage.cast.officer)
    with refused("许可不存在或已到期"):
        open_identity(case.pk, by=stage.cast.clerk)
    from fangxin.cases.actions import approve_proposal

    stage.propose("return", case)
    approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    with refused("许可不存在或已到期"):
        open_identity(case.pk, by=stage.cast.officer)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "请写明查看投诉人身份的理由"),
        ("看看", "请写明"),
        ("因" * 501, "不得超过500字"),
        ("想看一下\x00", "空字符"),
    ],
)
def test_a_reason_is_asked_for_that_is_one(stage, reason, said):
    with refused(said, "reason"):
        asked(stage, stage.accepted(), stage.cast.officer, reason)


@pytest.mark.parametrize("who", ["other_clerk", "emergency", "company_user", "hub"])
def test_who_has_nothing_to_do_with_the_case_does_not_even_ask(stage, who):
    with refused("只有本案的分件、经办、回访人员"):
        asked(stage, stage.accepted(), getattr(stage.cast, who))


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDIT_OFFICER])
def test_administrators_and_auditors_never(stage, role):
    case = stage.accepted()
    person = stage.at("city.research_centre", role)
    with refused("只有本案的分件、经办、回访人员"):
        asked(stage, case, person)


# Two persons


def test_the_clerk_waits_for_the_head_who_agrees(stage):
    case = stage.accepted()
    opening = asked(stage, case, stage.cast.clerk)
    assert opening.open_until is None
    assert openings_of(case.pk, stage.cast.clerk)["waiting"]["id"] == opening.pk
    assert [one["id"] for one in openings_of(case.pk, stage.cast.head)["to_consent"]] == [opening.pk]
    with refused("许可不存在或已到期"):
        open_identity(case.pk, by=stage.cast.clerk)
    agreed = consent_to_identity(opening.pk, agree=True, by=stage.cast.head)
    assert agreed.consented_by_id == stage.cast.head.user_id
    assert open_identity(case.pk, by=stage.cast.clerk)["姓名"] == "张敏"
    assert openings_of(case.pk, stage.cast.head)["to_consent"] == []


def test_the_head_disagrees_and_that_is_final(stage):
    case = stage.accepted()
    opening = asked(stage, case, stage.cast.clerk)
    consent_to_identity(opening.pk, agree=False, by=stage.cast.head)
    with refused("许可不存在或已到期"):
        open_identity(case.pk, by=stage.cast.clerk)
    with refused("没有这项等待同意的申请"):
        consent_to_identity(opening.pk, agree=True, by=stage.cast.head)
    assert Entry.objects.filter(subject_id=str(case.pk), kind="identity:refuse").count() == 1


def test_nobody_consents_to_their_own_asking_not_in_another_seat_either(stage):
    case = stage.accepted()
    opening = asked(stage, case, stage.cast.clerk)
    as_head = member("wangfang", "王芳", Role.DEPARTMENT_HEAD, Body.objects.get(pk=stage.cast.clerk.body_id))
    with refused("申请人不能同意自己的申请"):
        consent_to_identity(opening.pk, agree=True, by=as_head)


@pytest.mark.parametrize("who", ["officer", "dispatcher", "other_clerk"])
def test_only_a_head_whose_case_it_is_consents(stage, who):
    opening = asked(stage, stage.accepted(), stage.cast.clerk)
    with refused("须由本案所在部门的部门领导决定"):
        consent_to_identity(opening.pk, agree=True, by=getattr(stage.cast, who))
    with refused("须由本案所在部门的部门领导决定"):
        consent_to_identity(
            opening.pk, agree=True, by=stage.at("district.110106.brokerage", Role.DEPARTMENT_HEAD)
        )
    with refused("没有这项等待同意的申请"):
        consent_to_identity(uuid4(), agree=True, by=stage.cast.head)


def test_a_running_leave_is_not_consented_to_again(stage):
    opening = asked(stage, stage.accepted(), stage.cast.officer)
    with refused("没有这项等待同意的申请"):
        consent_to_identity(opening.pk, agree=True, by=stage.cast.head)


def test_an_anonymous_complaint_shows_nothing_and_has_no_address(stage):
    case = stage.registered(identity={})
    opening = asked(stage, case, stage.cast.supervisor)
    assert opening.own_case
    assert open_identity(case.pk, by=stage.cast.supervisor) == {}
    assert address_of_complainant(case.complaint_id) == ""


def test_the_address_for_the_envelope_is_the_authors(stage):
    assert address_of_complainant(stage.registered().complaint_id) == "zhangmin@example.invalid"


def test_after_reopening_leave_is_asked_for_anew_once_it_ran_out(stage):
    case = stage.closed("dissatisfied")
    run_out(asked(stage, case, stage.cast.officer))
    reopen_case(case.pk, reason="不满意", by=stage.cast.supervisor)
    with refused("许可不存在或已到期"):
        open_identity(case.pk, by=stage.cast.officer)
