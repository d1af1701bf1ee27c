"""What is said when something went wrong; nothing of what was sent is repeated."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

LONGEST_FORGOTTEN = 20  # characters; a shorter text is soon written again
SECRETS = ("csrf", "password", "secret", "act_key")


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


def typed(request: HttpRequest) -> list[str]:
    """The longer texts of a form that nobody was there to take, for whoever wrote them to copy; no codes, no secrets."""
    return [
        text
        for name, texts in request.POST.lists()
        for text in texts
        if len(text) > LONGEST_FORGOTTEN
        and not (text.isascii() and " " not in text)
        and not any(word in name for word in SECRETS)
    ]


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """403 for a form without a valid token; a view's own `when_expired` gives back what was typed."""
    again = getattr(getattr(request.resolver_match, "func", None), "when_expired", None)
    if again is not None:
        page: HttpResponseBase = again(request)
        return page
    # Another site's form is not answered with its words on a page of ours.
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    return render(
        request, "403.html", {"form_expired": True, "typed": typed(request) if ours else []}, status=403
    )
