"""The rulebook pages show the law as the program reads it, beside its words."""

import dataclasses
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from fangxin.rules import book, calendar
from fangxin.rules.bodies import Duty
from fangxin.rules.book import COMMON
from fangxin.rules.book import SECTIONS as KINDS
from fangxin.rules.casework import Condition, Obligation
from fangxin.rules.interpretations import interpretations
from fangxin.rules.limits import Otherwise
from fangxin.rules.sources import sources, squeezed
from fangxin.web.office.rulebook_tables import FILLED_BY, TYPES
from fangxin.web.office.rulebook_words import BOOKS, FIELDS, SAID_ELSEWHERE, SECTIONS
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return beijing_cast()


@pytest.fixture
def clerk(client, cast):
    client.force_login(cast.users["wangfang"])
    return client


def text_of(page) -> str:
    """What a reader reads, without white space."""
    return squeezed(unescape(re.sub(r"<[^>]+>", "", page.content.decode())))


def chapters():
    return [(name, key) for name in BOOKS for key in book(name).chapters if key != "violations"]


def test_the_rulebook_is_not_shown_to_companies_or_the_public(client, cast):
    assert client.get(reverse("rulebook")).status_code == 302
    client.force_login(cast.users["liuyang"])
    assert client.get(reverse("rulebook")).status_code == 404


def test_the_first_page_names_every_book_with_its_version_and_chapters(clerk):
    page = clerk.get(reverse("rulebook"))
    for name in BOOKS:
        assert book(name).version in text_of(page)
    for name, key in chapters():
        assert reverse("rulebook_chapter", args=[name, key]) in page.content.decode()


@pytest.mark.parametrize(("name", "key"), chapters())
def test_every_rule_of_a_chapter_is_shown_with_its_words_or_our_reason(clerk, name, key):
    page = clerk.get(reverse("rulebook_chapter", args=[name, key]))
    assert page.status_code == 200
    shown = text_of(page)
    for entries in book(name).chapters[key].sections.values():
        for entry in entries:
            assert squeezed(entry.title) in shown
            assert squeezed(entry.quote or entry.ours) in shown
            assert entry.checked_on.isoformat() in shown
            assert squeezed(getattr(entry, "settled_in", "")) in shown


def test_a_limit_is_shown_with_number_unit_start_and_the_day_it_came_into_force(clerk):
    shown = text_of(clerk.get(reverse("rulebook_chapter", args=["beijing", "deadlines"])))
    for limit in book("beijing").chapters["deadlines"].sections["limits"]:
        assert squeezed(f"{limit.title}{limit.within}") in shown
        assert squeezed(limit.starts) in shown
    assert "原文未署日期" in shown


def test_what_contradicts_a_limit_stands_beside_it(clerk):
    shown = text_of(clerk.get(reverse("rulebook_chapter", args=["beijing", "deadlines"])))
    assert "正文作10日" in shown
    assert "复杂案件根据工作需要适当延长处理时限" in shown


def test_every_field_of_every_kind_of_rule_has_a_name_on_the_screen():
    kinds = {kind for file, sections in KINDS.items() for kind in sections.values() if file != "violations"}
    kinds |= {*COMMON.values(), Duty, Condition, Obligation, Otherwise}
    nameless = {
        f"{kind.__name__}.{field.name}"
        for kind in kinds
        for field in dataclasses.fields(kind)
        if field.name not in SAID_ELSEWHERE and field.name not in FIELDS
    }
    assert nameless == set()
    assert {name for sections in KINDS.values() for name in sections} | set(COMMON) <= set(SECTIONS)


def test_each_quotation_leads_to_its_highlighted_place_in_the_document(clerk):
    for name, key in chapters():
        page = clerk.get(reverse("rulebook_chapter", args=[name, key])).content.decode()
        links = sorted(set(re.findall(r'href="([^"]*/sources/[^"]*\?[^"]*)#words"', page)))
        for href in links[:3]:
            parts = urlsplit(unescape(href))
            start, end = map(int, parse_qs(parts.query)["words"][0].split("-"))
            source = sources()[parts.path.rstrip("/").rsplit("/", 1)[1]]
            shown = clerk.get(unescape(href)).content.decode()
            marked = squeezed(unescape("".join(re.findall(r"<mark[^>]*>([^<]*)</mark>", shown))))
            assert marked == squeezed(source.text[start:end])
            assert shown.count('id="words"') == 1


def test_a_document_is_shown_word_for_word(clerk):
    for key, source in sources().items():
        page = clerk.get(reverse("rulebook_source", args=[key])).content.decode()
        lines = re.findall(r'<div id="line-\d+">\s*<p>(.*?)</p>', page, re.DOTALL)
        assert squeezed(unescape("".join(lines))) == squeezed(source.text)


@pytest.mark.parametrize(
    "words", ["", "5", "-", "9-3", "a-b", "1-99999999999", "²-³", "-1-4", "0-0", "99999-99999"]
)
def test_a_passage_that_is_none_highlights_nothing(clerk, words):
    page = clerk.get(reverse("rulebook_source", args=["beijing-procedure"]), {"words": words})
    assert page.status_code == 200
    assert b"<mark" not in page.content


def test_a_line_of_the_document_names_the_rules_that_rest_on_it(clerk):
    page = clerk.get(reverse("rulebook_source", args=["beijing-procedure"])).content.decode()
    line = page[page.index("3个工作日内进行网上回复") :][:600]
    assert "企业网上回复" in line
    assert f"{reverse('rulebook_chapter', args=['beijing', 'deadlines'])}#limits-company_reply" in line


def test_every_link_within_the_rulebook_leads_somewhere(clerk):
    pages = {reverse("rulebook_chapter", args=[name, key]) for name, key in chapters()}
    pages |= {reverse("rulebook_table", args=[name, table.code]) for name, table in TABLES}
    pages |= {reverse("rulebook_interpretations"), reverse("rulebook_source", args=["beijing-procedure"])}
    ids: dict[str, set[str]] = {}
    wanted = set()
    for path in sorted(pages):
        page = clerk.get(path).content.decode()
        ids[path] = set(re.findall(r'\bid="([^"]+)"', page))
        for href in re.findall(r'href="([^"]*#[^"]+)"', page):
            parts = urlsplit(unescape(href))
            if (parts.path or path) in pages and not parts.query and parts.fragment != "main":
                wanted.add((parts.path or path, parts.fragment))
    assert len(wanted) > 50
    assert {link for link in wanted if link[1] not in ids[link[0]]} == set()


def test_the_interpretations_are_shown_with_headings_lists_and_a_table(clerk):
    page = clerk.get(reverse("rulebook_interpretations")).content.decode()
    assert page.count('id="AMB-') == len(re.findall(r"^## AMB-", interpretations(), re.MULTILINE))
    assert "**" not in page
    assert '<th scope="col">编号</th>' in page


TABLES = [(name, table) for name in BOOKS for table in book(name).tables]


@pytest.mark.parametrize(("name", "table"), TABLES, ids=lambda one: getattr(one, "code", one))
def test_a_table_shows_every_indicator_as_the_program_reads_it_beside_its_words(clerk, name, table):
    page = clerk.get(reverse("rulebook_table", args=[name, table.code]))
    assert page.status_code == 200
    shown = text_of(page)
    assert squeezed(table.quote) in shown
    for of_table in table.notes:
        assert squeezed(of_table.quote) in shown
    rows = dict(re.findall(r'<tr id="([^"]+)">(.*?)</tr>', page.content.decode(), re.DOTALL))
    added = [one for one in table.all_fields if one not in table.fields]
    assert list(rows) == [one.code for one in (*table.fields, *added)]
    for one in table.all_fields:
        row = squeezed(unescape(re.sub(r"<[^>]+>", "", rows[one.code])))
        for said in (
            one.code, one.mark + one.title, one.printed, one.column, TYPES[one.type], one.note, one.remark, one.quote,
            one.clause, one.ours, one.held_back, one.settled_in, FILLED_BY[one.filled_by], "必填" if one.required else "",
            "" if one.lowest is None else f"{one.lowest}至{one.highest}{one.unit}", "" if one.list_ else one.hint,
        ):  # fmt: skip
            assert squeezed(said) in row, (one.code, said)
        assert row.startswith(squeezed(f"{one.code}{one.mark}{one.title}"))


@pytest.mark.parametrize(("name", "table"), TABLES, ids=lambda one: getattr(one, "code", one))
def test_a_table_shows_what_its_indicators_are_compared_with(clerk, name, table):
    shown = text_of(clerk.get(reverse("rulebook_table", args=[name, table.code])))
    codes = {one.code for one in table.all_fields}
    for section in ("checks", "never"):
        for check in book(name).chapters["declaration"].sections[section]:
            said = squeezed(f"{check.rule}{check.title}") in shown
            assert said == bool(codes & set(check.codes)), check.key


def test_every_type_an_indicator_may_have_has_a_name_on_the_screen():
    from fangxin.rules.indicator_values import KINDS as FIELD_TYPES
    from fangxin.rules.indicators import FilledBy

    assert set(FIELD_TYPES) == set(TYPES)
    assert set(FilledBy) == set(FILLED_BY)


def test_the_document_names_the_indicators_that_rest_on_a_line(clerk):
    page = clerk.get(reverse("rulebook_source", args=["fujian-plan"])).content.decode()
    line = page[page.index("J1-02法人代码：采用国家统一规定") :][:600]
    assert f"{reverse('rulebook_table', args=['fujian', 'J1'])}#J1-02" in line


def test_an_unknown_book_chapter_year_or_document_is_not_there(clerk):
    for path in (
        "books/hebei/deadlines/", "books/beijing/nothing/", "books/national/violations/", "calendar/1999/",
        "calendar/99999999999999999999/", "sources/none/", "books/beijing/tables/J1/", "books/fujian/tables/J9/", "books/hebei/tables/J1/",
    ):  # fmt: skip
        assert clerk.get(f"/office/rulebook/{path}").status_code == 404


def test_a_year_shows_days_off_make_up_days_and_its_notice(clerk):
    page = clerk.get(reverse("rulebook_year", args=[2026])).content.decode()
    year = calendar().years[2026]
    assert year.notice in page
    assert page.count('<small title="调休上班">班</small>') == len(year.work)
    assert page.count('放假">休</small>') == len(year.names())
    assert page.count("暂算") == 1  # only beside the link to 2027
    assert f"{sum(1 for _ in year.working_days())} 天" in page


def test_a_year_without_its_notice_says_that_it_is_provisional(clerk):
    page = clerk.get(reverse("rulebook_year", args=[2027])).content.decode()
    assert "notice-warning" in page
    assert "尚未公布" in page


def test_the_catalogue_is_filtered_by_link_and_by_what_needs_checking(clerk):
    catalogue = book("national").violations
    page = clerk.get(reverse("violations"), {"link": "brokerage", "checking": "yes"}).content.decode()
    expected = {v.code for v in catalogue if v.link == "brokerage" and v.needs_checking}
    assert set(re.findall(r'<tr id="([A-Z]+-\d+)">', page)) == expected
    everything = clerk.get(reverse("violations")).content.decode()
    assert set(re.findall(r'<tr id="([A-Z]+-\d+)">', everything)) == {v.code for v in catalogue}
    assert everything.count("待核对</span>") == sum(v.needs_checking for v in catalogue)


def test_the_catalogue_is_searched_by_what_people_say(clerk):
    page = clerk.get(reverse("violations"), {"q": "一房二卖"}).content.decode()
    assert 'id="TR-03"' in page
    assert 'id="TR-01"' not in page
    nothing = clerk.get(reverse("violations"), {"q": "<script>"})
    assert "没有符合条件的行为" in nothing.content.decode()
    assert b'<script>"' not in nothing.content


def test_a_filter_that_is_not_in_the_list_is_named(clerk):
    page = clerk.get(reverse("violations"), {"link": "fishing"})
    assert page.status_code == 422
    assert "环节：请在列表中选择。" in page.content.decode()


def test_the_box_counts_a_term_and_says_why(clerk):
    page = clerk.get(reverse("rulebook"), {"start": "2026-02-13", "n": "3", "unit": "工作日"})
    assert page.status_code == 200
    shown = page.content.decode()
    assert "2026-02-25 星期三" in shown
    assert "调休上班，计第1个工作日" in shown


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"start": "2026-02-30", "n": "3", "unit": "日"}, "起算日应为真实的日期"),
        ({"start": "2026-02-13", "n": "0", "unit": "日"}, "期限至少为1"),
        ({"start": "2026-02-13", "n": "10000", "unit": "日"}, "期限不得超过9999"),
        ({"start": "2026-02-13", "n": "三", "unit": "日"}, "期限应为整数"),
        ({"start": "2026-02-13", "n": "3", "unit": "周"}, "单位：请在列表中选择"),
        ({"start": "1999-02-13", "n": "3", "unit": "日"}, "1999年还没有放假安排"),
        ({"start": "9999-12-31", "n": "9999", "unit": "日"}, "9999年还没有放假安排"),
        ({"start": "2027-12-31", "n": "9", "unit": "工作日"}, "2028年还没有放假安排"),
        ({"n": "3"}, "请填写起算日"),
    ],
)
def test_what_cannot_be_counted_is_named(clerk, asked, said):
    page = clerk.get(reverse("rulebook"), asked)
    assert page.status_code == 422
    assert said in unescape(page.content.decode())


def test_the_steps_are_shown_from_their_tables(clerk):
    from fangxin.agencies import workflow as agencies
    from fangxin.agencies.quarters import DUTY_STEPS
    from fangxin.cases.workflow import STEPS
    from fangxin.investigations.workflow import ORDER_STEPS
    from fangxin.web.workflow_tables import PROCESSES

    page = clerk.get(reverse("rulebook_workflow")).content.decode()
    every = (*STEPS, *ORDER_STEPS, *agencies.STEPS, *agencies.AGENCY_STEPS, *DUTY_STEPS)
    every += tuple(step for _, _, process in PROCESSES for step in process.steps)
    for step in every:
        assert f"<strong>{step.title}</strong>" in page
        assert step.clause in page
    assert page.count("<svg") == 5 + len(PROCESSES)
    assert page.count('class="chart-step"') == len(every)
