"""The reader refuses what it does not understand, and says where."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pytest

from fangxin.rules.citation import Cited
from fangxin.rules.reader import RulebookBroken, heading, into, read_yaml
from fangxin.rules.terms import Term, Unit
from fangxin.rules.tests.rulebooks import write


class Colour(StrEnum):
    RED = "红"


@dataclass(frozen=True)
class Page:
    title: str
    number: int = 1
    share: float = 0.0
    bound: bool = False
    on: date | None = None
    colour: Colour = Colour.RED
    within: Term | None = None
    class_: str = ""
    starts_from: date | None = field(default=None, metadata={"yaml": "from"})
    notes: tuple[str, ...] = ()
    pages: dict[str, "Page"] = field(default_factory=dict)
    next: "Page | None" = None
    anything: object = None

    def __post_init__(self):
        if self.number < 1:
            raise ValueError("页码从1开始")


@dataclass(frozen=True, kw_only=True)
class Sentence(Cited):
    words: str


def read(tmp_path, text, cls=Page):
    root = read_yaml(write(tmp_path, "book/page.yaml", text))
    return into(cls, root, heading(root))


def refusal(tmp_path, text, cls=Page):
    with pytest.raises(RulebookBroken) as wrong:
        read(tmp_path, text, cls)
    return str(wrong.value)


def test_a_mapping_becomes_the_dataclass(tmp_path):
    page = read(
        tmp_path,
        """\
        title: 期限
        number: 2
        share: 1
        bound: true
        on: 2026-02-13
        colour: 红
        within: 3个工作日
        class: 严重
        from: undated
        notes: [甲, 乙]
        pages:
          one: {title: 一}
        next: {title: 下一页, on: null, share: 0.5}
        anything: [1, 2]
        """,
    )
    assert page == Page(
        title="期限",
        number=2,
        share=1.0,
        bound=True,
        on=date(2026, 2, 13),
        within=Term(3, Unit.WORKING_DAY),
        class_="严重",
        notes=("甲", "乙"),
        pages={"one": Page(title="一")},
        next=Page(title="下一页", share=0.5),
        anything=(1, 2),
    )


@pytest.mark.parametrize("word", ["off", "no", "yes", "on", "012", "1_000", "0x1F", "1e3", "12:30"])
def test_words_that_yaml_would_turn_into_something_else_stay_words(tmp_path, word):
    assert read(tmp_path, f"title: {word}\n").title == word


def test_a_key_that_yaml_would_turn_into_false_stays_a_key(tmp_path):
    assert list(read_yaml(write(tmp_path, "year.yaml", "off: []\n"))) == ["off"]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("title: 甲\ncolor: 红\n", 2, "不认识的键“color”；这里可以写：title、number"),
        ("title: 甲\nnumber: 1\ntitle: 乙\n", 3, "键“title”重复；第1行已经写过"),
        ("number: 1\n", 1, "缺少“title”"),
        ("title: 110101\n", 1, "“110101”应当是文字（数字请加引号）"),
        ("title: ''\n", 1, "不能为空"),
        ("title: 甲\nnumber: 二\n", 2, "“二”应当是整数"),
        ("title: 甲\nnumber: true\n", 2, "“True”应当是整数"),
        ("title: 甲\nbound: yes\n", 2, "“yes”应当是true 或 false"),
        ("title: 甲\nshare: 一半\n", 2, "“一半”应当是数"),
        ("title: 甲\non: 2026-02-30\n", 2, "“2026-02-30”不是存在的日期"),
        ("title: 甲\non: 2026-2-3\n", 2, "“2026-2-3”不是存在的日期"),
        ("title: 甲\non: 明天\n", 2, "“明天”应当是日期，如 2026-02-13"),
        ("title: 甲\ncolour: 蓝\n", 2, "“蓝”不在允许的写法之内"),
        ("title: 甲\nwithin: 3天\n", 2, "期限“3天”看不懂"),
        ("title: 甲\nnotes: 一\n", 2, "这里应当是一个列表"),
        ("title: 甲\nnotes: [1]\n", 2, "“1”应当是文字"),
        ("title: 甲\npages: []\n", 2, "这里应当是“键: 值”的形式"),
        ("title: 甲\npages:\n  one: 一\n", 3, "这里应当是“键: 值”的形式"),
        ("title: 甲\nnext:\n  number: 2\n", 3, "缺少“title”"),
        ("title: 甲\nnumber: 0\n", 1, "页码从1开始"),
        ("title: [甲\n", 2, "不是合法的 YAML"),
        ("- 甲\n", 1, "文件应当是“键: 值”的形式"),
        ("[甲]: 乙\n", 1, "键应当是一个词"),
        ("", 1, "文件应当是“键: 值”的形式"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_line(tmp_path, text, line, why):
    assert re.search(rf"规则库 book/page\.yaml 第{line}行：.*{re.escape(why)}", refusal(tmp_path, text))


def test_a_missing_file_and_a_file_in_another_encoding_are_refused(tmp_path):
    with pytest.raises(RulebookBroken, match="文件不存在"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("title: 期限".encode("gbk"))
    with pytest.raises(RulebookBroken, match="不是 UTF-8"):
        read_yaml(tmp_path / "gbk.yaml")


SENTENCE = "words: 甲\nclause: 一\nquote: 原文\n"


def test_source_and_day_of_checking_may_be_said_once_for_the_file(tmp_path):
    text = """\
        source: beijing-procedure
        checked_on: 2026-11-22
        sentence: {words: 甲, clause: 一, quote: 原文}
        """
    root = read_yaml(write(tmp_path, "page.yaml", text))
    sentence = into(Sentence, root["sentence"], heading(root))
    assert (sentence.source, sentence.checked_on) == ("beijing-procedure", date(2026, 11, 22))
    assert sentence.basis == "一：原文"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SENTENCE, "缺少“checked_on”"),
        ("words: 甲\nchecked_on: 2026-11-22\nclause: 一\n", "必须且只能填写一项"),
        (SENTENCE + "ours: 两样都写了\nchecked_on: 2026-11-22\nsource: x\n", "必须且只能填写一项"),
        ("words: 甲\nchecked_on: 2026-11-22\nquote: 原文\nsource: x\n", "有 quote 却没有 clause"),
        (SENTENCE + "checked_on: 2026-11-22\n", "有 quote 却没有 source"),
    ],
)
def test_a_value_without_its_words_or_its_reason_is_refused(tmp_path, text, why):
    assert why in refusal(tmp_path, text, Sentence)


def test_a_value_of_our_own_gives_its_reason(tmp_path):
    sentence = read(tmp_path, "words: 甲\nchecked_on: 2026-11-22\nours: 原文没有\n", Sentence)
    assert sentence.basis == "平台自定：原文没有"


def test_only_dataclasses_can_be_read(tmp_path):
    with pytest.raises(TypeError):
        read(tmp_path, "title: 甲\n", dict)
