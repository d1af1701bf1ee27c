"""An agency's declaration in a browser: it saves itself, says what is wrong beside the field, and loses nothing."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from fangxin.agencies.actions import (
    approve_declaration,
    begin_declaration,
    return_declaration,
    save_table,
    submit_declaration,
)
from fangxin.agencies.models import Declaration
from tests.fujian_cast import FujianCast, fujian_cast, typed_values

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db, files_folder) -> FujianCast:
    return fujian_cast()


def photo() -> dict[str, object]:
    picture = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(picture, "JPEG")
    return {"name": "门店.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}


def written(cast: FujianCast) -> Declaration:
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in typed_values(cast.agency).items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    return declaration


def test_the_first_table_saves_itself_and_keeps_what_is_wrong(cast, desk_of):
    desk = desk_of("linxiao")
    page = desk.opens("register", look="register-first")
    page.get_by_role("button", name="开始填报").click()
    expect(page.get_by_role("heading", name="J1 机构基本情况")).to_be_visible()
    desk.eyes.look_at_each_width("register-table-empty")
    state = page.locator("#save-state")
    page.get_by_label("J1-06 邮政编码").fill("35000")
    expect(state).to_contain_text("已保存")
    expect(page.locator("#said-J1-06")).to_contain_text("J1-06")
    expect(page.get_by_label("J1-06 邮政编码")).to_have_attribute("aria-invalid", "true")
    expect(state).to_contain_text("1处须改正")
    desk.eyes.look_at_each_width("register-table-wrong")
    page.get_by_label("J1-06 邮政编码").fill("350001")
    expect(page.locator("#said-J1-06")).to_have_text("")
    expect(page.get_by_label("J1-06 邮政编码")).not_to_have_attribute("aria-invalid", "true")
    assert Declaration.objects.get().values["J1"]["postcode"] == "350001"
    page.get_by_label("J1-25 机构介绍").fill("诚" * 803)
    expect(page.locator("#J1-25_count")).to_contain_text("超出 3 字")
    page.get_by_label("照片（0/2 张）").set_input_files(photo())
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("img", name="机构介绍的照片1")).to_be_visible()
    expect(page.get_by_label("J1-25 机构介绍")).to_have_value("诚" * 803)
    desk.eyes.look_at_each_width("register-table-picture")


def test_signed_out_meanwhile_the_page_stays_and_says_so(cast, desk_of):
    desk = desk_of("linxiao")
    begin_declaration(cast.agency.pk, by=cast.filer)
    page = desk.opens("register_table", "J8")
    desk.context.clear_cookies(name="sessionid")
    page.get_by_label("J8-03 机构申请意见").fill("申请备案，资料属实。")
    expect(page.locator("#save-state")).to_contain_text("登录已结束")
    expect(page.get_by_label("J8-03 机构申请意见")).to_have_value("申请备案，资料属实。")
    desk.eyes.complaints.clear()


def test_sheets_of_persons_the_check_and_the_way_back(cast, desk_of):
    declaration = written(cast)
    save_table(declaration.pk, "J7", [{"contract_no": "HT-2026-001", "broker_name": "张伟"}], by=cast.filer)
    desk = desk_of("linxiao")
    page = desk.opens("register_check", look="register-check-blocked")
    page.get_by_role("region", name="核对结果").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="J7 经纪项目人员情况")).to_be_visible()
    desk.eyes.look_at_each_width("register-person")
    page.get_by_label("J7-06").fill("35200900123")
    page.get_by_role("button", name="保存并返回列表").click()
    desk.eyes.look_at_each_width("register-people")
    desk.opens("register_table", "J2", look="register-representative")
    page = desk.opens("register_check", look="register-check")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="提交申报").click()
    expect(page.get_by_role("button", name="撤回申报")).to_be_visible()
    desk.eyes.look_at_each_width("register-submitted")
    return_declaration(
        declaration.pk, reasons={"J1-18": "与备案登记的日期不符", "J2-14": "请补填最高学历"}, by=cast.reviewer
    )
    desk.opens("register", look="register-returned")
    page.get_by_role("button", name="开始补正").click()
    expect(page.locator("#reason-J1-18")).to_be_visible()
    desk.eyes.look_at_each_width("register-correcting")


def test_what_was_accepted_is_read_and_printed(cast, desk_of):
    declaration = written(cast)
    submit_declaration(declaration.pk, truth=True, by=cast.filer)
    approve_declaration(declaration.pk, opinion="属实", by=cast.reviewer)
    desk = desk_of("linxiao")
    desk.opens("register", look="register-accepted")
    desk.opens("register_record", look="register-record")
    desk.opens("register_declaration", declaration.pk, look="register-printed")


def test_an_account_is_claimed_and_opened(cast, desk_of):
    citizen = desk_of()
    page = citizen.opens("claim", look="claim")
    page.get_by_label("法人代码").fill(cast.agency.code[:-1] + "0")
    page.get_by_role("button", name="提交申领").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择所在城市和县")
    citizen.eyes.look_at_each_width("claim-refused")
    page.get_by_label("法人代码").fill(cast.agency.code)
    page.get_by_label("机构名称").fill("福州诚信房产经纪有限公司")
    page.get_by_label("所在城市和县").select_option("350102")
    page.get_by_label("营业执照").set_input_files(photo())
    page.get_by_label("申请人姓名").fill("许静")
    page.get_by_label("联系电话").fill("13805910009")
    page.get_by_label("电子信箱").fill("xujing@xinju.example.cn")
    page.get_by_role("button", name="提交申领").click()
    expect(page.get_by_role("heading", name="申领已收到")).to_be_visible()
    citizen.eyes.look_at_each_width("claim-received")
    department = desk_of("huangmin")
    office = department.opens("office_claims", look="office-claims")
    office.get_by_role("link", name="福州诚信房产经纪有限公司").click()
    department.eyes.look_at_each_width("office-claim")
    office.get_by_label("开通账号", exact=True).check()
    office.get_by_role("button", name="提交").click()
    expect(office.get_by_role("status")).to_contain_text("账号已开通")
    office.get_by_role("button", name="重发设置密码的链接").click()
    link = re.search(r"/password/set/\S+", office.get_by_role("status").inner_text())
    assert link is not None
    page.goto(citizen.address + link[0])
    citizen.eyes.look_at_each_width("set-password")
