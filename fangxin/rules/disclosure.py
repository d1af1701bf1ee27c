"""Who may see what of an agency, on what grounds more is granted, and which ways round a mark are closed."""

from dataclasses import dataclass

from fangxin.rules.citation import Cited
from fangxin.rules.indicator_fields import Disclosure


@dataclass(frozen=True, kw_only=True)
class InformationClass(Cited):
    """A class of information: P, A or K."""

    key: str
    title: str
    grantable: bool = False
    settled_in: str = ""


@dataclass(frozen=True, kw_only=True)
class Reader(Cited):
    """Somebody who looks at an agency's record, and the classes they see without asking.

    `unapproved`: also what waits for review. `granted`: of class A only the fields of a grant, while it runs.
    `logged`: every look at class A is written down.
    """

    key: str
    title: str
    sees: tuple[Disclosure, ...] = ()
    unapproved: bool = False
    granted: bool = False
    logged: bool = False
    settled_in: str = ""

    def may_see(self, class_: Disclosure) -> bool:
        """Whether fields of this class are shown to the reader, without a grant."""
        return class_ in self.sees


@dataclass(frozen=True, kw_only=True)
class QueryGround(Cited):
    """A ground on which an authorised query may be applied for, and the papers that prove it.

    `without` names the value that lists the fields it does not open; on a ground that `may_be_secret` the agency
    need not be told.
    """

    key: str
    title: str
    applicants: tuple[str, ...]
    papers: tuple[str, ...]
    without: str = ""
    may_be_secret: bool = False
    settled_in: str = ""


@dataclass(frozen=True, kw_only=True)
class Join(Cited):
    """A way by which public columns would give back a marked one: `open_name` is the same as `secret`, and the
    columns `through` lead from one table to the other. It is closed while one column of the pair is not shown.
    """

    key: str
    title: str
    secret: str
    open_name: str
    through: tuple[str, str]
    settled_in: str = ""
