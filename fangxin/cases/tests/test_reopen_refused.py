"""恢复不予受理的案件."""

import pytest

from fangxin.cases.actions import dispatch_case, reopen_refused
from fangxin.cases.models import Hop
from fangxin.complaints.models import Progress
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


def reopened(stage, case, by=None, reason="有新材料"):
    return reopen_refused(case.pk, reason=reason, by=by or stage.cast.dispatcher)


def test_it_waits_at_the_centre_again_as_if_it_had_just_come(stage):
    from fangxin.cases.actions import approve_proposal

    case = stage.propose("refusal", stage.accepted())
    approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    back = reopened(stage, case)
    assert (back.status, back.holder.code) == ("registered", "city.research_centre")
    assert (back.officer, back.handling_body, back.accepted_on, back.closed_on, back.due_on) == (None,) * 5
    assert Hop.objects.filter(case=case).latest("pk").kind == "reopen"
    assert Progress.objects.filter(complaint=case.complaint, title="恢复办理").exists()
    dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    assert stage.accepted(case).due_on is not None


@pytest.mark.parametrize(("reason", "said"), [(" ", "不能为空"), ("因" * 501, "不得超过500字，现有501字")])
def test_a_reason_is_asked_for(stage, reason, said):
    with refused(said, "reason"):
        reopened(stage, stage.refused(), reason=reason)


def test_a_district_does_not_take_back_what_was_refused(stage):
    with refused("须由城研中心办理"):
        reopened(stage, stage.refused(), stage.at("district.110105.market", Role.DISPATCHER))
