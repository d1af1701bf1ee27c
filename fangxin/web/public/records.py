"""Good and bad records in a reader's words: titles and order are the catalogue's."""

from datetime import date
from typing import Any

from fangxin.credit import published
from fangxin.credit.published import KINDS
from fangxin.web.public import REGISTER
from fangxin.web.public.places import named
from fangxin.web.public.shown import words

# What a record is called by stands above its other values.
NAMED_BY = ("matter", "award")
CLASS_TONES = {"minor": "", "general": "waiting", "serious": "bad"}


def as_shown(row: dict[str, Any]) -> dict[str, Any]:
    """A record in a reader's words: its name, its marks, its values under the titles of the annex."""
    fields = [one for one in published.shown_fields(row["kind"], REGISTER) if one.column not in NAMED_BY]
    facts: list[tuple[str, str, Any]] = [("", "来源", row["source_title"])]
    if row["kind"] == "bad":
        facts.append(("", "经纪人员", row["person"]))
    facts += [(one.code, one.title, words(one, row["values"].get(one.column))) for one in fields]
    title = next((str(row["values"][name]) for name in NAMED_BY if row["values"].get(name)), "")
    marks = [
        *(["有异议，正在处理"] if row["is_objected"] else []), *(["已整改"] if row["rectified_on"] else []),
        *(["已更正"] if row["corrected_on"] else []),
    ]  # fmt: skip
    return {
        **row, "facts": [fact for fact in facts if fact[2]], "title": title, "marks": marks,
        "place": named(row["city"], row["county"]), "class_tone": CLASS_TONES.get(row["record_class"], ""),
    }  # fmt: skip


def records_of_agency(code: str, on: date) -> dict[str, list[dict[str, Any]]]:
    """What is public of the agency, bad and good."""
    rows = [as_shown(row) for row in published.records_of(REGISTER, code, on=on)]
    return {kind: [row for row in rows if row["kind"] == kind] for kind in KINDS}
