"""`make screenshots`: docs/screens/ shows the main screens as they are, on a desk and on a phone.

A throw-away home with demonstration data is made and served as `make run` would; nothing of the caller's is touched.
"""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "docs" / "screens"
INDEX = PROJECT / "docs" / "screens.md"
WIDTHS = {1280: 900, 390: 844}
TALLEST = {1280: 2400, 390: 3200}  # pixels; a page goes on, a picture need not
LARGEST = 200_000  # bytes
LARGEST_OF_ALL = 5_000_000
TODAY = "2026-02-13"  # the terms run across 春节, which is what they are for
PASSWORD = "Fangxin-2026"
HOTLINE = """\
工单编号,标题,诉求内容,被反映单位,所属区,来电人,联系电话
R2602130001,物业不维修电梯,3号楼电梯停运一周，物业说没有维修资金。,北京安居物业管理有限公司（演示）,朝阳区,赵静,13800000001
R2602130002,中介不退押金,租房合同到期两个月，中介不退押金。,北京诚信房产经纪有限公司（演示）,海淀区,钱勇,13800000002
R2602130003,,小区公共收益三年没有公示。,,丰台区,,
R2602130004,,,,西城区,,
"""

Go = Callable[[Page], object]


@dataclass(frozen=True)
class Screen:
    """One picture: its file's stem, what it shows, who looks (none: a citizen), and the way there."""

    name: str
    title: str
    who: str
    go: Go


def at(address: str) -> Go:
    return lambda page: page.goto(address)


def press(place: Locator) -> None:
    """The next page is there."""
    with place.page.expect_navigation():
        place.click()


def case_in(status: str, step: str = "") -> Go:
    """The first case of that status; with `step`, the page of that step."""

    def go(page: Page) -> None:
        page.goto(f"/office/cases/?status={status}&bin=todo")
        if not page.locator("td.number-cell a").count():
            page.goto(f"/office/cases/?status={status}")
        press(page.locator("td.number-cell a").first)
        if step:
            press(page.locator(".actions").get_by_role("link", name=step, exact=True))

    return go


def explained(status: str) -> Go:
    """The case of that status due last, its terms unfolded: why this day."""

    def go(page: Page) -> None:
        page.goto(f"/office/cases/?status={status}&bin=todo")
        press(page.locator("td.number-cell a").last)
        for term in page.get_by_text("为什么是这一天").all():
            term.click()

    return go


def fill_in_complaint(page: Page) -> None:
    page.goto("/complain/beijing/")
    page.get_by_label("标题").fill("中介收取定金后拒不退还")
    page.get_by_label("投诉内容").fill("2026年2月看房时交了两万元定金，业主反悔不卖，门店一直拖着不退。")
    page.get_by_label("被投诉企业").fill("北京诚信房产经纪有限公司（演示）")
    page.get_by_label("所在区").select_option("朝阳区")
    page.get_by_label("您的姓名").fill("张敏")
    page.get_by_label("联系电话").fill("13800138000")


def hand_in(page: Page) -> None:
    fill_in_complaint(page)
    press(page.get_by_role("button", name="提交投诉"))


def follow(page: Page) -> None:
    hand_in(page)
    number, secret = page.get_by_role("region", name="投诉回执").locator("dd").all_inner_texts()
    press(page.get_by_role("link", name="查看办理进度"))
    page.get_by_label("投诉编号").fill(number)
    page.get_by_label("查询码").fill(secret)
    press(page.get_by_role("button", name="查询"))


def refused_complaint(page: Page) -> None:
    fill_in_complaint(page)
    page.get_by_label("标题").fill("")
    page.get_by_label("联系电话").fill("1380013")
    press(page.get_by_role("button", name="提交投诉"))


def opinion(page: Page) -> None:
    case_in("investigating", "提出处理意见")(page)
    page.get_by_role("radio", name="存在违法违规行为", exact=True).check()
    page.get_by_label("经调查核实企业存在违法违规行为").check()
    page.get_by_label("BR-02").check()


def identity(page: Page) -> None:
    case_in("investigating")(page)
    page.get_by_text("申请查看").click()
    page.get_by_label("查看理由").fill("核实定金支付时间，须联系投诉人。")
    press(page.get_by_role("button", name="提交申请"))


def upload(page: Page) -> None:
    page.goto("/office/imports/new/")
    file = {"name": "热线工单0213.csv", "mimeType": "text/csv", "buffer": HOTLINE.encode("utf-8-sig")}
    page.get_by_label("工单文件").set_input_files(file)  # type: ignore[arg-type]
    press(page.get_by_role("button", name="上传并查看各列"))


def imported(page: Page) -> None:
    upload(page)
    press(page.get_by_role("button", name="导入", exact=True))
    page.get_by_role("heading", name="逐行结果").wait_for(timeout=30_000)


def first_task(page: Page) -> None:
    page.goto("/enterprise/")
    press(page.get_by_role("region", name="待回复").locator("td.number-cell a").first)


def first_order(page: Page) -> None:
    page.goto("/enterprise/")
    press(page.get_by_role("region", name="责令整改").locator("td.number-cell a").first)


def agency_page(page: Page) -> None:
    page.goto("/agencies/?q=福州诚信")
    press(page.locator("main a[href^='/agencies/9']").first)


def agency_form(page: Page) -> None:
    page.goto("/enterprise/register/")
    begin = page.get_by_role("button", name="开始填报")
    if begin.count():
        press(begin)
    page.goto("/enterprise/register/tables/J1/")


def review(page: Page) -> None:
    page.goto("/office/register/")
    press(page.locator("main table a").first)


def granted_query(page: Page) -> None:
    """Applied for as a citizen, granted by the department in a browser of its own, then looked at."""
    page.goto("/agencies/?q=福州诚信")
    code = str(page.locator("main a[href^='/agencies/9']").first.get_attribute("href")).split("/")[2]
    page.goto(f"/query/apply/?agency={code}")
    page.locator("input[name=ground][value=consent]").check()
    page.locator("input[name=codes][value='J1-07']").check()
    page.locator("input[name=days]").first.check()
    page.get_by_label("查询目的").fill("核实签约机构的联系电话。（演示）")
    page.locator("#id_basis").fill("机构盖章的同意书。（演示）")
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": blank()} for n in ("同意书", "证件")]
    page.get_by_label("申请材料").set_input_files(files)  # type: ignore[arg-type]
    page.locator("#id_applicant_name").fill("陆律师")
    page.locator("#id_id_kind").select_option(index=1)
    page.locator("#id_id_number").fill("11010519491231002X")
    page.locator("#id_organisation").fill("个人")
    page.locator("#id_telephone").fill("13800138000")
    press(page.get_by_role("button", name="提交"))
    number, secret = page.locator("main dd").all_inner_texts()[:2]
    office = seat(page.context.browser, page.url.split("/query/")[0], "huangmin")  # type: ignore[arg-type]
    desk = office.new_page()
    desk.goto("/office/queries/")
    press(desk.get_by_role("link", name=number))
    grant = desk.locator("a[href*='grant_query']")
    if grant.count():
        press(grant.first)
    press(desk.get_by_role("button", name="批准查询"))
    office.close()
    page.goto("/query/")
    page.get_by_label("申请编号").fill(number)
    page.get_by_label("查询码").fill(secret)
    press(page.get_by_role("button", name="查看"))
    press(page.get_by_role("button", name="查看内容"))


def blank() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(kept, "PNG")
    return kept.getvalue()


SCREENS = (
    Screen("home", "公众首页", "", at("/")),
    Screen("complain", "投诉表单", "", fill_in_complaint),
    Screen("complain-refused", "投诉表单：有内容需要修改", "", refused_complaint),
    Screen("receipt", "投诉回执", "", hand_in),
    Screen("follow", "投诉进度", "", follow),
    Screen("sign-in", "登录", "", at("/sign-in/")),
    Screen("desk-dispatcher", "分件员的工作台：批量分件", "liqiang", at("/office/")),
    Screen("desk-officer", "经办人的工作台", "chentao", at("/office/")),
    Screen("desk-supervisor", "督查员的工作台：待回访", "sunli", at("/office/")),
    Screen("desk-empty", "还没有案件的工作台", "wulei", at("/office/")),
    Screen("case-registered", "案件：待分件，附分件建议", "liqiang", case_in("registered")),
    Screen("dispatch", "分件", "liqiang", case_in("registered", "分件")),
    Screen("accept", "受理：脱敏预览与转办摘要", "wangfang", case_in("dispatched", "受理")),
    Screen("case-investigating", "案件：调查处理，期限与“为什么是这一天”", "chentao", explained("investigating")),
    Screen("opinion", "提出处理意见", "chentao", opinion),
    Screen("identity", "投诉人身份：说明理由后查看，有记录", "chentao", identity),
    Screen("order", "责令整改", "zhaogang", case_in("awaiting_order", "责令整改")),
    Screen("case-rectifying", "案件：整改中", "zhaogang", case_in("rectifying")),
    Screen("tell", "告知投诉人", "chentao", case_in("awaiting_telling", "告知投诉人")),
    Screen("callback", "回访登记", "sunli", case_in("handled", "回访登记")),
    Screen("case-closed", "案件：已归档", "sunli", case_in("closed")),
    Screen("intake", "案件录入", "wulei", at("/office/intake/")),
    Screen("import-columns", "工单导入：各列的含义", "wulei", upload),
    Screen("import-report", "工单导入：逐行结果", "wulei", imported),
    Screen("rulebook", "规则库", "liqiang", at("/office/rulebook/")),
    Screen("rulebook-deadlines", "规则库：期限与原文对照", "liqiang", at("/office/rulebook/books/beijing/deadlines/")),
    Screen("calendar", "规则库：日历", "liqiang", at("/office/rulebook/calendar/2026/")),
    Screen("audit", "审计", "shenji", at("/office/audit/?since=2026-01-01")),
    Screen("enterprise-desk", "企业：本企业案件", "liuyang", at("/enterprise/")),
    Screen("enterprise-task", "企业：网上回复", "liuyang", first_task),
    Screen("enterprise-order", "企业：责令整改", "liuyang", first_order),
    Screen("agencies", "机构查询", "", at("/agencies/?q=诚信")),
    Screen("agency", "机构的公示页", "", agency_page),
    Screen("coverage", "各地覆盖情况", "", at("/agencies/coverage/")),
    Screen("register-form", "机构：填报 J1", "linxiao", agency_form),
    Screen("register-excel", "机构：用 Excel 填报", "linxiao", at("/enterprise/register/workbook/")),
    Screen("review-queue", "审核员：机构申报", "huangmin", at("/office/register/")),
    Screen("review", "审核：只列改动之处，原登记与本次申报并列", "huangmin", review),
    Screen("query-result", "授权查询的结果", "", granted_query),
    Screen("gallery", "组件样张", "liqiang", at("/office/gallery/")),
)  # fmt: skip


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """The platform runs in `folder` with demonstration data, as of TODAY; ended afterwards. Gives its address."""
    for name in [name for name in os.environ if name.startswith(("FANGXIN_", "DATABASE_URL"))]:
        del os.environ[name]
    os.environ |= {"FANGXIN_HOME": str(folder), "FANGXIN_TODAY": TODAY}
    from fangxin.config.launch.home import Home
    from fangxin.config.launcher import running

    with running(Home(folder), "127.0.0.1", port, demo=True):
        yield f"http://127.0.0.1:{port}"


def chromium(playwright: object) -> Browser:
    return playwright.chromium.launch(  # type: ignore[attr-defined]
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        env={**os.environ, "LANGUAGE": "zh_CN"},
    )


def seat(browser: Browser, address: str, who: str) -> BrowserContext:
    """A browser of one's own, signed in."""
    context = browser.new_context(base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai")
    if who:
        page = context.new_page()
        page.goto("/sign-in/")
        page.get_by_label("用户名").fill(who)
        page.get_by_label("密码").fill(PASSWORD)
        press(page.get_by_role("button", name="登录"))
        page.close()
    return context


def picture(page: Page, width: int) -> bytes:
    """The page as it stands, as a PNG of few colours, no larger than LARGEST."""
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.evaluate("window.scrollTo(0, 0)")
    tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST[width])
    clip = {"x": 0, "y": 0, "width": width, "height": max(tall, WIDTHS[width])}
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip))).convert("RGB")  # type: ignore[arg-type]
    for colours in (64, 32, 16):
        kept = io.BytesIO()
        shot.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() <= LARGEST:
            break
    return kept.getvalue()


def take(address: str, wanted: list[str]) -> None:
    """The pictures of the wanted screens (all without names) lie in FOLDER."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    seats: dict[str, BrowserContext] = {}
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for screen in SCREENS:
            if wanted and screen.name not in wanted:
                continue
            if screen.who not in seats:
                seats[screen.who] = seat(browser, address, screen.who)
            page = seats[screen.who].new_page()
            page.set_viewport_size({"width": 1280, "height": 900})
            screen.go(page)
            for width in WIDTHS:
                (FOLDER / f"{screen.name}-{width}.png").write_bytes(picture(page, width))
            page.close()
            print(f"  {screen.name}", flush=True)
        browser.close()


def index() -> str:
    """docs/screens.md: every picture with its title."""
    lines = [
        "# 主要页面",
        "",
        f"演示数据，{TODAY}；人员、企业、案件均为虚构。左为 1280 像素宽，右为 390 像素宽。由 `make screenshots` 重新生成。",
    ]
    for screen in SCREENS:
        by = f"（演示账号 `{screen.who}`）" if screen.who else ""
        wide, narrow = (f"screens/{screen.name}-{width}.png" for width in WIDTHS)
        lines += [
            "",
            f"## {screen.title}{by}",
            "",
            f'<img src="{wide}" alt="{screen.title}，电脑" width="640"> <img src="{narrow}" alt="{screen.title}，手机" width="195">',
        ]
    return "\n".join(lines) + "\n"


def main(wanted: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="fangxin-screens-"))
    try:
        with served(folder, int(os.environ.get("PORT", "8000"))) as address:
            take(address, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    INDEX.write_text(index(), encoding="utf-8")
    size = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {size / 1e6:.1f} MB")
    return int(size > LARGEST_OF_ALL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
