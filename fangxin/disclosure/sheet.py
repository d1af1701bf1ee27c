"""What a grant shows, in the order of the catalogue: for the page and for print, both under the same watermark."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from fangxin.disclosure.queries import Held
from fangxin.documents.printing import print_pdf
from fangxin.rules import book
from fangxin.rules.indicators import Field, catalogue

TEMPLATE = Path(__file__).parent / "sheets" / "result.typ"
ISSUER = "房信 房地产经纪机构信用信息平台"
LONGEST_PURPOSE = 26  # characters of the purpose in a watermark; the sheet has it whole
NOTHING = "（未填）"


def watermark(held: Held, at: datetime) -> list[str]:
    """Who looks, what for and when: the lines that are repeated over everything shown."""
    query, purpose = held.query, " ".join(held.query.purpose.split())
    shortened = purpose if len(purpose) <= LONGEST_PURPOSE else f"{purpose[:LONGEST_PURPOSE]}…"
    return [
        f"仅供{query.applicant_name}（{query.organisation}）查询",
        shortened,
        f"{query.number}　{at:%Y-%m-%d %H:%M}",
    ]


def parts(held: Held, seen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The granted fields with their values, table by table; rows of a table with many are named by what is public."""
    found = []
    for table in catalogue(held.query.jurisdiction).tables:
        granted = [field for field in table.all_fields if field.code in held.granted.codes]
        if granted and table.code in seen:
            rows = seen[table.code] if table.many else [seen[table.code]]
            named = [field for field in table.all_fields if field.shown and field.type in {"text", "person"}]
            found.append(
                {
                    "title": f"{table.code} {table.title}",
                    "rows": [
                        {"title": _name(named, row) if table.many else "", "fields": _values(granted, row)}
                        for row in rows
                    ],
                }
            )
    return found


def facts(held: Held, at: datetime) -> list[tuple[str, str]]:
    """Whose record, who may see it, by what, and until when."""
    query = held.query
    return [
        ("被查询机构", f"{held.agency.published.name}　{held.agency.code}"),
        ("查询人", f"{query.applicant_name}（{query.organisation}）"),
        ("查询理由", book(query.jurisdiction).query_ground(query.ground).title),
        ("查询目的", query.purpose),
        ("授权编号", query.number),
        ("授权期间", f"{query.from_on:%Y-%m-%d}至{query.until_on:%Y-%m-%d}，截止日24时失效"),
        ("本次查看", f"{at:%Y-%m-%d %H:%M}"),
    ]


def result_pdf(held: Held, seen: Mapping[str, Any], at: datetime) -> bytes:
    """The result as a PDF that bears the watermark on every page and names it in its properties. Raises ActRefused."""
    return print_pdf(
        TEMPLATE,
        {
            "title": "授权查询结果", "issuer": ISSUER, "watermark": watermark(held, at), "facts": facts(held, at),
            "parts": parts(held, seen), "footer": f"{held.query.number}　{held.query.applicant_name}　{at:%Y-%m-%d %H:%M}",
            "warning": "本件只供上述查询目的使用，不得转给他人或者公开。每次查看都有记录。",
        },
        at=at,
    )  # fmt: skip


def _name(named: list[Field], row: Mapping[str, Any]) -> str:
    return next((field.display(row[field.column]) for field in named if row.get(field.column)), "")


def _values(fields: list[Field], row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(field.code, field.title, field.display(row.get(field.column)) or NOTHING) for field in fields]
