"""Signing in and out, as people and as those who try what is not theirs."""

from datetime import date, timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fangxin.journal.actors import Actor
from fangxin.journal.models import Entry
from fangxin.organisations import actions, queries
from fangxin.organisations.models import Membership, User
from fangxin.organisations.roles import Role

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
PASSWORD = "Fang-xin-2026"
BY = Actor.system("测试")
WRONG = "用户名或密码不正确"


def account(username: str, full_name: str, **fields) -> User:
    fields.setdefault("must_change_password", False)
    return actions.create_user(username=username, full_name=full_name, password=PASSWORD, by=BY, **fields)


@pytest.fixture(autouse=True)
def department(db):
    return actions.create_body(
        code="district.110105.brokerage",
        jurisdiction="beijing",
        name="朝阳区经纪机构管理部门",
        level="district",
        district="110105",
        link="brokerage",
        by=BY,
    )


@pytest.fixture
def wang(department) -> User:
    user = account("wangfang", "王芳")
    actions.join(user.pk, Role.CASE_OFFICER, on=DAY, body_code=department.code, by=BY)
    return user


@pytest.fixture
def chen(db) -> User:
    user = account("chenjie", "陈杰")
    company = actions.register_company(
        name="北京诚信房地产经纪有限公司", kinds=["brokerage"], jurisdictions=["beijing"], by=BY
    )
    actions.join(user.pk, Role.COMPANY_USER, on=DAY, company_id=company.pk, by=BY)
    return user


def sign_in(client: Client, username: str, password: str = PASSWORD, **more):
    return client.post(reverse("sign_in"), {"username": username, "password": password}, **more)


def membership_of(user: User, nth: int = 0) -> int:
    return queries.memberships_of(user.pk)[nth].membership_id


def test_an_officer_comes_to_the_desk_of_the_office(client, wang):
    assert sign_in(client, "wangfang").url == reverse("desk")
    assert client.session["membership"] == membership_of(wang)
    wang.refresh_from_db()
    assert wang.last_seen_on is not None


def test_a_companys_person_comes_to_the_desk_of_the_company(client, chen):
    assert sign_in(client, "chenjie").url == reverse("enterprise_desk")


def test_the_session_gets_a_new_key_at_sign_in(client, wang):
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(client, "wangfang")
    assert client.session.session_key != before


def test_a_wrong_password_an_unknown_name_and_a_closed_account_get_the_same_answer(client, wang):
    account("closed", "已停用")
    User.objects.filter(username="closed").update(is_active=False)
    pages = []
    for username, password in (
        ("wangfang", "Wrong-password-1"),
        ("nobody-here", "Wrong-password-1"),
        ("closed", PASSWORD),
    ):
        page = sign_in(Client(), username, password)
        assert WRONG in page.content.decode()
        token = page.context["csrf_token"]
        pages.append(page.content.decode().replace(username, "").replace(str(token), ""))
    assert len(set(pages)) == 1


def test_empty_fields_are_named(client):
    page = sign_in(client, "", "").content.decode()
    assert "请填写用户名。" in page
    assert "请填写密码。" in page


@pytest.mark.parametrize(
    "username", ["wang\x00fang", "名" * 10_000, "' or 1=1 --", "{{ 7*7 }}", "<script>", "𠮷㛃🏠"]
)
def test_a_strange_user_name_is_answered_like_a_wrong_one_never_with_a_failure(client, wang, username):
    page = sign_in(client, username, "x")
    assert page.status_code in {200, 400}
    assert "<script>" not in page.content.decode().replace('<script src="', "")


@pytest.mark.parametrize("password", ["Fang-xin\x00-2026", "密" * 100_000])
def test_a_strange_password_is_refused_without_a_failure(client, wang, password):
    assert sign_in(client, "wangfang", password).status_code in {200, 400}


def test_the_page_after_sign_in_is_only_ever_ours(client, wang):
    for ours, wanted in (
        ("/office/?page=2", True),
        ("https://evil.example/", False),
        ("//evil.example/", False),
    ):
        answer = Client().post(
            reverse("sign_in"), {"username": "wangfang", "password": PASSWORD, "next": ours}
        )
        assert answer.url == (ours if wanted else reverse("desk"))


def test_who_is_signed_in_already_is_sent_on(client, wang):
    sign_in(client, "wangfang")
    assert client.get(reverse("sign_in")).url == reverse("desk")


def test_an_account_without_a_membership_is_told_so(client):
    account("newcomer", "新人")
    page = client.post(reverse("sign_in"), {"username": "newcomer", "password": PASSWORD}, follow=True)
    assert "没有任何有效的任职" in page.content.decode()
    assert client.get(reverse("desk"), follow=True).redirect_chain


# Lock-out


def test_five_failures_lock_the_name_at_the_address_even_for_the_right_password(client, wang):
    for _ in range(4):
        assert sign_in(client, "wangfang", "wrong").status_code == 200
    locked = sign_in(client, "wangfang", "wrong")
    assert locked.status_code == 429
    assert "锁定" in locked.content.decode()
    assert sign_in(client, "wangfang").status_code == 429
    assert "_auth_user_id" not in client.session


def test_an_unknown_name_is_locked_just_the_same(client):
    for _ in range(4):
        sign_in(client, "nobody-here", "wrong")
    assert sign_in(client, "nobody-here", "wrong").status_code == 429


def test_a_locked_name_may_sign_in_from_another_address(client, wang):
    for _ in range(5):
        sign_in(client, "wangfang", "wrong")
    assert sign_in(Client(), "wangfang", REMOTE_ADDR="203.0.113.7").url == reverse("desk")


def test_the_lock_opens_after_half_an_hour(client, wang):
    for _ in range(5):
        sign_in(client, "wangfang", "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=31))
    assert sign_in(client, "wangfang").url == reverse("desk")


def test_trying_many_names_from_one_address_is_stopped(client, wang):
    answers = [sign_in(client, f"name{n}", "wrong").status_code for n in range(22)]
    assert answers == [200] * 20 + [429] * 2
    assert sign_in(client, "wangfang").status_code == 429
    assert sign_in(Client(), "wangfang", REMOTE_ADDR="203.0.113.7").url == reverse("desk")


def test_an_own_account_does_not_wash_the_address_clean(client, wang):
    for n in range(15):
        sign_in(client, f"name{n}", "wrong")
    sign_in(Client(), "wangfang")
    for n in range(5):
        sign_in(client, f"more{n}", "wrong")
    assert sign_in(client, "another", "wrong").status_code == 429


def test_the_lock_is_one_journal_entry_and_an_unknown_name_is_not_in_it(client):
    for _ in range(8):
        sign_in(client, "Perhaps-a-Password1", "wrong")
    (entry,) = Entry.objects.filter(kind="user:locked_out")
    assert "Perhaps" not in entry.summary + str(entry.details)


# The password


def test_a_password_given_by_another_must_be_changed_before_anything_else(client, wang):
    User.objects.update(must_change_password=True)
    assert sign_in(client, "wangfang").url == reverse("change_password")
    assert client.get(reverse("desk"), follow=True).request["PATH_INFO"] == reverse("change_password")
    new = {"old_password": PASSWORD, "new_password1": "Another-2026x", "new_password2": "Another-2026x"}
    assert client.post(reverse("change_password"), new).url == reverse("desk")
    assert client.get(reverse("desk")).status_code == 200


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ({"old_password": "wrong"}, "请重新输入现在使用的密码"),
        ({"new_password2": "Another-2026y"}, "两次输入的新密码不一致"),
        ({"new_password1": "abcdefghijkl", "new_password2": "abcdefghijkl"}, "至少3种"),
        ({"new_password1": "Ab1-", "new_password2": "Ab1-"}, "10"),
        ({"new_password1": PASSWORD, "new_password2": PASSWORD}, "不能与原密码相同"),
        ({"new_password1": "An\x00other-2026x", "new_password2": "An\x00other-2026x"}, "空字符"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_with_the_rule(client, wang, new, why):
    sign_in(client, "wangfang")
    given = {"old_password": PASSWORD, "new_password1": "Another-2026x", "new_password2": "Another-2026x"}
    page = client.post(reverse("change_password"), given | new)
    assert page.status_code in {400, 422}
    assert why in page.content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(client, wang):
    elsewhere = Client()
    sign_in(client, "wangfang")
    sign_in(elsewhere, "wangfang")
    new = {"old_password": PASSWORD, "new_password1": "Another-2026x", "new_password2": "Another-2026x"}
    client.post(reverse("change_password"), new)
    assert client.get(reverse("desk")).status_code == 200
    assert elsewhere.get(reverse("desk")).status_code == 302


# Memberships, and the end of a session


def test_one_switches_between_ones_own_memberships(client, wang, department):
    actions.join(wang.pk, Role.DEPARTMENT_HEAD, on=DAY, body_code=department.code, is_deputy=True, by=BY)
    sign_in(client, "wangfang")
    other = membership_of(wang, 1)
    assert "代理部门领导" in client.get(reverse("switch_membership")).content.decode()
    assert client.post(reverse("switch_membership"), {"membership": other}).url == reverse("desk")
    assert client.session["membership"] == other


@pytest.mark.parametrize("membership", ["another's", "", "abc", "-1", "9" * 40, "1\x00"])
def test_switching_to_anothers_membership_is_refused_as_if_it_were_not_there(client, wang, chen, membership):
    sign_in(client, "wangfang")
    own = client.session["membership"]
    wanted = membership_of(chen) if membership == "another's" else membership
    assert client.post(reverse("switch_membership"), {"membership": wanted}).status_code in {400, 404}
    assert client.session["membership"] == own


def test_a_membership_that_ended_is_left_at_once(client, wang):
    sign_in(client, "wangfang")
    Membership.objects.update(ends_on=DAY)
    assert client.get(reverse("desk")).status_code == 302


def test_signing_out_is_a_post_and_ends_the_session(client, wang):
    sign_in(client, "wangfang")
    assert client.get(reverse("sign_out")).status_code == 405
    assert client.get(reverse("desk")).status_code == 200
    assert client.post(reverse("sign_out")).status_code == 302
    assert client.get(reverse("desk")).status_code == 302


def test_a_forged_sign_out_without_a_token_is_refused(wang):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(wang)
    assert strict.post(reverse("sign_out")).status_code == 403


def test_a_session_unused_for_eight_hours_is_over(client, wang, settings):
    sign_in(client, "wangfang")
    assert settings.SESSION_COOKIE_AGE == 8 * 3600
    assert client.session.get_expiry_age() <= 8 * 3600


def test_a_session_ends_after_a_working_day_however_busy(client, wang):
    sign_in(client, "wangfang")
    session = client.session
    session["signed_in_at"] -= 12 * 3600 + 1
    session.save()
    assert client.get(reverse("desk")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_signing_in_and_out_stand_in_the_journal(client, wang):
    sign_in(client, "wangfang")
    client.post(reverse("sign_out"))
    kinds = list(
        Entry.objects.filter(subject_kind="user", subject_id=str(wang.pk)).values_list("kind", flat=True)
    )
    assert kinds[-2:] == ["user:signed_in", "user:signed_out"]
    assert Entry.objects.filter(kind="user:signed_in").get().details["address"] == "127.0.0.1"
