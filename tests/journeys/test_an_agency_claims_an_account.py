"""Somebody claims an agency's account on the public site; the department decides; a link sets the password."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from fangxin.agencies.models import AccountClaim, Agency, FiledAgency
from fangxin.journal.models import Entry
from fangxin.notices.actions import deliver_notices
from fangxin.organisations.models import Membership, User
from tests.fujian_cast import FujianCast, fujian_cast, valid

pytestmark = pytest.mark.django_db
NEW = valid("91350102MA7NEW0012")


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


@pytest.fixture(autouse=True)
def file_store(tmp_path, settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }


def sit(username: str) -> Client:
    client = Client()
    user = User.objects.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def licence() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (60, 40), "white").save(content, "JPEG")
    return SimpleUploadedFile("营业执照.jpg", content.getvalue(), content_type="image/jpeg")


def sent(**changed):
    form = {
        "act_key": uuid4(), "code": NEW, "agency_name": "福州新居房产经纪有限公司", "county": "350102",
        "applicant_name": "许静", "telephone": "13805910009", "email": "XuJing@xinju.example.cn", "licence": licence(),
    }  # fmt: skip
    return {**form, **changed}


def text(answer) -> str:
    return answer.content.decode()


def claimed(**changed) -> AccountClaim:
    answer = Client().post(reverse("claim"), sent(**changed))
    assert answer.status_code == 303, text(answer)
    return AccountClaim.objects.latest("applied_at")


def decide(client: Client, claim: AccountClaim, decision: str, opinion: str = ""):
    form = {"act_key": uuid4(), "decision": decision, "opinion": opinion}
    return client.post(reverse("office_claim", args=[claim.pk]), form)


def link_in(letter: str) -> str:
    return re.search(r"/password/set/\S+", letter)[0]


def test_from_the_form_to_the_first_declaration(cast):
    citizen = Client()
    answer = citizen.post(reverse("claim"), sent(), follow=True)
    number, secret = answer.context["number"], answer.context["secret"]
    followed = citizen.post(reverse("follow_claim"), {"number": number, "secret": secret})
    assert "待审核" in text(followed)
    department = sit("huangmin")
    assert "福州新居房产经纪有限公司" in text(department.get(reverse("office_claims")))
    claim = AccountClaim.objects.get()
    page = text(department.get(reverse("office_claim", args=[claim.pk])))
    assert "企业备案资料中没有这个代码" in page
    file = re.search(r'href="(/office/claims/[^"]+/files/[^"]+)"', page)[1]
    assert department.get(file)["Content-Type"] == "image/jpeg"
    assert decide(department, claim, "approve").status_code == 302
    assert Agency.objects.get(code=NEW).company.on_platform
    deliver_notices(lambda _: "")
    letter = next(one for one in mail.outbox if one.to == ["xujing@xinju.example.cn"])
    link = link_in(letter.body)
    assert "xujing@xinju.example.cn" in text(citizen.get(link))
    chosen = {"new_password1": "Xinju-2027-ok", "new_password2": "Xinju-2027-ok"}
    assert citizen.post(link, chosen).url == reverse("sign_in")
    # Once, and no more.
    assert citizen.get(link).status_code == 404
    assert citizen.post(link, chosen).status_code == 404
    signed_in = citizen.post(
        reverse("sign_in"), {"username": "xujing@xinju.example.cn", "password": "Xinju-2027-ok"}
    )
    assert signed_in.url == reverse("enterprise_desk")
    assert "开始填报" in text(citizen.get(reverse("register")))
    kinds = set(Entry.objects.filter(subject_kind="account_claim").values_list("kind", flat=True))
    assert {"claim:apply", "claim:approve"} <= kinds


def test_a_wrong_digit_is_named_and_nothing_typed_is_lost(cast):
    answer = Client().post(reverse("claim"), sent(code=NEW[:-1] + ("0" if NEW[-1] != "0" else "1")))
    assert answer.status_code == 422
    assert "校验码" in text(answer)
    assert "福州新居房产经纪有限公司" in text(answer)
    assert "许静" in text(answer)
    assert not AccountClaim.objects.exists()


def test_only_counties_of_the_province_and_each_under_its_city(cast):
    page = text(Client().get(reverse("claim")))
    assert page.index('label="福州市"') < page.index('value="350102"') < page.index('label="厦门市"')
    assert Client().post(reverse("claim"), sent(county="110105")).status_code == 422
    assert claimed(county="350128").city == "350128"


def test_what_is_no_licence_is_refused(cast):
    file = SimpleUploadedFile("执照.jpg", b"MZ\x90\x00 not a picture")
    answer = Client().post(reverse("claim"), sent(licence=file))
    assert answer.status_code == 422
    assert not AccountClaim.objects.exists()
    assert Client().post(reverse("claim"), sent(licence="")).status_code == 422


def test_the_same_form_sent_twice_is_one_claim(cast):
    form = sent()
    citizen = Client()
    first = citizen.post(reverse("claim"), form, follow=True).context["number"]
    form["licence"].seek(0)
    assert citizen.post(reverse("claim"), form, follow=True).context["number"] == first
    assert AccountClaim.objects.count() == 1


def test_that_the_agency_has_an_account_is_told_to_the_department_and_not_to_the_public(cast):
    claim = claimed(code=cast.agency.code, agency_name=cast.agency.company.name)
    again = claimed(code=cast.agency.code, agency_name="另一个名字", email="other@example.cn")
    assert claim.state == again.state == "applied"
    page = text(sit("huangmin").get(reverse("office_claim", args=[again.pk])))
    assert "该机构已有账号：林晓" in page
    assert claim.number in page
    assert "与申领的不同" in page


def test_filing_that_agrees_is_said(cast):
    FiledAgency.objects.create(
        jurisdiction="fujian", code=NEW, values={"J1": {"name": "福州新居房产经纪有限公司"}}
    )
    claim = claimed()
    assert "与企业备案资料相符" in text(sit("huangmin").get(reverse("office_claim", args=[claim.pk])))


def test_a_refusal_has_a_reason_that_the_applicant_reads(cast):
    citizen = Client()
    receipt = citizen.post(reverse("claim"), sent(), follow=True).context
    department, claim = sit("huangmin"), AccountClaim.objects.get()
    assert decide(department, claim, "refuse").status_code == 422
    assert decide(department, claim, "refuse", "执照不清楚，请重新拍照。").status_code == 302
    followed = citizen.post(
        reverse("follow_claim"), {"number": receipt["number"], "secret": receipt["secret"]}
    )
    assert "执照不清楚" in text(followed)
    assert not User.objects.filter(username="xujing@xinju.example.cn").exists()
    # Decided is decided.
    assert decide(department, claim, "approve").status_code == 422


@pytest.mark.parametrize("stranger", ["hexin", "wujian", "zhenghua", "linxiao"])
def test_another_place_does_not_see_it(cast, stranger):
    claim = claimed()
    client = sit(stranger)
    assert client.get(reverse("office_claim", args=[claim.pk])).status_code == 404
    assert decide(client, claim, "approve").status_code == 404
    assert client.post(reverse("office_claim_link", args=[claim.pk]), {"act_key": uuid4()}).status_code == 404
    claim.refresh_from_db()
    assert claim.state == "applied"


def test_an_agency_of_another_department_is_not_given_away_here(cast):
    claim = claimed(code=cast.other_agency.code)
    answer = decide(sit("huangmin"), claim, "approve")
    assert answer.status_code == 422
    assert "改选所在地" in text(answer)
    assert not User.objects.filter(username="xujing@xinju.example.cn").exists()


def test_whoever_has_an_account_acts_for_the_agency_besides(cast):
    department = sit("huangmin")
    decide(department, claimed(), "approve")
    second = claimed(code=valid("91350102MA7NEW0034"), agency_name="福州又一房产经纪有限公司")
    assert decide(department, second, "approve").status_code == 302
    assert Membership.objects.filter(user__username="xujing@xinju.example.cn").count() == 2


def test_a_link_ends_after_its_days_and_is_sent_again(cast):
    department, claim = sit("huangmin"), claimed()
    decide(department, claim, "approve")
    deliver_notices(lambda _: "")
    link = link_in(next(one for one in mail.outbox if "xujing@xinju.example.cn" in one.to).body)
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert "不能用了" in text(Client().get(link))
        department = sit("huangmin")
        answer = department.post(
            reverse("office_claim_link", args=[claim.pk]), {"act_key": uuid4()}, follow=True
        )
        # No mail is set up here: the officer passes the link on.
        fresh = link_in(text(answer)).split("<")[0]
        assert Client().get(fresh).status_code == 200


@pytest.mark.parametrize(
    ("uid", "token"), [("MQ", "x-y"), ("%%%", "x"), ("OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "c-d"), ("-", "-")]
)
def test_a_link_that_is_none_says_only_that(cast, uid, token):
    assert Client().get(reverse("set_password", args=[uid, token])).status_code == 404


def test_a_wrong_secret_and_a_wrong_number_get_one_answer(cast):
    number = claimed().number
    wrong = Client().post(reverse("follow_claim"), {"number": number, "secret": "2" * 18})
    unknown = Client().post(reverse("follow_claim"), {"number": "SL-20260101-AAAAAA", "secret": "2" * 18})
    assert wrong.status_code == unknown.status_code == 422
    assert re.sub(r'value="\w{64}"', "", text(wrong)) == re.sub(r'value="\w{64}"', "", text(unknown))


def test_one_address_may_not_flood_the_departments(cast, settings):
    cache.clear()
    settings.CLAIMS_PER_HOUR = 1
    claimed()
    answer = Client().post(reverse("claim"), sent(code=valid("91350102MA7NEW0056")))
    assert answer.status_code == 429
    assert "许静" in text(answer)
    assert answer["Retry-After"]
