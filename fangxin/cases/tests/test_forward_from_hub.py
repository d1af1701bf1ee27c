"""物导中心再分派 (二(二)(5))."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import approve_proposal, forward_from_hub
from fangxin.cases.models import Hop
from fangxin.complaints.models import Progress
from fangxin.journal.actions import AlreadyDone
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


def forwarded(stage, case, district="110105", **more):
    return forward_from_hub(case.pk, district=district, by=stage.cast.hub, **more)


def test_the_hub_sends_it_on_to_the_districts_property_department(stage):
    case = forwarded(stage, stage.at_hub())
    assert (case.status, case.holder.code) == ("dispatched", "district.110105.property")
    assert case.sender.code == "city.property_guidance"
    assert [hop.kind for hop in Hop.objects.filter(case=case).order_by("pk")] == ["dispatch", "forward"]
    assert Progress.objects.filter(complaint=case.complaint, title="已分派").count() == 1


def test_the_hub_may_choose_another_district_than_the_centre_thought(stage):
    stage.at("district.110106.property", Role.DEPARTMENT_CLERK)
    assert forwarded(stage, stage.at_hub(), "110106").district == "110106"


@pytest.mark.parametrize("district", ["", "999999"])
def test_a_district_is_chosen_from_the_list(stage, district):
    with refused("选择区县", "district"):
        forwarded(stage, stage.at_hub(), district)


def test_a_department_without_a_clerk_receives_nothing(stage):
    with refused("尚未指定部门专人"):
        forwarded(stage, stage.at_hub(), "110101")


def test_what_never_was_at_the_hub_is_not_sent_on_from_there(stage):
    with refused("", "district"):
        forwarded(stage, stage.registered())
    with refused("不能物导中心再分派：案件现为“待受理”"):
        forwarded(stage, forwarded(stage, stage.at_hub()))


def test_the_same_form_sent_twice_is_one_hop(stage):
    case, key = stage.at_hub(), uuid4()
    forwarded(stage, case, act_key=key)
    with pytest.raises(AlreadyDone):
        forwarded(stage, case, act_key=key)


def test_a_return_from_the_district_comes_back_to_the_hub(stage):
    case = forwarded(stage, stage.at_hub())
    clerk = stage.at("district.110105.property", Role.DEPARTMENT_CLERK)
    head = stage.at("district.110105.property", Role.DEPARTMENT_HEAD)
    stage.propose("return", case, clerk)
    back = approve_proposal(case.pk, opinion="同意", by=head)
    assert (back.status, back.holder.code, back.returned_times) == ("at_hub", "city.property_guidance", 1)
    assert back.handling_body_id is None
    assert forwarded(stage, back).status == "dispatched"
