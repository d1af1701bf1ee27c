"""What a declaration consists of, and what must agree within it."""

from dataclasses import dataclass, field
from enum import StrEnum

from fangxin.rules.citation import Cited


class Severity(StrEnum):
    """What a finding does: a declaration with a blocking one is not taken; a warning is shown to both sides."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, kw_only=True)
class DeclaredTable(Cited):
    """A table an agency declares, in the order of the forms; only `fields` when they are named.

    `may_be_empty`: an agency without shareholders or projects declares none. `groups` are the headings under which
    a form shows the fields, by their codes; a field that no group names comes last.
    """

    key: str
    title: str
    fields: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    may_be_empty: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CrossCheck(Cited):
    """Fields that must agree with one another or with what others know. `message` has gaps in braces."""

    key: str
    rule: str
    title: str
    codes: tuple[str, ...]
    severity: Severity
    message: str
    settled_in: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class NeverAsked(Cited):
    """What looks as if it must agree, and need not: nobody may refuse a declaration for it."""

    key: str
    rule: str
    title: str
    codes: tuple[str, ...]
