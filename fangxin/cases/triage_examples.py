"""Labelled messages: read from CSV as Excel saves it, and told apart from their near-copies."""

import csv
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fangxin.cases.triage_model import document
from fangxin.cases.triage_words import LINKS, TITLE_READ, plain

NUMBER = ("id", "工单编号", "编号", "投诉编号", "number")
TITLE = ("title", "标题", "主题", "留言主题")
TEXT = ("text", "主要内容", "内容", "留言详情", "诉求内容", "content")
LINK = ("link", "环节", "业务环节", "label")
CONFIDENCE = ("confidence", "把握", "可信度")

# How people write a link, besides the key itself.
SPOKEN = {
    "交易": "trading",
    "经纪": "brokerage",
    "开发": "development",
    "评估": "appraisal",
    "物业": "property",
    "测绘": "surveying",
    "无": "none",
    "其他": "none",
    "不属于": "none",
    "不受理": "none",
}
UNSURE = {"low", "低", "不确定", "否", "0"}

# Two messages that share this part of the shorter one's runs of five characters are the same grievance
# told twice; they are never on both sides of a measurement.
SAME_GRIEVANCE = 0.3
FEWEST_SHARED = 4
RUN = 5
KEPT_RUNS = 4  # one run in so many is compared
COMMON_RUN = 50  # a run that more messages share is a turn of phrase


class FileRefused(Exception):
    """The file as a whole cannot be used; the message names file, reason and way on, in Chinese."""


@dataclass(frozen=True)
class Example:
    """A message and the link a person gave it; `sure` is whether that person was."""

    title: str
    text: str
    link: str
    sure: bool = True

    @cached_property
    def whole(self) -> str:
        """Title and text as both training and use see them."""
        return document(plain(self.title, TITLE_READ), plain(self.text))


@dataclass
class Reading:
    """The examples found, and the rows that could not be used, each with its reason."""

    examples: list[Example] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def labelled(messages: Path, labels: Path) -> Reading:
    """Every labelled message; a label without its message is reported. Raises `FileRefused`."""
    reading = Reading()
    texts: dict[str, tuple[str, str]] = {}
    for _, number, title, text in _rows(messages, NUMBER, TITLE, TEXT):
        if number:
            texts[number] = title, text
    for line, number, written, confidence in _rows(labels, NUMBER, LINK, optional=CONFIDENCE):
        place = f"{labels.name} 第{line}行"
        if number not in texts:
            reading.wrong.append(f"{place}：{messages.name} 里没有编号“{number[:40]}”的消息")
        elif link := _link(written, place, reading):
            reading.examples.append(Example(*texts[number], link, confidence.lower() not in UNSURE))
    return reading


def corrected(corrections: Path) -> Reading:
    """The texts of a file of corrections, each with the link a dispatcher chose. Raises `FileRefused`."""
    reading = Reading()
    for line, title, text, written in _rows(corrections, TITLE, TEXT, LINK):
        if link := _link(written, f"{corrections.name} 第{line}行", reading):
            reading.examples.append(Example(title, text, link))
    return reading


def _link(written: str, place: str, reading: Reading) -> str:
    cleaned = written.strip().lower().removesuffix("环节")
    link = SPOKEN.get(cleaned, cleaned)
    if link in LINKS:
        return link
    reading.wrong.append(f"{place}：不认识的环节“{written[:20]}”；可以写 {'、'.join(LINKS)}，或交易、经纪等")
    return ""


def _rows(
    path: Path, *columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, str, str, str]]:
    """Line number and the three columns of each row; the last is empty where it is optional and missing."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        header = [name.strip().lstrip("\ufeff").lower() for name in next(reader, [])]
        at = [_place(header, names, path) for names in columns]
        if len(columns) < 3:
            at.append(next((header.index(name) for name in optional if name in header), None))
        for row in reader:
            if any(cell.strip() for cell in row):
                one, two, three = (
                    row[place].strip() if place is not None and place < len(row) else "" for place in at
                )
                yield reader.line_num, one, two, three
    except csv.Error as wrong:
        raise FileRefused(
            f"{path.name} 第{reader.line_num}行不是合法的 CSV（{wrong}）；请用 Excel 另存为 CSV"
        ) from wrong


def _place(header: list[str], names: tuple[str, ...], path: Path) -> int | None:
    for name in names:
        if name in header:
            return header.index(name)
    raise FileRefused(f"{path.name} 的首行没有“{names[1]}”一列；这一列可以叫 {'、'.join(names)}")


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileRefused(f"读不了文件 {path}（{error.strerror}）") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise FileRefused(f"{path.name} 既不是 UTF-8 也不是 GB18030 编码；请另存为 UTF-8 的 CSV")


def same_grievances(documents: list[str]) -> list[int]:
    """The number of the first document in each group of near-copies."""
    runs = [_runs(document) for document in documents]
    holders: dict[int, list[int]] = {}
    for at, own in enumerate(runs):
        for run in own:
            holders.setdefault(run, []).append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for among in holders.values():
        if 1 < len(among) <= COMMON_RUN:
            shared.update((one, other) for i, one in enumerate(among) for other in among[i + 1 :])
    first = list(range(len(documents)))

    def root(at: int) -> int:
        while first[at] != at:
            at = first[at]
        return at

    for (one, other), common in sorted(shared.items()):
        if common >= max(FEWEST_SHARED, SAME_GRIEVANCE * min(len(runs[one]), len(runs[other]))):
            low, high = sorted((root(one), root(other)))
            first[high] = low
    return [root(at) for at in range(len(documents))]


def _runs(document: str) -> set[int]:
    """A quarter of the document's runs of five characters, as numbers."""
    sums = (
        zlib.crc32(document[at : at + RUN].encode("utf-8", "surrogatepass"))
        for at in range(max(1, len(document) - RUN + 1))
    )
    kept = set(sums)
    few = {run for run in kept if run % KEPT_RUNS == 0}
    return few or kept
