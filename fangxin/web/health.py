"""Alive, and ready: for whoever watches the server."""

from django.db import connection
from django.http import HttpRequest, JsonResponse

from fangxin.deadlines.clock import today
from fangxin.rules import book
from fangxin.rules.workdays import calendar
from fangxin.web.access import door


@door
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@door
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, rulebook and calendar are in order; 503 names the one that is not."""
    parts = {"database": _database(), "rulebook": _rulebook(), "calendar": _calendar()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if ready else "unready", **parts}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Exception:
        return "unreachable"
    return "ok"


def _rulebook() -> str:
    try:
        return "ok" if book("beijing").version and book("national").version else "empty"
    except Exception:
        return "broken"


def _calendar() -> str:
    try:
        calendar().is_working_day(today())
    except Exception:
        return "missing"
    return "ok"
