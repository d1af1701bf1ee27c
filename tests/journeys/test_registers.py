"""Companies and people are entered through the pages, with codes checked and rights kept."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from fangxin.organisations.models import Body, Company, Membership
from fangxin.organisations.roles import Role
from tests.cast import beijing_cast, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def seats():
    cast = beijing_cast()
    centre = Body.objects.get(code="city.research_centre")
    member("guanli", "关立", Role.ADMINISTRATOR, centre)
    from fangxin.organisations.models import User

    def sit(username):
        client = Client()
        user = User.objects.get(username=username)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return cast, sit


def company(**changes):
    given = {
        "act_key": uuid4(),
        "name": "北京新居房产经纪有限公司",
        "kinds": ["brokerage"],
        "uscc": "91350200MA00000235",
    }
    return {**given, **changes}


def test_a_clerk_registers_a_company_and_finds_it_by_part_of_its_name(seats):
    _, sit = seats
    clerk = sit("wangfang")
    assert clerk.post(reverse("new_company"), company()).status_code == 302
    assert "北京新居房产经纪有限公司" in clerk.get(reverse("companies"), {"q": "新居"}).content.decode()


def test_a_wrong_digit_is_named_and_nothing_typed_is_lost(seats):
    _, sit = seats
    answer = sit("wangfang").post(reverse("new_company"), company(uscc="91350200MA00000236"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "校验码" in page
    assert "北京新居房产经纪有限公司" in page
    assert not Company.objects.filter(name="北京新居房产经纪有限公司").exists()


def test_a_renamed_company_is_found_by_its_former_name(seats):
    cast, sit = seats
    clerk = sit("wangfang")
    form = {"act_key": uuid4(), "name": "北京守信房产经纪有限公司", "on": "2026-01-05"}
    assert clerk.post(reverse("company", args=[cast.company.pk]), form).status_code == 302
    assert "北京守信房产经纪有限公司" in clerk.get(reverse("companies"), {"q": "诚信"}).content.decode()


def test_a_case_officer_does_not_keep_the_register(seats):
    _, sit = seats
    assert sit("chentao").get(reverse("new_company")).status_code == 404
    assert sit("chentao").get(reverse("people")).status_code == 404


def test_an_administrator_opens_an_account_whose_password_is_shown_once(seats):
    _, sit = seats
    admin = sit("guanli")
    form = {
        "act_key": uuid4(), "username": "zhengkai", "full_name": "郑凯", "role": "case_officer",
        "body": "district.110106.brokerage",
    }  # fmt: skip
    answer = admin.post(reverse("new_person"), form, follow=True)
    assert "初始密码" in answer.content.decode()
    assert "初始密码" not in admin.get(reverse("people")).content.decode()
    membership = Membership.objects.get(user__username="zhengkai")
    assert membership.user.must_change_password
    assert admin.post(reverse("end_membership", args=[membership.pk])).status_code == 302
    membership.refresh_from_db()
    assert membership.ends_on is not None


def test_an_office_role_without_a_body_is_refused(seats):
    _, sit = seats
    form = {"act_key": uuid4(), "username": "zhengkai", "full_name": "郑凯", "role": "case_officer"}
    answer = sit("guanli").post(reverse("new_person"), form)
    assert answer.status_code == 422
    assert "机构" in answer.content.decode()
    assert not Membership.objects.filter(user__username="zhengkai").exists()
