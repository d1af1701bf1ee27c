"""What is said when something went wrong; nothing of what was sent is repeated."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be read; 413 when it holds more text than any form."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", {"message": "填写的内容超过了允许的大小，没有保存。"}, status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: mostly a form that lay open too long."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, and not yours, in the same bytes."""
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return render(request, "500.html", status=500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """403 for a form without a valid token; a view's own `when_expired` gives back what was typed."""
    again = getattr(getattr(request.resolver_match, "func", None), "when_expired", None)
    if again is not None:
        page: HttpResponseBase = again(request)
        return page
    return render(request, "403.html", {"form_expired": True}, status=403)
