"""A company's screens: what it must answer, by when, with what it may know and no more."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from fangxin.cases.models import Reply
from fangxin.documents.models import Attachment
from tests.cast import beijing_cast
from tests.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage(transactional_db, settings, files_folder) -> Stage:
    return Stage(beijing_cast(), settings)


def photo() -> dict[str, object]:
    picture = io.BytesIO()
    Image.new("RGB", (200, 100), "navy").save(picture, "JPEG")
    return {"name": "转账记录.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}


def test_a_company_answers_point_by_point_with_a_photo_and_adds_to_it(stage, desk_of):
    case = stage.accepted(points=["定金为何不退？", "何时退还？"])
    desk = desk_of("liuyang")
    page = desk.opens("enterprise_desk")
    page.get_by_role("link", name=case.number).click()
    expect(page.get_by_role("region", name="期限")).to_contain_text("剩 3 个工作日")
    page.get_by_label("定金为何不退？").fill("合同第五条约定不退。")
    page.get_by_label("本企业确认存在违法违规行为").check()
    page.get_by_role("button", name="提交回复").click()
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text("请填写问题2")
    expect(page.get_by_label("定金为何不退？")).to_have_value("合同第五条约定不退。")
    desk.eyes.look_at_each_width("enterprise-task-refused")
    page.get_by_label("何时退还？").fill("三日内。")
    page.get_by_role("textbox", name="整改意见").fill("退还定金，培训人员。")
    page.get_by_label("证明材料").set_input_files(photo())
    page.get_by_role("button", name="提交回复").click()
    expect(page.get_by_role("region", name="第1版回复")).to_contain_text("附件1.jpg")
    desk.eyes.look_at_each_width("enterprise-task-answered")
    page.get_by_label("定金为何不退？").fill("已经退还。")
    page.get_by_label("何时退还？").fill("今天。")
    page.get_by_role("button", name="提交回复").click()
    expect(page.get_by_role("region", name="第2版回复")).to_contain_text("已经退还。")
    assert Reply.objects.count() == 2
    assert Attachment.objects.count() == 1
    page = desk.opens("enterprise_desk", look="enterprise-desk-answered")
    expect(page.get_by_role("region", name="已回复")).to_contain_text(case.number)


def test_a_company_reads_the_approved_summary_and_nothing_of_the_complainant(stage, desk_of):
    case = stage.dispatched(text="我叫张敏，电话13800138000，门店收了两万元定金。")
    stage.accepted(case)
    desk = desk_of("liuyang")
    page = desk.opens("enterprise_desk")
    page.get_by_role("link", name=case.number).click()
    expect(page.get_by_role("region", name="投诉摘要")).to_contain_text("投诉人反映贵公司不退定金。")
    assert not re.search("张敏|13800138000|两万元", page.content())
    stranger = desk_of("hejing")
    answer = stranger.page.goto(page.url)
    assert answer is not None
    assert answer.status == 404
    stranger.eyes.look_at_each_width("enterprise-not-yours")


def test_an_order_takes_the_plan_first_and_then_the_result(stage, desk_of):
    case = stage.rectifying()
    desk = desk_of("liuyang")
    page = desk.opens("enterprise_desk")
    page.get_by_role("region", name="责令整改").get_by_role("link", name=case.number).click()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("请填写")
    desk.eyes.look_at_each_width("enterprise-order-refused")
    for kind, text in (("整改方案", "三日内退还。"), ("整改结果", "已退还，见转账记录。")):
        page.get_by_label(kind).fill(text)
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("region", name="已提交").filter(has_text=text)).to_be_visible()
    assert stage.order(case).state == "done"


def test_an_empty_desk_says_what_will_come(stage, desk_of):
    desk = desk_of("liuyang")
    page = desk.opens("enterprise_desk", look="enterprise-desk-empty")
    expect(page.locator(".empty")).to_contain_text("案件会自动分派到这里")
    desk.opens("enterprise_notices", look="enterprise-notices")
