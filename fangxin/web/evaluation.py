"""Schemes, scores and their lines in words: the same on the office's pages, the agency's and the public's."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from fangxin.rules import book
from fangxin.rules.citation import Cited
from fangxin.rules.evaluation import COUNTABLE, FACTS, SUBJECTS, Direction, Item, Override, Scheme
from fangxin.rules.sources import sources

# The books whose schemes may be looked at and tried.
BOOKS = {"fujian": "福建", "beijing": "北京"}
STATUS_TONES = {"示例": "waiting", "草案": "info", "公布": "good"}
LINE = ("item", "title", "part", "record", "on", "points", "cut", "basis")


def scheme_of_book(name: str, key: str) -> Scheme | None:
    """The scheme of a book that may be looked at."""
    return book(name).schemes.get(key) if name in BOOKS else None


def all_schemes() -> list[tuple[str, Scheme]]:
    """Every scheme with the name of its book."""
    return [(name, scheme) for name in BOOKS for scheme in book(name).schemes.values()]


def scheme_words(scheme: Scheme, of_book: str) -> dict[str, Any]:
    """A scheme for `components/scheme.html`."""
    lowest_first = scheme.direction is Direction.AGAINST
    newcomer = scheme.newcomer
    return {
        "title": scheme.title, "status": str(scheme.status), "tone": STATUS_TONES[str(scheme.status)],
        "found": scheme.found, "law": _law(scheme), "facts": [
            ("起评分", f"{scheme.base:g}分，在{scheme.lowest:g}至{scheme.highest:g}分之间，"
             + ("分数越高越差（记分）" if lowest_first else "分数越高越好")),
            ("评价周期", f"{scheme.cycle_months}个月，自{scheme.cycle_begins}起"),
            ("计入的记录", "、".join(COUNTABLE[state] for state in scheme.counted_states)),
            ("认定", scheme.certified_by), ("异议期", f"告知后{scheme.objection_days}"),
            *([("新入册", f"不满{newcomer.months}个月的为{newcomer.grade}：{newcomer.title}")] if newcomer else []),
        ],
        "items": [_item(item, scheme, of_book) for item in scheme.items],
        "bands": [
            {"grade": band.grade, "title": band.title, "from": f"{band.begins:g}分", "basis": basis_words(band)}
            for band in scheme.bands
        ],
        "overrides": [_override(one, of_book) for one in scheme.overrides],
    }  # fmt: skip


def basis_words(entry: Cited) -> str:
    """The clause with its words, or that it is the platform's own and why."""
    return entry.basis


def line_rows(lines: Iterable[Iterable[Any]], record_url: Callable[[str, str], str]) -> list[dict[str, Any]]:
    """The lines of a score as kept, by name, with the points signed and each record's address.

    `record_url` takes good or bad and the record's id.
    """
    rows = [dict(zip(LINE, line, strict=True)) for line in lines]
    return [
        {
            **row, "points": signed(row["points"]), "cut": signed(row["cut"]) if row["cut"] else "",
            **_record(row["record"], record_url),
        }
        for row in rows
    ]  # fmt: skip


def _record(named: str, record_url: Callable[[str, str], str]) -> dict[str, str]:
    """How a line names its record: by the beginning of its id, with its address."""
    title, _, number = named.partition(" ")
    kind = {"不良行为": "bad", "良好行为": "good"}.get(title)
    if kind is None:
        return {"record": named, "url": ""}
    return {"record": f"{title} {number[:8]}", "url": record_url(kind, number)}


def signed(points: float | Decimal) -> str:
    """+1.5, −5; a true minus."""
    return f"{points:+g}".replace("-", "−")


def grade_title(scheme: Scheme, grade: str) -> str:
    """AA 良好; the grade alone where the title repeats it."""
    title = scheme.grades.get(grade, "")
    return grade if not title or title == grade else f"{grade} {title}"


def distribution(scheme: Scheme, counts: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """How many have each grade, the best first; one column for each kind of subject."""
    return [
        {
            "grade": grade, "title": title if title != grade else "",
            "counts": [
                {"kind": kind, "title": said, "many": counts[kind].get(grade, 0)} for kind, said in SUBJECTS.items()
            ],
        }
        for grade, title in scheme.grades.items()
    ]  # fmt: skip


def _law(scheme: Scheme) -> dict[str, Any]:
    document = sources().get(scheme.source)
    return {
        "quote": scheme.quote, "clause": scheme.clause, "checked_on": scheme.checked_on, "ours": scheme.ours,
        "source": document.title if document else "",
    }  # fmt: skip


def _item(item: Item, scheme: Scheme, of_book: str) -> dict[str, Any]:
    per = "只计一次" if item.once else "每项"
    if item.amount_of:
        per = (
            f"每一（{FACTS[item.of].about[item.amount_of]}"
            + (f"超过{item.above}的部分" if item.above else "")
            + "）"
        )
    titles = {one.code: one.title for one in scheme.items}
    with_others = "、".join(titles[code] for code in item.capped_with)
    cap = f"{item.cap:g}" if item.cap is not None else ""
    return {
        "code": item.code, "title": item.title, "subject": SUBJECTS[item.subject], "part": item.part,
        "counts": _condition(item.of, item.when, of_book), "points": f"{signed(item.points)}　{per}", "cap": cap,
        "cap_with": f"与{with_others}合计" if with_others else "",
        "lasts": f"{item.lasts_months}个月" if item.lasts_months else "", "basis": basis_words(item),
    }  # fmt: skip


def _override(one: Override, of_book: str) -> dict[str, Any]:
    decided = f"定为{one.grade}" if one.grade else f"不高于{one.at_most}"
    return {
        "title": one.title, "counts": _condition(one.of, one.when, of_book), "grade": decided, "basis": basis_words(one)
    }  # fmt: skip


def _condition(of: str, when: Mapping[str, Any], of_book: str) -> str:
    kind = FACTS[of]
    told = [f"{kind.about[name]}{_wanted(name, value, of_book)}" for name, value in when.items()]
    return f"{kind.title}：{'，'.join(told)}" if told else kind.title


def _wanted(name: str, value: Any, of_book: str) -> str:
    if isinstance(value, Mapping):
        return f"不少于{value['at_least']}"
    if isinstance(value, bool):
        return "：是" if value else "：否"
    choices = value if isinstance(value, list | tuple) else (value,)
    titles = _titles(name, of_book)
    return "为" + "、".join(titles.get(str(one), str(one)) for one in choices)


def _titles(name: str, of_book: str) -> Mapping[str, str]:
    if name == "record_class":
        return {key: one.title for key, one in book("national").record_classes.items()}
    if name == "source":
        return {key: one.title for key, one in book("fujian").record_sources.items()}
    return {}
