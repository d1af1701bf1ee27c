"""Every component says what it is given, harmlessly, in HTML that the strict policy lets through."""

import gzip
import hashlib
import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Engine, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from fangxin.web.gallery import ON, AnswerForm, examples
from fangxin.web.templatetags import fangxin_tags as tags

WEB = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
STATIC = WEB / "static"
STANDING = {
    "user_name": "李强",
    "membership_label": "城研中心 分拣员",
    "memberships": [
        {"id": 1, "label": "城研中心 分拣员", "current": True},
        {"id": 2, "label": "房屋市场处 经办人", "current": False},
    ],
    "audience": "office",
    "unread": 7,
    "demo": True,
    "nav": [{"title": "待办", "url": "/office/", "current": True}],
}
HOSTILE = '<script>alert("1")</script>'


def shown(name: str, **context: object) -> str:
    request = RequestFactory().get("/office/", {"link": "brokerage"})
    return render_to_string(name, {"on": ON, "standing": STANDING, **context}, request)


def component(name: str, **context: object) -> str:
    return shown(f"components/{name}.html", **context)


class Outline(HTMLParser):
    """The ids of a page, what its labels and descriptions point to, and tags left open."""

    EMPTY = {"meta", "link", "img", "input", "br", "hr"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.pointed: list[str] = []
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"for", "aria-describedby", "aria-labelledby"}:
                self.pointed += (value or "").split()
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.EMPTY:
            return
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)


# Whole pages


@pytest.fixture(scope="module")
def gallery() -> str:
    return shown("gallery.html", **examples())


def test_the_gallery_closes_every_tag_and_uses_each_id_once(gallery: str) -> None:
    outline = Outline(gallery)
    assert (outline.crossed, outline.open) == ([], [])
    assert len(outline.ids) == len(set(outline.ids))


def test_every_label_and_description_points_at_something(gallery: str) -> None:
    outline = Outline(gallery)
    assert set(outline.pointed) <= set(outline.ids)


def test_the_gallery_shows_every_component(gallery: str) -> None:
    drawn_by_tags = Path(tags.__file__).read_text()
    sources = drawn_by_tags + "".join(path.read_text() for path in TEMPLATES)
    for path in (WEB / "templates" / "components").glob("*.html"):
        assert f"components/{path.name}" in sources, path.name


def test_a_signed_in_officer_sees_the_other_memberships_and_a_way_out() -> None:
    page = shown("office/base.html")
    assert "李强" in page
    assert 'name="membership" value="2"' in page
    assert "退出登录" in page
    assert "演示环境" in page


def test_one_membership_is_nothing_to_switch_between() -> None:
    page = shown("office/base.html", standing={**STANDING, "memberships": STANDING["memberships"][:1]})
    assert 'name="membership"' not in page


def test_a_citizen_sees_a_way_in_and_loads_no_htmx() -> None:
    page = shown("public/base.html", standing={"audience": "public"})
    assert "工作人员、企业登录" in page
    assert "htmx.min.js" not in page


@pytest.mark.parametrize("code", ["400", "403", "404", "409", "413", "500"])
def test_an_error_page_says_what_became_of_the_act_and_the_way_on(code: str) -> None:
    page = shown(f"{code}.html", standing={})
    assert page.count("<h1>") == 1
    assert page.count("<p>") >= 2
    assert render_to_string(f"{code}.html")


# Terms


@pytest.mark.parametrize(
    ("due_on", "words", "tone"),
    [
        (date(2026, 2, 25), "剩 3 个工作日", "running"),  # 星期三；2 月 14 日调休上班，15 至 23 日放假
        (date(2026, 2, 24), "剩 2 个工作日", "soon"),  # 星期二
        (date(2026, 2, 13), "今日到期", "today"),  # 星期五
        (date(2026, 2, 11), "逾期 2 个工作日", "overdue"),  # 星期三
    ],
)
def test_a_running_term_tells_working_days_and_the_weekday(due_on: date, words: str, tone: str) -> None:
    badge = tags.deadline_badge(due_on, on=ON)
    assert words in badge
    assert f"due-{tone}" in badge
    assert f"{due_on} {tags.WEEKDAYS[due_on.weekday()]}" in badge


def test_a_friday_term_is_already_past_on_its_saturday() -> None:
    assert "已逾期" in tags.deadline_badge(date(2026, 3, 6), on=date(2026, 3, 7))


def test_a_met_term_keeps_the_words_of_the_query_and_names_its_limit() -> None:
    badge = tags.deadline_badge(date(2026, 2, 25), words="已于2026-02-24按期完成", tone="met", on=ON)
    assert "按期完成" in badge
    assert "期限 2026-02-25 星期三" in badge


def test_a_provisional_term_says_so() -> None:
    assert "暂算" in tags.deadline_badge(date(2027, 2, 12), provisional=True, on=ON)
    assert "放假通知尚未公布" in component(
        "deadline",
        deadline={
            "title": "处理意见",
            "due_on": date(2027, 2, 12),
            "provisional": True,
            "explanation": ["一"],
        },
    )


def test_why_this_day_lists_the_steps_the_clause_and_its_words() -> None:
    html = component("deadline", deadline=examples()["deadlines"][0])
    assert "为什么是这一天" in html
    assert "调休上班" in html
    assert "二（四）" in html
    assert "3个工作日" in html


# Desk


def test_an_overdue_major_case_is_told_in_words() -> None:
    html = component("case_table", rows=examples()["rows"][:1], caption="待办")
    assert "重大" in html
    assert "逾期 3 个工作日" in html
    assert "checkbox" not in html


def test_a_desk_with_bulk_dispatch_names_each_checkbox_after_its_case() -> None:
    ex = examples()
    html = component("case_table", rows=ex["rows"], caption="待办", bulk=ex["bulk"])
    assert html.count('name="case"') == len(ex["rows"])
    assert "选择 BJ-2026-03180" in html
    assert "csrfmiddlewaretoken" in html


def test_an_empty_desk_says_so() -> None:
    assert "没有符合条件的案件" in component("case_table", rows=[], caption="待办")


def test_a_page_link_keeps_the_filter() -> None:
    assert "?link=brokerage&amp;page=3" in component("pagination", page=examples()["page"])


def test_a_tile_of_none_is_not_alarming() -> None:
    tile = {"label": "已逾期", "count": 0, "url": "#", "tone": "overdue"}
    assert "tile-overdue" not in component("tiles", tiles=[tile])
    assert "tile-overdue" in component("tiles", tiles=[{**tile, "count": 1}])


def test_the_filter_bar_works_without_htmx_and_with_it() -> None:
    form = examples()["filters"]
    assert "hx-get" not in component("filter_bar", form=form)
    assert 'hx-target="#desk"' in component("filter_bar", form=form, target="desk")


# Forms


def test_an_error_is_listed_above_and_tied_to_its_field() -> None:
    html = str(examples()["wrong"])
    assert html.index('role="alert"') < html.index('name="name"')
    assert 'href="#id_mobile"' in html
    assert 'href="#id_source_0"' in html
    assert 'aria-describedby="id_mobile_helptext id_mobile_error"' in html
    assert 'id="id_mobile_error"' in html
    assert 'aria-invalid="true"' in html


def test_what_was_written_stays_in_the_form() -> None:
    html = str(AnswerForm({"name": "王喆堃𠮷", "answer": HOSTILE}))
    assert "王喆堃𠮷" in html
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_a_hidden_field_and_a_whole_form_can_be_wrong() -> None:
    class Versioned(forms.Form):
        version = forms.IntegerField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("案件已被他人办理。")

    html = str(Versioned({"version": "x"}))
    assert "案件已被他人办理。" in html
    assert html.count('name="version"') == 1


def test_what_may_be_left_out_is_marked_in_words() -> None:
    html = str(AnswerForm())
    assert re.search(r"发生日期\s*<span[^>]*>（选填）", html)
    assert not re.search(r"姓名\s*<span", html)


def test_an_action_with_an_error_stands_open() -> None:
    form = AnswerForm({}, auto_id="answer_%s")
    action = {"title": "回复", "url": "/x", "form": form}
    assert "<details open>" in component("actions", actions=[action])
    assert "<details>" in component("actions", actions=[{**action, "form": AnswerForm()}])
    assert "没有需要办理" in component("actions", actions=[])


def test_a_form_with_a_file_is_sent_as_multipart() -> None:
    action = {"title": "回复", "url": "/x", "form": AnswerForm()}
    assert "multipart/form-data" in component("actions", actions=[action])


# Text and people


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("page_header", {"heading": HOSTILE, "lead": HOSTILE, "crumbs": [(HOSTILE, "#")], "badge": HOSTILE}),
        ("facts", {"items": [(HOSTILE, HOSTILE)]}),
        (
            "timeline",
            {"entries": [{"at": datetime(2026, 2, 13, tzinfo=UTC), "title": HOSTILE, "body": HOSTILE}]},
        ),
        ("files", {"files": [{"name": HOSTILE, "url": "#", "note": HOSTILE}]}),
        ("redaction", {"segments": [{"text": HOSTILE, "kind": HOSTILE, "replacement": HOSTILE}]}),
        ("suggestions", {"suggestions": [{"label": HOSTILE, "certainty": 0.5, "words": [HOSTILE]}]}),
        ("stepper", {"steps": [{"title": HOSTILE, "state": "todo", "note": HOSTILE}]}),
        ("law", {"law": {"clause": HOSTILE, "quote": HOSTILE}}),
        ("notice", {"text": HOSTILE, "title": HOSTILE}),
        ("empty", {"title": HOSTILE, "text": HOSTILE}),
        ("error_summary", {"problems": [{"message": HOSTILE}]}),
        ("receipt", {"number": HOSTILE, "secret": HOSTILE}),
        ("identity", {"items": [(HOSTILE, HOSTILE)]}),
        (
            "deadline",
            {"deadline": {"title": HOSTILE, "due_on": ON, "explanation": [HOSTILE], "words": HOSTILE}},
        ),
    ],
)
def test_no_component_lets_a_script_through(name: str, takes: dict[str, object]) -> None:
    html = component(name, **takes)
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_a_redaction_preview_loses_no_letter_and_names_each_mark() -> None:
    text = "张敏（电话 13800135678）反映。"
    marks = [
        SimpleNamespace(start=6, end=17, kind="电话", replacement="略"),
        {"start": 0, "end": 2, "kind": "姓名"},
    ]
    cut = tags.segments(text, marks)
    assert "".join(part["text"] for part in cut) == text
    assert [part["kind"] for part in cut] == ["姓名", "", "电话", ""]
    assert "电话 → 略" in component("redaction", segments=cut)


def test_overlapping_marks_show_each_letter_once() -> None:
    marks = [{"start": 0, "end": 3, "kind": "姓名"}, {"start": 1, "end": 5, "kind": "电话"}]
    assert "".join(part["text"] for part in tags.segments("一二三四五六", marks)) == "一二三四五六"


def test_a_sealed_identity_offers_only_to_ask_for_it() -> None:
    ex = examples()
    html = component("identity", items=ex["identity"], request_url="/ask", request_form=ex["request_form"])
    assert "138****5678" in html
    assert "申请查看" in html
    assert "申请查看" not in component("identity", items=ex["identity"], pending=True)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("13800135678", "", "138****5678"),
        ("11010519900307001X", "", "110***********001X"),
        ("欧阳娜娜", "姓名", "欧***"),
        ("张", "姓名", "张*"),
        ("min.zhang@example.org", "", "m***@example.org"),
        ("朝阳区建国路88号", "地址", "朝阳区建国路***"),
        ("", "", "—"),
        (None, "", "—"),
    ],
)
def test_a_masked_value_keeps_only_what_recognises_it(value: str | None, kind: str, expected: str) -> None:
    assert tags.masked(value, kind) == expected


def test_a_moment_is_told_in_shanghai() -> None:
    assert "2026-02-14 00:30" in tags.moment(datetime(2026, 2, 13, 16, 30, tzinfo=UTC))
    assert "2026-02-14 星期六" in tags.day(datetime(2026, 2, 13, 16, 30, tzinfo=UTC))


def test_certainty_is_told_in_words_and_the_threshold_with_it() -> None:
    ex = examples()
    html = component("suggestions", suggestions=ex["suggestions"], threshold=0.9)
    assert "把握 86%" in html
    assert "低于 90%" in html


# The strict policy, and what others wrote


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_no_template_carries_a_style_or_a_script_of_its_own(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle\s*=|javascript:", text, re.IGNORECASE)
    assert not re.search(r"\son[a-z]+\s*=", text, re.IGNORECASE)
    assert not re.search(r"\shx-on|\shx-vals\s*=\s*[\"']js:", text)
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL):
        assert "src=" in attributes
        assert not body.strip()
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_every_template_can_be_read(path: Path) -> None:
    engine = Engine.get_default()
    assert engine.get_template(str(path.relative_to(WEB / "templates")))


def test_vendored_files_are_the_ones_in_the_manifest() -> None:
    vendor = STATIC / "vendor"
    manifest = json.loads((vendor / "MANIFEST.json").read_text())
    found = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()} - {
        "MANIFEST.json"
    }
    assert found == set(manifest)
    for name, entry in manifest.items():
        content = (vendor / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        assert b"sourceMappingURL" not in content


def test_the_manifest_agrees_with_the_pinned_versions() -> None:
    root = WEB.parent.parent
    pinned = json.loads((root / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())
    manifest = json.loads((STATIC / "vendor" / "MANIFEST.json").read_text())
    assert {entry["package"] for entry in manifest.values()} == {f"{k}@{v}" for k, v in pinned.items()}


def test_the_stylesheet_stays_small_and_fetches_nothing() -> None:
    css = (STATIC / "fangxin" / "fangxin.css").read_text()
    # As it goes over the wire: whitenoise keeps it compressed.
    assert len(gzip.compress(css.encode())) <= 8 * 1024
    assert "url(" not in css
    assert "@import" not in css
    assert set(re.findall(r"var\((--[a-z0-9-]+)", css)) <= set(re.findall(r"(--[a-z0-9-]+):", css))


def test_builtins_need_no_loading() -> None:
    assert Template("{{ d|weekday }}").render(Context({"d": date(2026, 2, 25)})) == "星期三"
