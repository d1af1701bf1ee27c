"""The office's screens as hands and eyes meet them: by keyboard alone, without scripts, in two tabs, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from fangxin.cases.models import Case
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from tests.cast import beijing_cast, member
from tests.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FOCUSED = """() => {
  const here = document.activeElement, look = getComputedStyle(here), box = here.getBoundingClientRect();
  return {
    words: ((here.name && here.tagName !== "BUTTON" && here.name) || here.innerText || here.getAttribute("aria-label") || here.tagName).trim(),
    seen: here === document.body || (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2),
    there: here === document.body || (box.width > 0 && box.bottom > 0 && box.top < innerHeight),
  };
}"""


@pytest.fixture
def stage(transactional_db, settings, files_folder) -> Stage:
    return Stage(beijing_cast(), settings)


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until the control of those words has the focus; every stop on the way can be seen."""
    passed = []
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        passed.append(focus["words"])
        assert focus["seen"], f"no ring around “{focus['words']}”"
        assert focus["there"], f"“{focus['words']}” has the focus out of sight"
        if focus["words"] == words:
            return
    raise AssertionError(f"{words}: not among {passed}")


def test_from_sign_in_to_the_first_step_with_the_keyboard_alone(stage, desk_of):
    number = stage.registered().number
    desk = desk_of()
    page = desk.opens("sign_in", look="sign-in")
    for typed in ("liqiang", "Chengyan-2026"):
        page.keyboard.insert_text(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
    tab_to(page, "跳到正文")
    page.keyboard.press("Enter")
    tab_to(page, number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("中介不退定金")
    tab_to(page, "跳到正文")
    page.keyboard.press("Enter")
    tab_to(page, "分件")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("分件")
    tab_to(page, "link")
    page.keyboard.press("ArrowDown")
    tab_to(page, "district")
    tab_to(page, "分件")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已记录")).to_be_visible()
    assert Case.objects.get().status == "dispatched"


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_filter_narrows_the_list_and_stays_in_the_address(stage, desk_of, scripts):
    kept = stage.registered(title="中介不退定金").number
    other = stage.registered(
        title="面积误差超过约定", respondent_name="北京经纬测绘有限公司", district="110108"
    ).number
    desk = desk_of("liqiang", java_script_enabled=scripts)
    page = desk.opens("desk")
    expect(page.get_by_role("link", name=re.compile("^BJ-"))).to_have_count(2)
    if scripts:
        page.evaluate("window.stayed = true")
    page.get_by_role("search").get_by_label("区县").select_option("朝阳区")
    if not scripts:
        page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("link", name=other)).to_have_count(0)
    expect(page.get_by_role("link", name=kept)).to_be_visible()
    expect(page.get_by_text("共 1 件")).to_be_visible()
    assert "district=110105" in page.url
    if scripts:
        assert page.evaluate("window.stayed"), "the whole page was loaded again"
        desk.eyes.look_at_each_width("desk-filtered")
    page.goto(page.url)
    expect(page.get_by_role("search").get_by_label("区县")).to_have_value("110105")
    expect(page.get_by_role("link", name=other)).to_have_count(0)


def test_a_filter_is_kept_found_again_and_thrown_away(stage, desk_of):
    stage.registered()
    desk = desk_of("liqiang")
    page = desk.opens("desk")
    page.get_by_role("search").get_by_label("区县").select_option("朝阳区")
    expect(page).to_have_url(re.compile("district=110105"))
    page.get_by_text("保存当前条件").click()
    page.get_by_label("名称", exact=True).fill("朝阳待分件")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存常用筛选")).to_be_visible()
    page = desk.opens("desk")
    page.get_by_role("link", name="朝阳待分件").click()
    expect(page.get_by_label("范围")).to_have_value("todo")
    expect(page.get_by_role("search").get_by_label("区县")).to_have_value("110105")
    expect(page.get_by_role("link", name="朝阳待分件")).to_have_attribute("aria-current", "true")
    desk.eyes.look_at_each_width("case-list-saved-filter")
    page.get_by_role("button", name="删除常用筛选“朝阳待分件”").click()
    expect(page.get_by_text("已删除常用筛选")).to_be_visible()
    expect(page.get_by_role("link", name="朝阳待分件")).to_have_count(0)


def test_all_cases_of_a_page_are_chosen_and_sent_at_once(stage, desk_of):
    for _ in range(3):
        stage.registered()
    desk = desk_of("liqiang")
    page = desk.opens("desk")
    send = page.get_by_role("button", name="批量分件")
    expect(send).to_be_disabled()
    page.get_by_label("选择本页全部").check()
    expect(page.get_by_text("已选 3 件")).to_be_visible()
    page.get_by_label(f"选择 {Case.objects.earliest('registered_at').number}").uncheck()
    expect(page.get_by_text("已选 2 件")).to_be_visible()
    desk.eyes.look_at_each_width("desk-two-chosen")
    bar = page.locator(".bulk")
    bar.get_by_label("环节").select_option("经纪")
    send.click()
    expect(page.get_by_text("已分件 2 件")).to_be_visible()
    expect(page.get_by_text("共 1 件")).to_be_visible()
    assert sorted(Case.objects.values_list("status", flat=True)) == ["dispatched", "dispatched", "registered"]


def test_an_identity_is_shown_for_a_reason_and_the_auditor_sees_who_looked(stage, desk_of):
    case = stage.accepted()
    desk = desk_of("chentao")
    page = desk.opens("case", case.number)
    expect(page.get_by_role("main")).not_to_contain_text("13800138000")
    page.get_by_text("申请查看").click()
    page.get_by_label("查看理由").fill("核实定金支付时间")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("region", name="投诉人身份")).to_contain_text("张敏")
    desk.eyes.look_at_each_width("identity")
    member("shenji", "沈吉", Role.AUDIT_OFFICER, Body.objects.get(code="city.research_centre"))
    audit = desk_of("shenji")
    # The journal keeps real time, whatever day the test plays.
    audit.page.goto(f"{audit.address}/office/audit/?since=2026-01-01")
    expect(audit.page.get_by_role("main")).to_contain_text("陈涛")
    expect(audit.page.get_by_role("main")).to_contain_text("核实定金支付时间")
    expect(audit.page.get_by_role("main")).to_contain_text(case.number)
    expect(audit.page.get_by_role("main")).not_to_contain_text("13800138000")
    audit.eyes.look_at_each_width("audit")


def test_of_two_tabs_the_second_is_told_who_was_first_and_keeps_what_was_typed(stage, desk_of):
    number = stage.registered().number
    desk = desk_of("liqiang")
    first = desk.opens("case_step", number, "dispatch_case")
    second = desk.another_tab()
    second.goto(first.url)
    first.get_by_role("radio", name="经纪").check()
    first.get_by_role("button", name="分件", exact=True).click()
    expect(first.get_by_text("已记录")).to_be_visible()
    second.get_by_role("radio", name="交易").check()
    second.get_by_label("分件说明").fill("涉及预售许可，请核实。")
    second.get_by_role("button", name="分件", exact=True).click()
    told = second.get_by_role("status").filter(has_text="先办了一步")
    expect(told).to_contain_text("李强")
    expect(second.get_by_role("alert")).to_contain_text("待受理")
    expect(second.get_by_label("分件说明")).to_have_value("涉及预售许可，请核实。")
    expect(second.get_by_role("radio", name="交易")).to_be_checked()
    desk.page = desk.eyes.page = second
    desk.eyes.look_at_each_width("second-tab")
    told.get_by_role("link").click()
    expect(second.locator(".badge").first).to_have_text("待受理")
    assert Case.objects.get().link == "brokerage"


def test_each_conclusion_shows_which_ticks_it_needs_and_refuses_without_them(stage, desk_of):
    case = stage.answered()
    desk = desk_of("chentao")
    page = desk.opens("case_step", case.number, "submit_opinion")
    page.get_by_role("button", name="提出处理意见").click()
    problems = page.get_by_role("alert")
    for said in ("请选择处理结论", "请填写调查了解的情况", "请填写处理意见"):
        expect(problems).to_contain_text(said)
    page.get_by_role("radio", name=re.compile("^企业依法回复合理解释")).check()
    page.get_by_label("2. 答复符合规定").check()
    page.get_by_label("调查了解的情况").fill("合同与转账记录相符。")
    page.get_by_label("处理意见", exact=True).fill("企业答复符合规定。")
    page.get_by_role("button", name="提出处理意见").click()
    expect(problems).to_contain_text("企业回复意见答复了所有问题")
    expect(page.get_by_label("2. 答复符合规定")).to_be_checked()
    expect(page.get_by_label("调查了解的情况")).to_have_value("合同与转账记录相符。")
    desk.eyes.look_at_each_width("opinion-refused")
    page.get_by_label("1. 企业回复意见答复了所有问题").check()
    page.get_by_role("button", name="提出处理意见").click()
    expect(page.get_by_text("已记录")).to_be_visible()


def test_a_company_is_looked_up_without_losing_the_summary(stage, desk_of):
    case = stage.dispatched(respondent_name="诚信中介")
    desk = desk_of("wangfang")
    page = desk.opens("case_step", case.number, "accept_case")
    page.get_by_label("转办摘要", exact=True).fill("投诉人反映定金两万元未退。")
    page.get_by_label("在登记册中查找被投诉企业").fill("广厦")
    page.get_by_role("button", name="查找").click()
    page.get_by_label(re.compile("北京广厦房产经纪有限公司")).check()
    expect(page.get_by_label("转办摘要", exact=True)).to_have_value("投诉人反映定金两万元未退。")
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请选择经办人")
    expect(page.get_by_label(re.compile("北京广厦房产经纪有限公司"))).to_be_checked()
    desk.eyes.look_at_each_width("accept-refused")


EMPTY = {
    "liqiang": "等您按环节分件", "wangfang": "等您受理", "chentao": "指定由您经办", "zhaogang": "等您批准或签发",
    "sunli": "等您回访", "wulei": "录入",
}  # fmt: skip


def test_an_empty_desk_says_what_will_come(stage, desk_of):
    for username, words in EMPTY.items():
        desk = desk_of(username)
        page = desk.opens("desk")
        expect(page.locator(".empty")).to_contain_text(words)
        desk.context.close()


PAGES = (
    "intake",
    "import_list",
    "import_new",
    "rulebook",
    "rulebook_workflow",
    "notices",
    "gallery",
)


def test_the_other_pages_of_the_office_fit_and_break_no_rule(stage, desk_of):
    stage.handed_in()
    desk = desk_of("liqiang")
    for name in PAGES:
        desk.opens(name, look=name)
    page = desk.opens("intake")
    page.get_by_role("button", name="录入", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请填写标题")
    desk.eyes.look_at_each_width("intake-refused")


def test_a_step_that_is_not_yours_says_whose_it_is(stage, desk_of):
    case = stage.dispatched()
    desk = desk_of("chentao")
    page = desk.opens("case_step", case.number, "accept_case", look="409")
    expect(page.get_by_role("main")).to_contain_text("须由部门专人办理")
    page.get_by_role("link", name=f"打开案件 {case.number}").click()
    expect(page.locator(".glance")).to_contain_text("等待受理")
    page.goto(f"{desk.address}/office/cases/?q=%00")
    expect(page.get_by_role("main")).to_contain_text("不可见的空字符")
