"""What must agree within a declaration, and with what the authority knows: each rule of declaration.yaml, run.

A declaration is plain values by table and column, as `Field.check` returns them:
`{"J1": {…}, "J2": {…}, "J5": [{…}], "J6": […], "J7": […], "J8": {…}}`; good and bad records (`J3`, `J4`) and
complaints (`T1`, `T2`) are checked in the same way. A check whose values are missing says nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

# Imported for what they enter in CHECKS.
from fangxin.rules import crosschecks_beyond, crosschecks_public, crosschecks_within  # noqa: F401
from fangxin.rules.book import Rulebook, book
from fangxin.rules.crosscheck_base import CHECKS, Declaration, Hit, Known, Path, Registered
from fangxin.rules.declarations import CrossCheck, Severity
from fangxin.rules.indicators import catalogue

__all__ = ["Finding", "Known", "Registered", "Severity", "blocking", "evaluate", "without_function"]


@dataclass(frozen=True)
class Finding:
    """Something that does not agree. `path` leads to the value: ("J7", 2, "contract_no") is the third row's.

    `message` begins with the codes of the indicators and tells the way on.
    """

    key: str
    rule: str
    severity: Severity
    codes: tuple[str, ...]
    message: str
    path: Path

    @property
    def blocks(self) -> bool:
        """Whether the declaration is not taken while this stands."""
        return self.severity is Severity.BLOCK


def evaluate(
    declaration: Mapping[str, Any], *, on: date, known: Known | None = None, name: str = "fujian"
) -> list[Finding]:
    """Everything that does not agree in the declaration on a day, in the order of the rulebook's checks."""
    rules = book(name)
    asked = Declaration(declaration, on, known or Known(), catalogue(name))
    return [_finding(row, hit) for row in rules.cross_checks for hit in CHECKS[row.key](asked, row)]


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """The findings for which a declaration is not taken."""
    return [finding for finding in findings if finding.blocks]


def without_function(rules: Rulebook) -> set[str]:
    """The checks that only the rulebook or only this module knows; empty when all is well."""
    return {row.key for row in rules.cross_checks} ^ CHECKS.keys()


def _finding(row: CrossCheck, hit: Hit) -> Finding:
    codes = hit.codes or row.codes
    message = f"{'、'.join(codes)}：{row.message.format(**hit.words)}。"
    return Finding(row.key, row.rule, row.severity, codes, message, hit.path)
