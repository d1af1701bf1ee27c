"""The public pages for search engines: every agency of the register with the day it last changed.

Django's own sitemaps read the whole register to date the list of its parts; these are written as they are read.
"""

from collections.abc import Iterable, Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from fangxin.agencies.published import listed_agencies, listed_count
from fangxin.disclosure.topics import TOPICS
from fangxin.web.access import public
from fangxin.web.public import REGISTER

# A file may name 50,000 pages; smaller ones are read sooner.
A_PART = 10_000
PAGES = (
    "home", "complain_where", "agencies", "coverage", "brokers", "publicity", "evaluations", "published_complaints",
    "management_rules", "authorised_query",
)  # fmt: skip
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@public
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list of the parts: 0 are the pages that stand still, the others the agencies in the order of their codes."""
    parts = range(1 + -(-listed_count(REGISTER) // A_PART))
    places = (request.build_absolute_uri(reverse("sitemap_part", args=[part])) for part in parts)
    lines = (f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    return _xml(f"<sitemapindex {_SPACE}>", lines, "</sitemapindex>")


@public
@require_safe
def sitemap_part(request: HttpRequest, part: int) -> HttpResponse:
    """One part; 404 behind the last."""
    found = list(_agencies(part) if part else _still())
    if not found:
        raise Http404
    site = request.build_absolute_uri("/").rstrip("/")
    lines = (f"<url><loc>{site}{path}</loc>{changed}</url>" for path, changed in found)
    return _xml(f"<urlset {_SPACE}>", lines, "</urlset>")


def _agencies(part: int) -> Iterator[tuple[str, str]]:
    # Codes are digits, capitals and hyphens: nothing in them needs escaping.
    for code, day in listed_agencies(REGISTER, (part - 1) * A_PART, A_PART):
        yield reverse("agency", args=[code]), f"<lastmod>{day}</lastmod>"


def _still() -> Iterator[tuple[str, str]]:
    yield from ((reverse(name), "") for name in PAGES)
    yield from ((reverse("management_rule", args=[topic]), "") for topic in TOPICS)


def _xml(head: str, lines: Iterable[str], end: str) -> HttpResponse:
    whole = "\n".join((head, *lines, end, ""))
    return HttpResponse(_HEAD + whole, content_type="application/xml; charset=utf-8")
