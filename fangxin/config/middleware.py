"""What every request passes: clean text in, a declared audience, one answer for what went wrong."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

Next = Callable[[HttpRequest], HttpResponseBase]


def client_address(request: HttpRequest) -> str:
    """The address of the caller; forwarded headers count only as far as trusted proxies stand before us."""
    trusted: int = settings.TRUSTED_PROXIES
    if trusted:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= trusted:
            return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


class BodyLimitMiddleware:
    """Answers a body larger than any form before reading it; the limit is higher where files are sent."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        with_files = request.content_type == "multipart/form-data"
        if length > (settings.LARGEST_UPLOAD if with_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            return render(request, "413.html", status=413)
        return self.get_response(request)


class UntrustedTextMiddleware:
    """Refuses NUL bytes and unpaired surrogates before they reach a form or the database, which cannot store them."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return self.refuse(request, "网址中含有不可见的空字符（NUL），请删去后重试。")
        return self.get_response(request)

    @staticmethod
    def refuse(request: HttpRequest, why: str) -> HttpResponse:
        return render(request, "400.html", {"why": why}, status=400)


class AudienceMiddleware:
    """A page is closed until it says who may enter: a view without an access mark is never called."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if getattr(view, "access", None) is None:
            raise ImproperlyConfigured(
                f"{request.path}: the page does not say who may enter (fangxin.web.access)"
            )
