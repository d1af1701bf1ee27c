"""What `suggest` and `fangxin suggest-triage` say of messages nobody has labelled. All messages are made up."""

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fangxin.cases.triage import LINKS, suggest
from fangxin.cases.triage_words import _read as read_word_list
from fangxin.cases.triage_words import plain, words
from fangxin.config.commands.suggest_triage import command
from fangxin.rules import RulebookBroken, book

MESSAGES = {
    "trading": ("开发商不退认筹金", "去年在春江花园交了五万认筹金，一直没有预售证，也不签购房合同，要求退款没人理。"),
    "brokerage": ("中介公司不退中介费", "通过中介公司看二手房，没有成交却收了佣金，房源信息也是假的。"),
    "development": ("新房楼板开裂渗水", "收房时发现楼板贯穿裂缝，外墙渗水，未经竣工验收就强制交房。"),
    "appraisal": ("评估报告造假", "评估公司的估价师没有看房就出具虚假评估报告，评估价低了一半。"),
    "property": ("物业乱收停车费", "物业公司没开业主大会就涨物业费，维修基金的账也不公示。"),
    "surveying": ("房屋测绘面积不对", "测绘公司的测绘报告说我家套内少了六平方，实测面积与预测面积误差很大。"),
    "none": ("孩子入学划片问题", "小区附近的小学学位不够，教育局把我们划到很远的学校，公交也不通。"),
}  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_a_plain_message_gets_its_link_out_of_the_box(link):
    assert suggest(*MESSAGES[link]).link == link


@pytest.mark.parametrize("link", LINKS)
def test_the_reasons_are_words_of_the_message(link):
    title, text = MESSAGES[link]
    suggestion = suggest(title, text)
    assert suggestion.reasons
    assert all(reason in plain(title) + "。" + plain(text) for reason in suggestion.reasons)


@pytest.mark.parametrize("link", [link for link in LINKS if link != "none"])
def test_up_to_three_violations_are_named_with_the_words_that_recall_them(link):
    catalogue = {violation.code: violation for violation in book("national").violations}
    title, text = MESSAGES[link]
    violations = suggest(title, text).violations
    assert 1 <= len(violations) <= 3
    for hint in violations:
        assert hint.act == catalogue[hint.code].act
        assert hint.words
        assert all(word in plain(title) + plain(text) for word in hint.words)
    assert catalogue[violations[0].code].link in {link, "development", "trading"}


def test_a_message_that_is_not_for_the_platform_recalls_no_violation():
    assert suggest(*MESSAGES["none"]).violations == []


def test_a_message_that_says_nothing_is_never_certain():
    threshold = book("beijing").value("triage.apply_certainty", on=date(2026, 11, 23)).value
    for title, text in [("", ""), ("投诉", "请领导关注，谢谢。"), ("12345", "……")]:
        suggestion = suggest(title, text)
        assert suggestion.certainty < threshold
        assert suggestion.reasons == []


def test_the_certainty_is_a_probability_and_grows_with_what_is_said():
    little = suggest("", "物业的事")
    much = suggest("物业乱收费", "物业公司涨物业费，停车费，业委会反对，维修基金被动用")
    assert 0 < little.certainty < much.certainty <= 1


def test_a_lender_that_calls_itself_an_agency_is_not_a_housing_broker():
    assert suggest("贷款中介乱扣钱", "网贷中介扣了砍头息，不退手续费。").link == "none"


def test_words_apart_count_only_within_one_sentence():
    apart = suggest("", "车位很少。这里的房子不能卖。")
    together = suggest("", "车位已经被开发商卖了。")
    assert "车位已经被开发商卖" in together.reasons
    assert not any(reason.startswith("车位") for reason in apart.reasons)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("\0\0", "物业\0费\0涨价"),
        ("\ud800", "房产证\udfff办不下来\ud83d"),
        ("😀🏠", "𠮷㛃物业不作为😀" * 50),
        ("房" * 10_000, "质量问题" * 5_000),
        ("x" * 1_000_000, "\n" * 1_000_000),
        ("{{ 7*7 }}", "'; drop table cases; -- <script>alert(1)</script>"),
        ("ＰＯＳ机", "（（（[[[***+++???\\\\"),
        ("a\u0301" * 3000, "\u202e\u200b\ufeff" * 3000),
    ],
)
def test_no_text_breaks_it(title, text):
    suggestion = suggest(title, text)
    assert suggestion.link in LINKS
    assert 0 <= suggestion.certainty <= 1
    json.dumps([suggestion.reasons, [hint.words for hint in suggestion.violations]]).encode()


def test_a_very_long_text_costs_no_more_than_a_page_of_it():
    text = "开发商延期交房，房屋质量差，物业费太高，学校没有学位。" * 4_000
    suggest("", text)
    begun = time.process_time()
    for _ in range(10):
        suggest("延期交房", text)
    assert (time.process_time() - begun) / 10 < 0.1


def test_invisible_characters_and_full_width_forms_hide_no_word():
    assert "房产证" in suggest("", "房\u200b产\u3000证 一直\n没办").reasons
    assert suggest("", "ＫＴＶ噪音扰民").link == "none"


def test_a_web_worker_loads_no_learning_library():
    program = (
        "import sys, fangxin.cases.triage as t; t.suggest('物业', '停车费');"
        "print([n for n in ('sklearn', 'numpy', 'scipy', 'django') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_topic_of_the_list_says_a_word_twice():
    for topic in words().topics:
        written = [word.written for word in topic.words]
        assert len(written) == len(set(written)), topic.title
        assert all(part for word in topic.words for part in word.parts), topic.title


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("scale: 1\nprior: {}\n", "topics"),
        (
            "scale: 1\nprior: {}\ntopics:\n  - topic: 甲\n    weights: {tradign: 1}\n    words: [乙]\n",
            "第5行.*tradign",
        ),
        ("scale: 1\nprior: {}\ntopics:\n  - topic: 甲\n    weights: {trading: 1}\n", "第4行.*words"),
    ],
)
def test_a_broken_word_list_is_refused_with_its_line(tmp_path, written, said):
    path = tmp_path / "triage_words.yaml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(RulebookBroken, match=said):
        read_word_list(path)


def ask(*lines: object) -> Result:
    given = b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )
    return CliRunner().invoke(command, ["--words-only"], input=given)


def answers(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_line_is_answered_in_its_order():
    result = ask(*({"title": title, "text": text} for title, text in MESSAGES.values()))
    assert result.exit_code == 0
    assert [answer["link"] for answer in answers(result)] == list(MESSAGES)
    assert set(answers(result)[0]) >= {"link", "certainty", "reasons", "violations"}
    assert set(answers(result)[0]["violations"][0]) == {"code", "act", "words"}


def test_a_wrong_line_says_what_is_wrong_and_the_others_go_on():
    good = {"title": "物业", "text": "物业费"}
    result = ask(b"{", [1], {"title": 3}, {"body": "?"}, "好".encode("gb18030"), b"[" * 100_000, good)
    assert result.exit_code == 1
    *wrong, right = answers(result)
    assert [list(answer) for answer in wrong] == [["error"]] * 6
    assert "第1行" in wrong[0]["error"]
    assert "JSON" in wrong[0]["error"]
    assert "对象" in wrong[1]["error"]
    assert "title 应为文字" in wrong[2]["error"]
    assert "缺少 title 和 text" in wrong[3]["error"]
    assert "UTF-8" in wrong[4]["error"]
    assert right["link"] == "property"


def test_title_or_text_alone_is_enough_and_blank_lines_are_no_messages():
    result = ask(
        {"title": "物业费太贵"}, b"", b"\xef\xbb\xbf" + json.dumps({"text": "物业费", "title": None}).encode()
    )
    assert result.exit_code == 0
    assert [answer["link"] for answer in answers(result)] == ["property", "property"]


def test_an_unpaired_surrogate_in_the_input_is_no_error():
    result = ask(rb'{"title": "\ud800", "text": "\udfff\u7269\u4e1a\u8d39"}')
    assert result.exit_code == 0
    assert answers(result)[0]["link"] == "property"


def test_the_command_needs_no_database(tmp_path):
    done = subprocess.run(
        [Path(sys.executable).with_name("fangxin"), "suggest-triage"],
        input='{"title": "物业费", "text": "停车费"}\n',
        capture_output=True,
        text=True,
        env={"DATABASE_URL": "postgresql://nowhere.invalid/none", "FANGXIN_HOME": str(tmp_path)},
        check=True,
    )
    assert json.loads(done.stdout)["link"] == "property"
