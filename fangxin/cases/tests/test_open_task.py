"""企业查看 (二(四)): recorded once, and only for its own."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import open_task
from fangxin.cases.models import CompanyTask
from fangxin.journal.models import Entry
from tests.stage import refused

pytestmark = pytest.mark.django_db


def test_the_first_look_is_recorded_and_the_second_changes_nothing(stage):
    task = stage.task(stage.accepted())
    seen = open_task(task.pk, by=stage.cast.company_user)
    assert (seen.state, seen.viewed_by) == ("viewed", "刘洋")
    assert open_task(task.pk, by=stage.cast.company_user).first_viewed_at == seen.first_viewed_at
    assert Entry.objects.filter(kind="case:company_opens").count() == 1


def test_a_task_settled_before_anybody_looked_stays_settled(stage):
    case = stage.decided(case=stage.accepted(), without_reply_because="企业逾期未复")
    assert open_task(stage.task(case).pk, by=stage.cast.company_user).state == "closed"


def test_another_company_an_officer_and_nobody_find_nothing(stage):
    task = stage.task(stage.accepted())
    for stranger in (stage.cast.other_company_user, stage.cast.officer):
        with refused("没有这件案件，或者它不是发给贵企业的"):
            open_task(task.pk, by=stranger)
    with refused("没有这件案件，或者它不是发给贵企业的"):
        open_task(uuid4(), by=stage.cast.company_user)


def test_a_task_that_was_never_sent_is_not_there_for_the_company(stage):
    task = stage.task(stage.accepted())
    CompanyTask.objects.filter(pk=task.pk).update(state="unreached")
    with refused("没有这件案件"):
        open_task(task.pk, by=stage.cast.company_user)
