"""Accounts and their passwords."""

from datetime import date

import pytest

from fangxin.organisations import actions
from fangxin.organisations.models import User
from fangxin.organisations.refusals import ActRefused

from .conftest import DAY, PASSWORD

pytestmark = pytest.mark.django_db


def test_a_new_account_must_choose_its_own_password(by):
    assert actions.create_user(
        username="liqiang", full_name="李强", password=PASSWORD, by=by
    ).must_change_password


def test_a_user_name_differing_only_in_case_is_taken(wang, by):
    with pytest.raises(ActRefused, match="已有人使用"):
        actions.create_user(username="WangFang", full_name="王方", password=PASSWORD, by=by)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1-", "10"),
        ("abcdefghijkl", "至少3种"),
        ("abcdefg12345", "至少3种"),
        ("Password123", "常见|普通|简单"),
        ("Wangfang-2026", "用户名|相似"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_it_breaks(by, password, why):
    with pytest.raises(ActRefused, match=why) as refused:
        actions.create_user(username="wangfang-2026", full_name="王芳", password=password, by=by)
    assert refused.value.field == "password"
    assert not User.objects.exists()


def test_three_kinds_of_characters_suffice(by):
    actions.create_user(username="liqiang", full_name="李强", password="房信平台-2026-xin", by=by)


def test_a_changed_password_is_dated_and_need_not_be_changed_again(wang, by):
    User.objects.update(must_change_password=True)
    changed = actions.change_password(wang.pk, "Another-2026x", on=DAY, by=by)
    assert changed.check_password("Another-2026x")
    assert (changed.must_change_password, changed.password_changed_on) == (False, DAY)


def test_the_old_password_is_not_a_new_one(wang, by):
    with pytest.raises(ActRefused, match="不能与原密码相同"):
        actions.change_password(wang.pk, PASSWORD, on=DAY, by=by)


def test_the_day_somebody_was_seen_only_moves_forward(wang):
    actions.record_seen(wang.pk, DAY)
    actions.record_seen(wang.pk, date(2026, 3, 1))
    assert User.objects.get().last_seen_on == DAY
