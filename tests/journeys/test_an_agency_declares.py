"""An agency declares by form, is returned at two indicators, corrects, is approved; pages only, in each one's rights."""

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from fangxin.agencies.actions import approve_declaration, return_declaration
from fangxin.agencies.models import Declaration, Practitioner, QuarterDuty, Version
from fangxin.agencies.values import ROW_KEY
from fangxin.organisations.models import User
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.fujian_cast import FujianCast, fujian_cast, typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


@pytest.fixture(autouse=True)
def file_store(tmp_path, settings) -> Iterator[None]:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    return None


def sit(username: str) -> Client:
    client = Client()
    user = User.objects.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def clerk(cast: FujianCast) -> Client:
    """林晓 at the agency's desk."""
    return sit("linxiao")


def table(code: str) -> str:
    return reverse("register_table", args=[code])


def begun(clerk: Client) -> Declaration:
    answer = clerk.post(reverse("register_begin"), {"act_key": uuid4()})
    assert answer.status_code == 302, answer.content.decode()
    return Declaration.objects.get()


def as_form(row: dict[str, Any]) -> dict[str, Any]:
    sent = dict(row)
    if sent.pop("licence_expires_on", None):
        sent["licence_expires_on_endless"] = "on"
    if period := sent.pop("service_period", None):
        sent["service_period_first"], sent["service_period_last"] = period.split("至")
    return sent


def filled_in(clerk: Client, cast: FujianCast, **changed: Any) -> Declaration:
    """Every table is written in, page by page."""
    declaration = begun(clerk)
    for code, rows in {**typed_values(cast.agency), **changed}.items():
        for row in rows if isinstance(rows, list) else [rows]:
            url = table(code)
            if isinstance(rows, list):
                url = clerk.get(reverse("register_new_row", args=[code])).url
            answer = clerk.post(url, {**as_form(row), "do": "next"})
            assert answer.status_code == 302, (code, answer.content.decode())
    declaration.refresh_from_db()
    return declaration


def submit(clerk: Client, **changed: Any) -> Any:
    page = clerk.get(reverse("register_check"))
    form = page.context["form"]
    sent = {"act_key": form.initial["act_key"], "turn": form.initial["turn"], "truth": "on"}
    return clerk.post(reverse("register_check"), {**sent, **changed})


def text(answer: Any) -> str:
    return answer.content.decode()


def test_from_the_first_page_to_the_second_version(cast, clerk):
    assert "首次填报" in text(clerk.get(reverse("register")))
    declaration = filled_in(clerk, cast)
    checked = clerk.get(reverse("register_check"))
    assert "没有须改正的地方" in text(checked)
    assert submit(clerk).url == reverse("register")
    declaration.refresh_from_db()
    assert declaration.state == "submitted"
    assert "撤回申报" in text(clerk.get(reverse("register")))

    return_declaration(
        declaration.pk, reasons={"J1-18": "与备案不符，请核对", "J2-14": "请补填学历"}, by=cast.reviewer
    )
    returned = text(clerk.get(reverse("register")))
    assert "与备案不符，请核对" in returned
    assert "开始补正" in returned
    turn = Declaration.objects.get().turn
    assert clerk.post(reverse("register_correct"), {"act_key": uuid4(), "turn": turn}).url.endswith("#J1-18")
    basic, person = text(clerk.get(table("J1"))), text(clerk.get(table("J2")))
    assert basic.index("J1-18") < basic.index("与备案不符，请核对") < basic.index("J1-19")
    assert "请补填学历" in person

    values = typed_values(cast.agency)
    clerk.post(table("J1"), {**as_form(values["J1"]), "filed_on": "2012-05-10"})
    clerk.post(table("J2"), {**as_form(values["J2"]), "education": "20"})
    assert submit(clerk).status_code == 302
    approve_declaration(declaration.pk, opinion="属实", by=cast.reviewer)
    assert Version.objects.get().number == 1
    record = text(clerk.get(reverse("register_record")))
    # The agency sees its own whole, ● and all.
    assert "万元万元" not in record
    for word in (
        "第 1 版",
        "123.45万元",
        "8人<",
        "机密路88号",
        "11010519491231002X",
        "保密委托人甲",
        "2012-05-10",
        "大学本科",
    ):
        assert word in record
    # The next begins with what was accepted.
    assert "只改有变化的" in text(clerk.get(reverse("register")))
    clerk.post(reverse("register_begin"), {"act_key": uuid4()})
    basic = text(clerk.get(table("J1")))
    assert "机密路88号" in basic
    assert 'name="licence_expires_on_endless" checked' in basic
    assert "9999" not in basic
    assert "东街口二手房买卖" in text(clerk.get(table("J6")))


def test_what_is_wrong_stays_and_is_named_beside_its_field(cast, clerk):
    begun(clerk)
    answer = clerk.post(
        table("J1"), {"name": "福州诚信", "postcode": "35000", "registered_on": "去年", "do": "next"}
    )
    page = text(clerk.get(answer.url))
    assert 'value="35000"' in page
    assert 'value="去年"' in page
    assert "J1-06：" in page
    # What is merely not filled in yet is counted, not scolded for.
    assert "J1-02：" not in page
    assert "项必填未填" in page
    assert "J1-02：法人代码没有填写" in text(clerk.get(table("J1") + "?all=1"))


def test_a_code_of_the_right_form_with_a_wrong_digit_is_named(cast, clerk):
    begun(clerk)
    wrong = cast.agency.code[:-1] + ("0" if cast.agency.code[-1] != "0" else "1")
    clerk.post(table("J1"), {**as_form(typed_values(cast.agency)["J1"]), "legal_code": wrong})
    page = text(clerk.get(table("J1")))
    assert wrong in page
    assert "J1-02：" in page
    assert "校验码" in page


def test_the_code_of_another_agency_is_not_taken(cast, clerk):
    filled_in(clerk, cast, J1={**typed_values(cast.agency)["J1"], "legal_code": cast.other_agency.code,
                               "licence_no": cast.other_agency.code})  # fmt: skip
    answer = submit(clerk)
    assert answer.status_code == 422
    assert "与本账号所属机构的代码" in text(answer)


def test_a_number_registered_with_another_agency_is_a_warning_that_goes_with_the_declaration(cast, clerk):
    Practitioner.objects.create(
        jurisdiction="fujian", registration_no="35200900123", name="张伟", kind="broker",
        agency_code=cast.other_agency.code,
    )  # fmt: skip
    filled_in(clerk, cast)
    assert "XV-19" in text(clerk.get(reverse("register_check")))
    assert submit(clerk).status_code == 302
    assert any(one["rule"] == "XV-19" for one in Declaration.objects.get().findings)


def test_everything_that_blocks_leads_to_its_field(cast, clerk):
    filled_in(clerk, cast, J7=[{"contract_no": "HT-2026-001", "broker_name": "张伟"}])
    page = clerk.get(reverse("register_check"))
    (block,) = page.context["blocks"]
    key = Declaration.objects.get().values["J7"][0][ROW_KEY]
    assert block["href"].startswith(reverse("register_row", args=["J7", key]))
    assert submit(clerk).status_code == 422
    assert Declaration.objects.get().state == "draft"


def test_without_the_declaration_of_truth_nothing_is_handed_in(cast, clerk):
    filled_in(clerk, cast)
    answer = submit(clerk, truth="")
    assert answer.status_code == 422
    assert "准确性、合法性" in text(answer)


def test_the_same_form_sent_twice_is_one_act(cast, clerk):
    filled_in(clerk, cast)
    form = clerk.get(reverse("register_check")).context["form"].initial
    sent = {"act_key": form["act_key"], "turn": form["turn"], "truth": "on"}
    assert clerk.post(reverse("register_check"), sent).status_code == 302
    assert clerk.post(reverse("register_check"), sent).status_code == 302
    assert Declaration.objects.get().turn == 1


def test_an_old_page_does_not_hand_in_what_has_moved_since(cast, clerk):
    declaration = filled_in(clerk, cast)
    Declaration.objects.filter(pk=declaration.pk).update(turn=5)
    answer = submit(clerk, turn=0)
    assert answer.status_code == 409
    assert "刚刚有了变化" in text(answer)


def test_what_is_typed_while_it_is_under_review_stays_on_the_page(cast, clerk):
    filled_in(clerk, cast)
    submit(clerk)
    answer = clerk.post(table("J1"), {"name": "福州诚信", "introduction": "迟到的介绍"})
    assert answer.status_code == 409
    assert "迟到的介绍" in text(answer)
    assert "待审核" in text(answer)
    assert clerk.get(table("J1")).url == reverse("register")


def test_recalled_it_is_written_in_again(cast, clerk):
    filled_in(clerk, cast)
    submit(clerk)
    answer = clerk.post(reverse("register_recall"), {"act_key": uuid4(), "turn": 1})
    assert answer.url == reverse("register_check")
    row = Declaration.objects.get().values["J6"][0]
    url = reverse("register_row", args=["J6", row[ROW_KEY]])
    assert "东街口二手房买卖" in text(clerk.get(url))
    stale = clerk.post(reverse("register_recall"), {"act_key": uuid4(), "turn": 1})
    assert stale.status_code == 409


def test_the_browser_saves_by_itself_and_says_what_is_wrong(cast, clerk):
    begun(clerk)
    answer = clerk.post(table("J1"), {"name": "福州诚信", "postcode": "35000"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200
    assert "已保存" in text(answer)
    assert "J1-06：" in text(answer)
    assert "<html" not in text(answer)
    assert Declaration.objects.get().values["J1"]["postcode"] == "35000"


def test_rows_are_added_and_dropped_and_another_window_takes_none_for_another(cast, clerk):
    begun(clerk)
    first = clerk.get(reverse("register_new_row", args=["J5"])).url
    second = clerk.get(reverse("register_new_row", args=["J5"])).url
    clerk.post(first, {"name": "陈丽"})
    clerk.post(second, {"name": "林静"})
    clerk.post(f"{first}drop/")
    clerk.post(second, {"name": "林静宜"})
    assert [row["name"] for row in Declaration.objects.get().values["J5"]] == ["林静宜"]
    # Written in after it was dropped elsewhere: nothing is lost.
    clerk.post(first, {"name": "陈丽"})
    assert [row["name"] for row in Declaration.objects.get().values["J5"]] == ["林静宜", "陈丽"]


def test_a_person_is_put_to_a_project_of_the_declaration(cast, clerk):
    filled_in(clerk, cast)
    page = text(clerk.get(clerk.get(reverse("register_new_row", args=["J7"])).url))
    assert '<option value="HT-2026-001">' in page
    assert "东街口二手房买卖" in page


def test_both_pairs_in_one_sheet_are_refused(cast, clerk):
    filled_in(clerk, cast, J7=[{
        "contract_no": "HT-2026-001", "broker_name": "张伟", "broker_registration_no": "35200900123",
        "assistant_name": "李娜", "assistant_registration_no": "35200900999",
    }])  # fmt: skip
    assert any("J7-05" in one["message"] for one in clerk.get(reverse("register_check")).context["blocks"])


def test_the_address_for_letters_is_copied_without_a_script(cast, clerk):
    begun(clerk)
    clerk.post(table("J1"), {"office_address": "东街口机密路88号", "mailing_address": "", "do": "same:J1-05"})
    assert Declaration.objects.get().values["J1"]["mailing_address"] == "东街口机密路88号"


def picture(name: str = "门店.jpg") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (60, 40), "navy").save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def test_two_pictures_and_not_three_beside_the_introduction(cast, clerk):
    begun(clerk)
    for _ in range(2):
        answer = clerk.post(
            table("J1"), {"name": "福州诚信", "picture-J1-25": picture(), "do": "upload:J1-25"}
        )
        assert answer.status_code == 302
    numbers = Declaration.objects.get().values["J1"]["introduction_pictures"]
    assert len(numbers) == 2
    shown = clerk.get(reverse("register_picture", args=[numbers[0]]))
    assert shown["Content-Type"].startswith("image/")
    third = clerk.post(table("J1"), {"name": "另一个名字", "picture-J1-25": picture(), "do": "upload:J1-25"})
    assert third.status_code == 422
    assert "不得超过2张" in text(third)
    assert "另一个名字" in text(third)
    clerk.post(table("J1"), {"name": "福州诚信", "do": f"drop:J1-25:{numbers[0]}"})
    assert Declaration.objects.get().values["J1"]["introduction_pictures"] == numbers[1:]
    assert sit("chenyu").get(reverse("register_picture", args=[numbers[0]])).status_code in {404, 409}


def test_a_file_that_is_no_picture_is_refused_and_nothing_typed_is_lost(cast, clerk):
    begun(clerk)
    file = SimpleUploadedFile("照片.jpg", b"MZ\x90\x00 not a picture")
    answer = clerk.post(table("J2"), {"name": "林国强", "picture-J2-06": file, "do": "upload:J2-06"})
    assert answer.status_code == 422
    assert "林国强" in text(answer)


def test_another_agency_sees_nothing_of_it(cast, clerk):
    declaration = filled_in(clerk, cast)
    stranger = sit("chenyu")
    assert stranger.get(reverse("register_declaration", args=[declaration.pk])).status_code == 404
    assert "机密路88号" not in text(stranger.get(reverse("register")))
    assert stranger.get(table("J1")).status_code == 302


def test_a_company_that_is_no_agency_has_no_such_pages(cast, clerk):
    from fangxin.organisations.roles import Role
    from tests.cast import company, member

    member(
        "liuyang",
        "刘洋",
        Role.COMPANY_USER,
        company=company("北京诚信房产经纪有限公司", "91110302562134916R"),
    )
    outside = sit("liuyang")
    for name in ("register", "register_check", "register_record"):
        assert outside.get(reverse(name)).status_code == 404
    assert "信用信息申报" not in text(outside.get(reverse("enterprise_desk")))


def test_the_printed_page_has_every_indicator_of_the_annex(cast, clerk):
    declaration = filled_in(clerk, cast)
    page = text(clerk.get(reverse("register_declaration", args=[declaration.pk])))
    from fangxin.rules.indicators import catalogue

    for code in ("J1", "J2", "J5", "J6", "J7", "J8"):
        for field in catalogue().table(code).all_fields:
            assert f">{field.code}<" in page
            assert field.title in page
    assert "11010519491231002X" in page
    assert "长期" in page


def test_the_quarters_duty_is_shown_and_met_by_handing_in(cast, clerk):
    from datetime import date

    QuarterDuty.objects.create(
        agency=cast.agency, company=cast.agency.company, reviewing_body=cast.agency.reviewing_body, year=2026,
        quarter=3, opens_on=date(2026, 10, 1), due_on=date(2026, 10, 15),
    )  # fmt: skip
    assert "2026年第3季度更新：待提交" in text(clerk.get(reverse("register")))
    filled_in(clerk, cast)
    submit(clerk)
    assert "2026年第3季度更新已于" in text(clerk.get(reverse("register")))


def test_typed_control_characters_do_not_break_the_page(cast, clerk):
    begun(clerk)
    answer = clerk.post(table("J1"), {"name": "福州\x00诚信\x07", "introduction": "长" * 25_000})
    assert answer.status_code == 422
    assert "J1-25" in text(answer)
    clerk.post(table("J1"), {"name": "福州\x00诚信\x07", "introduction": "长" * 801})
    page = text(clerk.get(table("J1")))
    assert "不得超过800字" in page
    assert "长" * 801 in page


def test_signed_out_meanwhile_nothing_typed_is_lost(cast):
    answer = Client().post(table("J1"), {"introduction": "一段写了很久的机构介绍，不能就这样没有了。"})
    assert answer.status_code == 403
    assert "不能就这样没有了" in text(answer)


def test_a_page_that_lay_open_over_a_new_sign_in_gives_back_what_was_typed(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        User.objects.get(username="linxiao"), backend="django.contrib.auth.backends.ModelBackend"
    )
    token = client.get(reverse("register")).cookies["csrftoken"].value
    client.post(reverse("register_begin"), {"act_key": uuid4(), "csrfmiddlewaretoken": token})
    answer = client.post(table("J1"), {"name": "福州诚信房产"})
    assert answer.status_code == 403
    assert "福州诚信房产" in text(answer)
    assert "请再保存一次" in text(answer)


def test_whoever_acts_for_two_agencies_writes_in_the_one_the_page_was_opened_for(cast, clerk):
    """A window of the first agency's, left open while another window went over to the second."""
    from fangxin.organisations.actions import join
    from fangxin.organisations.queries import memberships_of
    from fangxin.organisations.roles import Role

    first = begun(clerk)
    join(
        cast.filer.user_id, Role.COMPANY_USER, on=date(2026, 1, 1), by=cast.filer.actor,
        company_id=cast.other_agency.company_id,
    )  # fmt: skip
    kept = re.search(r'name="acting_as" value="(\d+)"', text(clerk.get(table("J1"))))[1]
    other = next(one for one in memberships_of(cast.filer.user_id) if one.company_id != first.company_id)
    clerk.post(reverse("switch_membership"), {"membership": other.membership_id})
    clerk.post(reverse("register_begin"), {"act_key": uuid4()})
    second = Declaration.objects.exclude(pk=first.pk).get()
    typed = {
        **as_form(typed_values(cast.agency)["J1"]),
        "introduction": "第一家机构的介绍，不是第二家的，写了很久很久的一段话。",
    }
    answer = clerk.post(table("J1"), {**typed, "acting_as": kept, "do": "save"})
    assert answer.status_code == 409
    assert "换回原来的身份" in text(answer)
    assert "写了很久很久的一段话" in text(answer), "nothing typed is lost"
    unsaved = clerk.post(table("J1"), {**typed, "acting_as": kept}, headers={"HX-Request": "true"})
    assert (unsaved.status_code, "没有保存" in text(unsaved)) == (409, True)
    for page in ("register_check", "register_recall", "register_correct"):
        sent = {"act_key": uuid4(), "turn": second.turn, "truth": "on", "acting_as": kept}
        assert clerk.post(reverse(page), sent).status_code == 409, page
    second.refresh_from_db()
    assert second.values["J1"]["name"] == "厦门海润房产经纪有限公司"
    assert second.state == "draft"


def hidden(page: str) -> dict[str, str]:
    """What a page sends along of what it showed."""
    return {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1] for name in ("seen", "window")}


def test_two_of_one_agency_who_write_at_once_hear_of_each_other(cast, clerk):
    begun(clerk)
    colleague = member("songjia", "宋佳", Role.COMPANY_USER, company=cast.agency.company)
    other = sit("songjia")
    assert colleague.company_id == cast.agency.company_id
    row = as_form(typed_values(cast.agency)["J1"])
    mine, theirs = (hidden(text(who.get(table("J1")))) for who in (clerk, other))
    assert clerk.post(table("J1"), {**row, **mine, "fax": "0591-87650001"}).status_code == 302
    # By itself, while one types; and by the button.
    told = other.post(table("J1"), {**row, **theirs, "fax": "0591-87650002"}, headers={"HX-Request": "true"})
    assert (told.status_code, "另一位用户" in text(told)) == (409, True)
    page = other.post(table("J1"), {**row, **theirs, "fax": "0591-87650002"})
    assert page.status_code == 409
    assert 'value="0591-87650002"' in text(page)
    assert "J1-08 传真：现在是“0591-87650001”，您填的是“0591-87650002”" in text(page)
    assert "J1-12 经营范围：现在是" not in text(page)
    assert Declaration.objects.get().values["J1"]["fax"] == "0591-87650001"
    # Having read it, one may save over it; and then the first hears of that.
    assert other.post(table("J1"), {**row, **hidden(text(page)), "fax": "0591-87650002"}).status_code == 302
    assert Declaration.objects.get().values["J1"]["fax"] == "0591-87650002"
    assert clerk.post(table("J1"), {**row, **mine, "fax": "0591-87650001"}).status_code == 409


def test_what_a_page_has_saved_by_itself_is_not_taken_for_somebody_elses(cast, clerk):
    begun(clerk)
    row = as_form(typed_values(cast.agency)["J1"])
    mine = hidden(text(clerk.get(table("J1"))))
    for fax in ("0591-87650001", "0591-87650002"):
        # The answer to the first is lost on the way: the second says what was seen before it.
        saved = clerk.post(table("J1"), {**row, **mine, "fax": fax}, headers={"HX-Request": "true"})
        assert saved.status_code == 200
        assert 'id="seen"' in text(saved)
    assert clerk.post(table("J1"), {**row, **mine, "fax": "0591-87650003"}).status_code == 302


def test_a_sheet_that_was_taken_away_meanwhile_comes_back_only_on_purpose(cast, clerk):
    filled_in(clerk, cast)
    key = Declaration.objects.get().values["J6"][0][ROW_KEY]
    url = reverse("register_row", args=["J6", key])
    row, mine = as_form(typed_values(cast.agency)["J6"][0]), hidden(text(clerk.get(url)))
    clerk.post(reverse("register_drop_row", args=["J6", key]))
    page = clerk.post(url, {**row, **mine, "project_name": "东街口新名"})
    assert (page.status_code, "东街口新名" in text(page)) == (409, True)
    assert clerk.post(url, {**row, **hidden(text(page)), "project_name": "东街口新名"}).status_code == 302
    assert [one["project_name"] for one in Declaration.objects.get().values["J6"]] == ["东街口新名"]
