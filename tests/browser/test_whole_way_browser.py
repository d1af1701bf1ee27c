"""One complaint, seven people, seven browsers: from the web form to the archive by the buttons everybody sees."""

import re

import pytest
from playwright.sync_api import Page, expect

from fangxin.cases.models import Case
from fangxin.deadlines.clock import today
from tests.cast import beijing_cast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


# A case page early, in the middle and late; those between differ in little.
LOOKED_AT_BEFORE = {"分件", "提出处理意见", "回访登记"}


@pytest.fixture(autouse=True)
def cast(transactional_db, files_folder):
    return beijing_cast()


def complains(citizen) -> tuple[str, str]:
    page = citizen.opens("home")
    page.get_by_role("main").get_by_role("link", name="我要投诉").click()
    page.get_by_role("link", name="投诉北京的企业").click()
    page.get_by_label("标题").fill("中介不退定金")
    page.get_by_label("投诉内容").fill("我叫张敏，电话13800138000，交了两万元定金，房子没买成，中介不退。")
    page.get_by_label("被投诉企业").fill("北京诚信房产经纪有限公司")
    page.get_by_label("所在区").select_option("朝阳区")
    page.get_by_label("您的姓名").fill("张敏")
    page.get_by_label("联系电话").fill("13800138000")
    page.get_by_role("button", name="提交投诉").click()
    number, secret = page.get_by_role("region", name="投诉回执").locator("dd").all_inner_texts()
    return number, secret


def takes_up(person, username: str, number: str, step: str) -> Page:
    """Signs in, finds the case on the desk, opens it, and opens the step's form."""
    page = person.signs_in(username)
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
    page.get_by_role("link", name=number).click()
    expect(page.locator(".glance")).to_contain_text(f"请您{step}")
    if step in LOOKED_AT_BEFORE:
        person.eyes.look_at_each_width(f"case-before-{step}")
    page.get_by_role("region", name="现在可以办理").get_by_role("link", name=step, exact=True).click()
    person.eyes.look_at_each_width(f"form-{step}")
    return page


def sends(page: Page, step: str) -> None:
    page.get_by_role("main").get_by_role("button", name=step, exact=True).click()
    expect(page.get_by_role("status").or_(page.get_by_role("alert")).first).to_contain_text("已记录")


def test_a_web_complaint_goes_the_whole_way_to_the_archive(cast, desk_of):
    citizen, company = desk_of(), desk_of()
    dispatcher, clerk, officer, head, supervisor = (desk_of() for _ in range(5))
    number, secret = complains(citizen)

    page = takes_up(dispatcher, "liqiang", number, "分件")
    page.get_by_role("radio", name="经纪").check()
    expect(page.get_by_label("区县")).to_have_value("110105")
    sends(page, "分件")

    page = takes_up(clerk, "wangfang", number, "受理")
    preview = page.get_by_role("region", name="脱敏预览")
    expect(preview.locator("mark")).to_have_count(2)
    expect(page.get_by_label("转办摘要", exact=True)).not_to_have_value(re.compile("张敏|13800138000"))
    page.get_by_label("经办人").select_option("陈涛")
    page.get_by_label("须企业答复的问题").fill("定金为何不退？\n何时退还？")
    expect(page.get_by_label(re.compile("北京诚信房产经纪有限公司"))).to_be_checked()
    page.get_by_label("已核对").check()
    sends(page, "受理")

    page = company.signs_in("liuyang")
    company.eyes.look_at_each_width("enterprise-desk")
    page.get_by_role("region", name="待回复").get_by_role("link", name=number).click()
    expect(page.get_by_role("main")).not_to_contain_text(re.compile("张敏|13800138000"))
    company.eyes.look_at_each_width("enterprise-task")
    page.get_by_label("定金为何不退？").fill("合同约定不退。")
    page.get_by_label("何时退还？").fill("不退。")
    page.get_by_role("button", name="提交回复").click()
    expect(page.get_by_text("回复已提交")).to_be_visible()

    page = takes_up(officer, "chentao", number, "提出处理意见")
    page.get_by_label("存在违法违规行为", exact=True).check()
    page.get_by_label("经调查核实企业存在违法违规行为").check()
    page.get_by_label("BR-07").check()
    page.get_by_label("法律依据").fill("《房地产经纪管理办法》第二十五条")
    officer.eyes.look_at_each_width("form-opinion-filled-in")
    page.get_by_label("调查了解的情况").fill("合同没有不退的约定。")
    page.get_by_label("处理意见", exact=True).fill("责令退还定金。")
    sends(page, "提出处理意见")

    page = takes_up(head, "zhaogang", number, "责令整改")
    expect(page.get_by_label("送达日期")).to_have_value(today().isoformat())
    page.get_by_label("整改要求").fill("退还定金两万元。")
    sends(page, "责令整改")

    page = company.opens("enterprise_desk")
    page.get_by_role("region", name="责令整改").get_by_role("link", name=number).click()
    company.eyes.look_at_each_width("enterprise-order")
    page.get_by_label("整改方案").fill("三日内退还，并培训人员。")
    page.get_by_role("button", name="提交").click()
    page.get_by_label("整改结果").fill("已退还，见转账记录。")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("已退还，见转账记录。")).to_be_visible()

    page = officer.opens("desk")
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="验收整改").click()
    officer.eyes.look_at_each_width("form-验收整改")
    page.get_by_label("北京诚信房产经纪有限公司").check()
    page.get_by_label("整改到位", exact=True).check()
    page.get_by_label("验收意见").fill("已核实到账。")
    sends(page, "验收整改")
    page.get_by_role("link", name="告知投诉人").click()
    officer.eyes.look_at_each_width("form-告知投诉人")
    page.get_by_label("回复投诉人的内容").fill("定金已全部退还。")
    sends(page, "告知投诉人")

    page = takes_up(supervisor, "sunli", number, "回访登记")
    page.get_by_label("联系上", exact=True).check()
    page.get_by_label("诉求是否解决").select_option("已解决")
    page.get_by_label("满意", exact=True).check()
    sends(page, "回访登记")
    expect(page.locator(".glance")).to_contain_text("已归档")
    supervisor.eyes.look_at_each_width("case-closed")

    page = citizen.page
    page.get_by_role("link", name="查看办理进度").click()
    page.get_by_label("投诉编号").fill(number)
    page.get_by_label("查询码").fill(secret)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("region", name="办理结果")).to_contain_text("定金已全部退还。")
    expect(page.get_by_role("main")).to_contain_text("已办结归档")
    assert Case.objects.get(number=number).status == "closed"
