"""A citizen complains and follows it, on a desk and on a phone, with and without scripts."""

import io
import re

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from fangxin.cases.models import Case
from fangxin.complaints.actions import note_progress
from fangxin.complaints.models import Complaint
from fangxin.deadlines.clock import today
from fangxin.documents.models import Attachment
from fangxin.rules.terms import Unit
from fangxin.rules.workdays import calendar
from tests.cast import beijing_cast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

TEXT = "2026年2月在诚信房产交了两万元定金，房子没有买成，门店拒绝退还，𠮷 㛃 🏠。"


@pytest.fixture(autouse=True)
def cast(transactional_db):
    return beijing_cast()


@pytest.fixture(autouse=True)
def files_folder(settings, tmp_path):
    disk = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": disk}


@pytest.fixture
def site(live_server):
    return lambda name: live_server.url + reverse(name)


def fill_in(page: Page) -> None:
    page.get_by_label("标题").fill("中介不退定金")
    page.get_by_label("投诉内容").fill(TEXT)
    page.get_by_label("被投诉企业").fill("北京诚信房产经纪有限公司")
    page.get_by_label("所在区").select_option("朝阳区")
    page.get_by_label("您的姓名").fill("张敏")
    page.get_by_label("联系电话").fill("138 0013 8000")


def hand_in(page: Page) -> tuple[str, str]:
    page.get_by_role("button", name="提交投诉").click()
    receipt = page.get_by_role("region", name="投诉回执")
    number, secret = receipt.locator("dd").all_inner_texts()
    return number, secret


def test_a_citizen_finds_the_form_corrects_a_mistake_and_takes_the_receipt_home(page, site, width, looked_at):
    page.goto(site("home"))
    looked_at("home")
    page.get_by_role("main").get_by_role("link", name="我要投诉").click()
    page.get_by_role("link", name="投诉北京的企业").click()
    looked_at("complain")
    fill_in(page)
    page.get_by_label("联系电话").fill("1380013800")
    page.get_by_role("button", name="提交投诉").click()
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text("联系电话不是认得的号码")
    looked_at("complain-refused")
    problems.get_by_role("link").click()
    expect(page.get_by_label("联系电话")).to_be_focused()
    expect(page.get_by_label("投诉内容")).to_have_value(TEXT)
    page.get_by_label("联系电话").fill("13800138000")
    picture = io.BytesIO()
    Image.new("RGB", (200, 100), "navy").save(picture, "JPEG")
    page.get_by_label("附件").set_input_files(
        {"name": "合同.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    number, secret = hand_in(page)
    looked_at("received")
    assert secret.replace("-", "") not in page.url
    assert Complaint.objects.get().number == number
    assert Attachment.objects.count() == 1
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("没有可以显示的回执")
    looked_at("received-again")


def test_the_way_of_the_complaint_is_read_with_number_and_secret(page, site, width, looked_at):
    page.goto(site("complain"))
    fill_in(page)
    number, secret = hand_in(page)
    complaint = Complaint.objects.get()
    due_on = calendar().due_day(today(), 10, Unit.WORKING_DAY).due_on
    note_progress(complaint.pk, "已分派", "已分派朝阳区经纪机构管理部门，等待受理。")
    note_progress(complaint.pk, "已受理", "经办部门已受理并转被投诉单位答复。", due_on=due_on)
    page.get_by_role("link", name="查看办理进度").click()
    looked_at("follow")
    page.get_by_label("投诉编号").fill(number)
    page.get_by_label("查询码").fill("ABCDEF-GHJKMN-PQRSTU")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_contain_text("投诉编号或查询码不正确")
    looked_at("follow-refused")
    page.get_by_label("投诉编号").fill(number)
    page.get_by_label("查询码").fill(secret.lower())
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("中介不退定金")
    expect(page.get_by_text("剩 10 个工作日")).to_be_visible()
    looked_at("followed")
    note_progress(complaint.pk, "已提出处理意见", "经办部门已完成调查，正在作后续处理。")
    note_progress(complaint.pk, "办理结果", "经查，诚信房产已于3月6日退还定金两万元。\n感谢您的反映。")
    note_progress(complaint.pk, "已办结归档", "感谢您的监督。")
    page.reload()
    expect(page.get_by_role("region", name="办理结果")).to_contain_text("退还定金两万元")
    looked_at("followed-to-the-end")


def test_everything_works_without_scripts(browser: Browser, site):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(site("complain"))
    fill_in(page)
    page.get_by_label("标题").fill("")
    page.get_by_role("button", name="提交投诉").click()
    assert "请填写标题" in page.content()
    page.get_by_label("标题").fill("中介不退定金")
    number, secret = hand_in(page)
    page.goto(site("follow"))
    page.get_by_label("投诉编号").fill(number)
    page.get_by_label("查询码").fill(secret)
    page.get_by_role("button", name="查询").click()
    assert "投诉已收到" in page.content()
    context.close()


def test_the_form_sent_twice_by_an_impatient_thumb_is_one_case(page, site):
    page.goto(site("complain"))
    fill_in(page)
    page.get_by_role("button", name="提交投诉").dblclick()
    page.wait_for_url(re.compile("received"))
    assert Case.objects.count() == 1


def test_the_form_can_be_filled_in_with_the_keyboard_alone(page, site):
    page.goto(site("complain"))
    page.get_by_label("标题").focus()
    for typed in ("中介不退定金", TEXT, "", "诚信房产", "", "", "", "张敏", "13800138000", "", ""):
        if typed:
            page.keyboard.insert_text(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("received"))
    assert Complaint.objects.get().respondent_name == "诚信房产"


def test_the_largest_letters_fit_on_a_narrow_phone(page, site):
    page.set_viewport_size({"width": 320, "height": 640})
    for name in ("home", "complain", "follow"):
        page.goto(site(name))
        page.get_by_role("button", name="特大").click()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (name, wide)


def test_two_tabs_hand_in_two_complaints(context, site):
    numbers = set()
    tabs = [context.new_page() for _ in range(2)]
    for tab in tabs:
        tab.goto(site("complain"))
        fill_in(tab)
    for tab in tabs:
        numbers.add(hand_in(tab)[0])
    assert len(numbers) == 2


def test_an_expired_page_gives_everything_back(page, context, site):
    page.goto(site("complain"))
    fill_in(page)
    context.clear_cookies()
    page.get_by_role("button", name="提交投诉").click()
    expect(page.get_by_role("alert")).to_contain_text("页面已过期")
    expect(page.get_by_label("投诉内容")).to_have_value(TEXT)
    assert not Complaint.objects.exists()
    assert hand_in(page)[0] == Complaint.objects.get().number
