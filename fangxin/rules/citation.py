"""Where a value comes from: the words of a document, or our own reason when no document gives one."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Cited:
    """Something the rulebook says. Exactly one of `quote` and `ours` is given.

    `quote` is word for word in the document `source` (white space aside) at `clause`; `ours` says in
    Chinese why the platform chose a value that no document gives. `source` and `checked_on` may be
    written once at the head of the file.
    """

    clause: str = ""
    quote: str = ""
    ours: str = ""
    source: str = ""
    checked_on: date

    def __post_init__(self) -> None:
        if bool(self.quote) == bool(self.ours):
            raise ValueError("quote（原文）与 ours（自定理由）必须且只能填写一项")
        if self.quote and not self.clause:
            raise ValueError("有 quote 却没有 clause：请写明原文所在条款")
        if self.quote and not self.source:
            raise ValueError("有 quote 却没有 source：请在本条或文件开头写明出自哪份文件")

    @property
    def basis(self) -> str:
        """The clause or the reason, in one line for a screen or a journal entry."""
        return f"{self.clause}：{self.quote}" if self.quote else f"平台自定：{self.ours}"


def cited_by(entry: Cited) -> dict[str, Any]:
    """The citation of an entry alone, to be given to another that rests on the same words."""
    return {field.name: getattr(entry, field.name) for field in fields(Cited)}
