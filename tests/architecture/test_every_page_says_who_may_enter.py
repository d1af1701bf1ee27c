"""A page that does not say who may enter is never served."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path

from fangxin.config.urls import urlpatterns as ours
from fangxin.organisations.roles import OFFICE_ROLES, Role

MARKS = {"door", "public", "intake", "grantee", "signed_in", "office", "enterprise"}
# What stands before every address of a room, and the mark its pages wear.
ROOMS = {"office/": "office", "enterprise/": "enterprise"}
# Here both rooms answer, to programs.
BOTH = "api/"
# Pages of a room for whoever is signed in, whichever the room.
ANYBODY_SIGNED_IN: set[str] = set()


def pages(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern), pattern.callback


ALL = sorted(pages(), key=lambda page: page[0])


@pytest.mark.parametrize(("address", "view"), ALL, ids=[address or "/" for address, _ in ALL])
def test_a_page_wears_a_mark(address: str, view: Callable[..., Any]) -> None:
    assert getattr(view, "access", None) in MARKS, f"/{address}: which of fangxin.web.access?"


@pytest.mark.parametrize(("address", "view"), ALL, ids=[address or "/" for address, _ in ALL])
def test_a_page_of_a_room_wears_the_mark_of_the_room(address: str, view: Any) -> None:
    for start, mark in ROOMS.items():
        if address.startswith(start):
            assert view.access == mark or address in ANYBODY_SIGNED_IN
            return
    if not address.startswith(BOTH):
        assert view.access not in ROOMS.values(), f"/{address} is the desk of nobody"


def test_a_page_for_some_roles_names_roles_of_the_office() -> None:
    for address, view in ALL:
        for role in getattr(view, "roles", ()):
            assert isinstance(role, Role), address
            assert role in OFFICE_ROLES, address


def test_every_page_has_a_name() -> None:
    """The access matrix speaks of pages by name."""
    names = [pattern.name for pattern in _patterns(ours)]
    assert all(names)
    assert len(names) == len(set(names))


def unmarked(request: HttpRequest) -> HttpResponse:
    raise AssertionError("was called")


urlpatterns = [*ours, path("unmarked/", unmarked)]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_page_without_a_mark_is_not_called() -> None:
    with pytest.raises(ImproperlyConfigured, match="does not say who may enter"):
        Client().get("/unmarked/")
    assert Client(raise_request_exception=False).get("/unmarked/").status_code == 500


def _patterns(patterns: Any) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern
