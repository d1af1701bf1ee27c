"""公示前告知书 (DOC-31): what is to be public, from which day, what the unit may say until when, and how it was served."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fangxin.credit.models import BadRecord
from fangxin.deadlines.clock import now, today
from fangxin.organisations.queries import company_name
from fangxin.rules import book
from fangxin.rules.indicators import catalogue

TEMPLATE = Path(__file__).parent / "sheets" / "notice.typ"
TITLE = "不良行为记录公示前告知书"
BLANK = "　　　　年　　月　　日"


def last_day_to_state(record: BadRecord) -> date | None:
    """The last day on which a statement surely comes before the record is public; None while the unit is not told."""
    return record.releasable_on - timedelta(days=1) if record.releasable_on else None


def notice_pdf(record: BadRecord) -> bytes:
    """The notice for print: before it is served with days to fill in, afterwards with its own. Raises ActRefused."""
    from fangxin.documents.printing import print_pdf

    return print_pdf(TEMPLATE, _words(record), at=now())


def _words(record: BadRecord) -> dict[str, Any]:
    rules, kept = book(record.jurisdiction), book("national").record_classes[record.record_class]
    limit = rules.limit("publication_notice", on=record.served_on or today())
    told = next(one for one in rules.provisions if one.key == "told_before_publication")
    body, unit = record.body.name, company_name(record.company_id)
    return {
        "title": TITLE, "body": body, "unit": unit, "named": f"{unit}　{TITLE}",
        "number": f"　　　　　〔{(record.confirmed_on or today()).year}〕　　　号",
        "opening": f"经查，你单位（{record.agency.code}）有下列行为，本机关已于{_day(record.confirmed_on)}作为不良行为记入房地产经纪机构"
        f"信用系统。根据{_plan()}{told.clause}“{told.quote}”的规定，现将公示前有关事项告知如下。",
        "conduct": [
            *_indicators(record), ("类别", kept.title), ("来源", rules.record_sources[record.source].title),
        ],
        "parts": [
            ("一、何时公示", _when(record, str(limit.within))),
            ("二、陈述的权利", _statement(record, str(limit.within))),
            ("三、公示多久", _how_long(record, kept)),
            ("四、公示以后的权利", "公示期间，你单位可以在记录旁边作出说明，可以提出异议（处理期间注明有异议）；整改以后可以提请考核验收，"
             "通过的公布整改结果；要撤销公示的，由你单位提出申请，经本机关同意；也可以申请信用修复。"
             f"撤销公示和信用修复，自最短公示期满的{_day(kept.may_be_repaired_from(_decided(record)))}起可以申请。"),
        ],
        "day": _day(record.served_on) if record.served_on else BLANK,
        "receipt": [
            ("受送达人", unit, "送达方式", record.served_how or ""),
            ("送达日期", _day(record.served_on) if record.served_on else BLANK, "收件人签章", ""),
            ("送达人", "", "备　　注", ""),
        ],
    }  # fmt: skip


def _when(record: BadRecord, within: str) -> str:
    if record.served_on is None or record.releasable_on is None:
        return f"自本告知书送达之日起满{within}，期满的次日起，上列内容可以在网上公示。送达当日不计入；最后一日是休息日的，顺延至下一个工作日。"
    return (
        f"本告知书于{_day(record.served_on)}送达，满{within}后，自{_day(record.releasable_on)}起，上列内容可以在网上公示，"
        "任何人都不能提前。"
    )


def _statement(record: BadRecord, within: str) -> str:
    last = last_day_to_state(record)
    until = f"至{_day(last)}止（含当日）" if last else f"自送达之日起{within}内"
    return (
        f"你单位可以{until}向本机关书面陈述意见、提交材料，也可以登录房信平台“良好与不良记录”提出。此后放行以前提出的，"
        "同样须经阅处。本机关放行公示以前阅处陈述，写明采纳与否及理由；陈述不自动中止公示。"
    )


def _how_long(record: BadRecord, kept: Any) -> str:
    until = _day(kept.shown_until(_decided(record)))
    if not kept.shown:
        return f"类别“{kept.title}”原则上不公示；确有必要公示的，至{until}为止。理由：{record.shown_because or '见放行决定'}。"
    return f"类别“{kept.title}”，最短{kept.least_months}个月，最长{kept.most_months}个月，自处理时间起算，至{until}为止，期满自动停止公示。"


def _indicators(record: BadRecord) -> list[tuple[str, str]]:
    return [
        (one.title, _day(value) if isinstance(value, date) else one.display(value))
        for one in catalogue(record.jurisdiction).table("J4").all_fields
        if one.column not in ("agency_name", "agency_code")
        and (value := getattr(record, one.column, None)) not in (None, "")
    ]


def _decided(record: BadRecord) -> date:
    day: date = record.decided_on  # type: ignore[attr-defined]
    return day


def _plan() -> str:
    from fangxin.rules.sources import sources

    return f"《{sources()['fujian-plan'].title.strip('《》')}》"


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else BLANK
