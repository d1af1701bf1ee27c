"""The first page: what one can complain about here, and what the law promises to whoever does."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fangxin.cases.terms import LINKS
from fangxin.deadlines.clock import today
from fangxin.rules import book
from fangxin.rules.citation import Cited
from fangxin.rules.limits import Limit
from fangxin.rules.sources import sources
from fangxin.web.access import public
from fangxin.web.public import DEFAULT

# The terms a citizen waits for, in the order in which they run.
PROMISED = ("company_reply", "handling_opinion", "ordered_rectification")
CONFIDENTIAL = "complainant_confidential"
EXAMPLES: Mapping[str, str] = {
    "trading": "无证售房、一房二卖、捂盘惜售",
    "brokerage": "虚假房源、乱收中介费、不退定金",
    "development": "延期交房、质量问题、不履行承诺",
    "property": "乱收物业费、服务不到位、侵占公共收益",
    "appraisal": "出具虚假估价报告",
    "surveying": "面积测算弄虚作假",
}


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, where to complain and follow, and the terms with their clauses."""
    limits = list(promises())
    context = {
        "promises": limits,
        "law": [quoted(rule) for rule in with_departures(book(DEFAULT).source("web"), *limits)],
        "confidential": confidential(),
        "links": [(title, EXAMPLES[key]) for key, title in LINKS.items()],
    }
    return render(request, "public/home.html", context)


def promises() -> Iterator[Limit]:
    """The promised terms in force today that the rulebook has."""
    limits = {limit.key: limit for limit in book(DEFAULT).limits(on=today())}
    return (limits[key] for key in PROMISED if key in limits)


def with_departures(*rules: Cited) -> Iterator[Cited]:
    """Each rule, followed by the sentences that allow a departure from it."""
    for rule in rules:
        yield rule
        yield from getattr(rule, "departures", ())


def confidential() -> dict[str, Any] | None:
    """The sentence that forbids to tell who complained, if the rulebook has one."""
    found = (quoted(rule) for rule in book(DEFAULT).provisions if rule.key == CONFIDENTIAL)
    return next(found, None)


def quoted(rule: Cited) -> dict[str, Any]:
    """The words of a rule and where they stand, as the law component shows them."""
    return {"quote": rule.quote, "clause": rule.clause, "source": f"《{sources()[rule.source].title}》"}
