"""A citizen hands in a complaint; everything that is wrong is named, and nothing is lost or written."""

import io
import re
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from fangxin.cases.models import Case
from fangxin.complaints.complainant import Complainant, unseal_complainant
from fangxin.complaints.models import Complaint, Progress
from fangxin.documents.models import Attachment
from fangxin.journal.actors import Actor
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.actions import found_bodies

pytestmark = pytest.mark.django_db

GIVEN = {
    "title": "中介不退定金",
    "text": "2026年2月在诚信房产交了两万元定金，房子没有买成，门店拒绝退还。",
    "respondent_name": "北京诚信房产经纪有限公司",
    "respondent_person": "刘某",
    "project_name": "和平里小区",
    "district": "110105",
    "name": "张敏",
    "telephone": "13800138000",
    "email": "",
    "address": "",
}


@pytest.fixture(autouse=True)
def bodies(db):
    found_bodies("beijing", by=Actor.system("测试"))
    cache.clear()


@pytest.fixture
def files_folder(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}},
    }
    return tmp_path


def complain(client, *, follow=False, key=None, **changes):
    given = {**GIVEN, "act_key": str(key or uuid4()), **changes}
    return client.post(reverse("complain"), {k: v for k, v in given.items() if v is not None}, follow=follow)


def nothing_written() -> bool:
    tables = (Complaint, Complainant, Case, Progress, Attachment, Notice)
    return (
        not any(table.objects.exists() for table in tables)
        and not Entry.objects.filter(subject_kind__in=("case", "complaint")).exists()
    )


def words(page) -> str:
    return page.content.decode()


def receipt_of(page) -> tuple[str, str]:
    return tuple(re.findall(r"<dd>([^<]+)</dd>", words(page)))  # type: ignore[return-value]


def picture(kind="JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, kind)
    return out.getvalue()


def upload(name, content):
    return SimpleUploadedFile(name, content)


# The right way


def test_the_form_is_open_to_anybody_and_kept_by_no_cache(client):
    page = client.get(reverse("complain"))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "谁能看到" in words(page)
    assert "不得泄露" in words(page)


def test_a_complaint_is_sealed_numbered_and_waits_to_be_sorted(client):
    answer = complain(client)
    assert answer.status_code == 303
    complaint, case = Complaint.objects.get(), Case.objects.get()
    assert (complaint.title, complaint.district, complaint.source) == (GIVEN["title"], "110105", "web")
    assert case.status == "registered"
    identity = unseal_complainant(complaint.pk)
    assert (identity.name, identity.telephone) == ("张敏", "13800138000")


def test_the_receipt_is_shown_once_and_opens_the_way(client):
    page = complain(client, follow=True)
    number, secret = receipt_of(page)
    assert number == Complaint.objects.get().number
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{6}(-[2-9A-HJ-NP-Z]{6}){2}", secret)
    again = client.get(reverse("complaint_received"))
    assert again.status_code == 404
    assert number not in words(again)
    followed = client.post(reverse("follow"), {"number": number, "secret": secret})
    assert "投诉已收到" in words(followed)


def test_the_secret_is_in_no_address_no_log_and_no_cookie(client, caplog):
    caplog.set_level("DEBUG")
    answer = complain(client)
    cookie = client.cookies["receipt"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", answer.url)
    assert int(cookie["max-age"]) == 600
    page = client.get(answer.url)
    secret = receipt_of(page)[1]
    plain = secret.replace("-", "")
    for place in (answer.url, cookie.value, caplog.text, page.request["PATH_INFO"]):
        assert secret not in place
        assert plain not in place


def test_a_forged_or_old_receipt_cookie_shows_nothing(client):
    answer = complain(client)
    kept = client.cookies["receipt"].value
    client.cookies["receipt"] = kept[:-4] + "AAAA"
    assert client.get(answer.url).status_code == 404
    client.cookies["receipt"] = kept
    with patch("django.core.signing.time.time", return_value=9_999_999_999):
        assert client.get(answer.url).status_code == 404


def test_the_same_form_sent_twice_is_one_case_with_one_receipt(client):
    key = uuid4()
    first = receipt_of(complain(client, key=key, follow=True))
    second = receipt_of(complain(client, key=key, follow=True))
    assert first == second
    assert Case.objects.count() == 1


def test_a_form_changed_after_it_was_sent_is_another_complaint_and_not_lost(client):
    key = uuid4()
    complain(client, key=key)
    complain(client, key=key, text="补充：门店又要求再付一笔手续费。")
    assert Complaint.objects.count() == 2


def test_two_tabs_are_two_complaints_with_two_receipts(client):
    first, second = receipt_of(complain(client, follow=True)), receipt_of(complain(client, follow=True))
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_an_e_mail_address_alone_is_enough_to_be_reached(client):
    complain(client, telephone="", email="ZhangMin@Example.CN")
    assert unseal_complainant(Complaint.objects.get().pk).email == "ZhangMin@example.cn"


def test_telephone_numbers_are_kept_in_their_normal_form(client):
    complain(client, telephone="（０１０）６５８８ ７７６６转８０１")
    assert unseal_complainant(Complaint.objects.get().pk).telephone == "010-65887766-801"


def test_an_official_who_is_signed_in_may_complain_too(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("wangfang", "x", full_name="王芳"))
    assert client.get(reverse("complain")).status_code == 200
    assert complain(client, follow=True).status_code == 200


# Attachments


def test_attachments_belong_to_the_complaint(client, files_folder):
    files = [upload("合同.jpg", picture()), upload("转账.png", picture("PNG"))]
    assert complain(client, files=files).status_code == 303
    complaint = Complaint.objects.get()
    kept = Attachment.objects.order_by("ordinal")
    assert {file.subject_id for file in kept} == {str(complaint.pk)}
    assert [file.purpose for file in kept] == ["complaint_evidence"] * 2


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("发票.pdf", b"MZ\x90\x00" + b"\0" * 100, "两者不符"),
        ("合同.exe", b"MZ\x90\x00", "不接收这种扩展名"),
        ("合同.html", b"<script>alert(1)</script>", "不接收这种扩展名"),
        ("照片.jpg", picture()[:100], "未上传"),
    ],
)
def test_a_file_that_is_not_what_it_says_takes_the_whole_complaint_back(
    client, files_folder, name, content, why
):
    page = complain(client, files=[upload("好.jpg", picture()), upload(name, content)])
    assert page.status_code == 422
    assert why in words(page)
    assert GIVEN["text"] in words(page)
    assert "附件需要重新选择" in words(page)
    assert nothing_written()
    assert not [path for path in files_folder.rglob("*") if path.is_file()]


def test_an_empty_file_is_named(client, files_folder):
    page = complain(client, files=[upload("空.jpg", b"")])
    assert page.status_code == 422
    assert "空" in words(page)
    assert nothing_written()


def test_an_eleventh_file_is_refused_beside_its_field(client, files_folder):
    page = complain(client, files=[upload(f"{n}.jpg", picture()) for n in range(11)])
    assert page.status_code == 422
    assert "一次最多上传 10 个文件" in words(page)
    assert nothing_written()


def test_a_file_of_50_mb_is_refused_beside_its_field(client, files_folder):
    page = complain(client, files=[upload("录像.mp4", b"\0" * 50 * 1024 * 1024)])
    assert page.status_code == 422
    assert "10 MB" in words(page)
    assert GIVEN["text"] in words(page)
    assert nothing_written()


# Refused, named, nothing written, nothing lost


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"title": ""}, "title", "请填写标题"),
        ({"title": " 　\u200b"}, "title", "请填写标题"),
        ({"title": "长" * 201}, "title", "标题不得超过200字，现有201字"),
        ({"text": ""}, "text", "请填写投诉内容"),
        ({"text": "长" * 10_001}, "text", "投诉内容不得超过10000字"),
        ({"text": "前\x00后"}, "text", "U+0000"),
        ({"title": "前\x07后"}, "title", "U+0007"),
        ({"name": ""}, "name", "请填写您的姓名"),
        ({"name": "\u200d\u200b"}, "name", "请填写您的姓名"),
        ({"name": "名" * 10_000}, "name", "您的姓名不得超过64字，现有10000字"),
        ({"telephone": ""}, "telephone", "请填写联系电话或者电子信箱"),
        ({"telephone": "1380013800"}, "telephone", "联系电话不是认得的号码"),
        ({"telephone": "+" * 33}, "telephone", "联系电话不得超过32字"),
        ({"email": "zhangmin"}, "email", "电子信箱不是"),
        ({"email": "a@b.cn\r\nBcc: x@y.cn"}, "email", "电子信箱不是"),
        ({"district": "350102"}, "district", "请在列表中选择"),
        ({"district": "1 or 1=1"}, "district", "请在列表中选择"),
        ({"respondent_name": "司" * 201}, "respondent_name", "被投诉企业不得超过200字"),
        ({"respondent_person": "某\x00"}, "respondent_person", "U+0000"),
        ({"project_name": "名" * 10_000}, "project_name", "项目或小区名称不得超过200字"),
        ({"address": "址" * 301}, "address", "通讯地址不得超过300字"),
    ],
)
def test_what_is_wrong_is_named_beside_its_field_and_nothing_is_lost(client, changes, field, why):
    page = complain(client, **changes)
    assert page.status_code == 422
    beside = re.search(rf'id="id_{field}_error">(.*?)</ul>', words(page), re.DOTALL)
    assert beside, "the refusal stands beside its field"
    assert why in beside[1]
    assert f'href="#id_{field}"' in words(page)
    for name in ("title", "text", "respondent_name", "name", "telephone"):
        if name not in changes:
            assert GIVEN[name] in words(page)
    assert nothing_written()


def test_everything_that_is_wrong_is_told_at_once(client):
    page = words(complain(client, title="", text="", name="", telephone="abc"))
    assert page.count('<li><a href="#id_') == 4


@pytest.mark.parametrize("raw", [b"%ED%A0%80", b"%ED%BF%BF", b"%FF%FE", b"%C0%80"])
def test_bytes_that_are_no_text_are_refused(client, raw):
    body = b"&".join(
        name.encode() + b"=" + (raw if name == "text" else b"x1") for name in ("act_key", *GIVEN)
    )
    page = client.post(reverse("complain"), body, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 422
    assert "U+FFFD" in words(page)
    assert nothing_written()


def test_surrogates_in_a_multipart_body_are_refused(client):
    lines = [
        b'--X\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
        for name, value in [("act_key", str(uuid4()).encode()), ("title", b"\xed\xa0\x80"), ("text", b"x")]
    ]
    page = client.post(
        reverse("complain"), b"".join(lines) + b"--X--\r\n", content_type="multipart/form-data; boundary=X"
    )
    assert page.status_code == 422
    assert "U+FFFD" in words(page)
    assert nothing_written()


@pytest.mark.parametrize("key", ["", None, "not-a-uuid", "\x00", "1" * 10_000])
def test_a_damaged_form_comes_back_whole_and_can_be_sent_again(client, key):
    given = {**GIVEN, "act_key": key}
    page = client.post(reverse("complain"), {k: v for k, v in given.items() if v is not None})
    assert page.status_code == 422
    assert nothing_written()
    fresh = re.search(r'name="act_key" value="([0-9a-f-]{36})"', words(page))
    assert fresh
    assert complain(client, key=fresh[1]).status_code == 303


KEPT = [
    "𠮷野家门口的㛃先生说🏠🇨🇳👨‍👩‍👧",
    "'; drop table complaints_complaint; --",
    "{{ 7*7 }} {% load static %} ${7*7} <%= 7*7 %>",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://x\",\"点我\")",
    "../../etc/passwd %00 %s %d \\x00",
    "第一行\r\n第二行\t缩进",
]  # fmt: skip


@pytest.mark.parametrize("strange", KEPT)
def test_strange_text_is_kept_to_the_letter_and_only_ever_shown_as_text(client, strange):
    title = strange.replace("\r\n", " ").replace("\t", " ")
    number, secret = receipt_of(complain(client, title=title, text=strange, name="𠮷㛃", follow=True))
    complaint = Complaint.objects.get()
    assert complaint.title == title
    assert complaint.text.replace("\r\n", "\n") == strange.replace("\r\n", "\n")
    assert unseal_complainant(complaint.pk).name == "𠮷㛃"
    page = words(client.post(reverse("follow"), {"number": number, "secret": secret}))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "49 " not in page
    refused = words(complain(client, title=title, text=strange, name=""))
    assert "<script>alert" not in refused


def test_ten_thousand_letters_on_many_lines_fit_as_the_browser_counts_them(client):
    line = "长" * 99
    assert complain(client, text="\r\n".join([line] * 100)).status_code == 303


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_only_reading_and_sending_are_served(client, method):
    assert getattr(client, method)(reverse("complain")).status_code in {403, 405}


# Too large, too old, too many


def test_a_body_of_50_mb_of_text_is_answered_in_chinese(client):
    for content_type in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        page = client.post(reverse("complain"), b"x" * 50 * 1024 * 1024, content_type=content_type)
        assert page.status_code == 413
        assert "太大" in words(page)
    assert nothing_written()


def test_a_field_of_many_megabytes_is_answered_in_chinese(client):
    page = complain(client, text="长" * 1024 * 1024)
    assert page.status_code == 413
    assert "太大" in words(page)
    assert nothing_written()


def test_a_body_beyond_any_upload_is_not_read(client):
    page = client.generic(
        "POST", reverse("complain"), b"", content_type="multipart/form-data; boundary=X",
        CONTENT_LENGTH=str(200 * 1024 * 1024),
    )  # fmt: skip
    assert page.status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 400])
def test_a_nonsense_length_breaks_nothing(client, length):
    page = client.generic("POST", reverse("complain"), b"", CONTENT_LENGTH=length)
    assert 400 <= page.status_code < 500


def test_an_expired_page_gives_back_what_was_typed():
    strict = Client(enforce_csrf_checks=True)
    page = complain(strict)
    assert page.status_code == 403
    assert "页面已过期" in words(page)
    assert GIVEN["text"] in words(page)
    assert GIVEN["name"] in words(page)
    assert nothing_written()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', words(page))
    key = re.search(r'name="act_key" value="([0-9a-f-]{36})"', words(page))
    assert complain(strict, key=key[1], csrfmiddlewaretoken=token[1]).status_code == 303


def test_other_forms_without_a_token_say_so_in_chinese():
    page = Client(enforce_csrf_checks=True).post(reverse("follow"), {"number": "x", "secret": "y"})
    assert page.status_code == 403
    assert "过期" in words(page)


def test_a_flood_from_one_address_is_stopped_and_the_form_kept(client, settings):
    settings.COMPLAINTS_PER_HOUR = 2
    assert [complain(client).status_code for _ in range(2)] == [303, 303]
    page = complain(client)
    assert page.status_code == 429
    assert int(page["Retry-After"]) <= 3600
    assert GIVEN["text"] in words(page)
    assert Complaint.objects.count() == 2
    elsewhere = client.post(
        reverse("complain"), {**GIVEN, "act_key": str(uuid4())}, REMOTE_ADDR="203.0.113.7"
    )
    assert elsewhere.status_code == 303


def test_refused_forms_do_not_count_as_a_flood(client, settings):
    settings.COMPLAINTS_PER_HOUR = 1
    for _ in range(5):
        assert complain(client, name="").status_code == 422
    assert complain(client).status_code == 303


# Nothing about who complained

SOMEONE = {
    "name": "龘靐齉",
    "telephone": "13981746253",
    "email": "qz@canary.cn",
    "address": "爨虪巷七百号",
}


def test_what_a_stranger_sees_does_not_depend_on_who_complained(client):

    def seen() -> list[tuple[int, bytes, int]]:
        stranger, pages = Client(), []
        for name in ("home", "complain", "complaint_received", "follow"):
            with CaptureQueriesContext(connection) as asked:
                page = stranger.get(reverse(name))
            body = re.sub(rb'value="[0-9A-Za-z-]{36,64}"', b"", page.content)
            pages.append((page.status_code, body, len(asked)))
        return pages

    before = seen()
    complain(client, **SOMEONE)
    assert seen() == before


def test_the_receipt_and_the_follow_page_never_name_the_complainant(client):
    page = complain(client, **SOMEONE, follow=True)
    number, secret = receipt_of(page)
    followed = client.post(reverse("follow"), {"number": number, "secret": secret})
    for shown in (words(page), words(followed)):
        assert not any(word in shown for word in SOMEONE.values())
