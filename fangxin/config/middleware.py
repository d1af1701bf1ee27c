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


class WholeBody:
    """The body of a request, which ends where it was announced to end, or OSError.

    A line that breaks in the middle of sending would otherwise leave half a complaint, and say thank you for it.
    Whoever reads asks for no more than was announced.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def read(self, size: int) -> bytes:
        """So many octets."""
        return self._unless_broken(self.stream.read(size), size)

    def readline(self, size: int) -> bytes:
        """A line, or so many octets of it."""
        line: bytes = self.stream.readline(size)
        return line if line.endswith(b"\n") else self._unless_broken(line, size)

    @staticmethod
    def _unless_broken(octets: bytes, size: int) -> bytes:
        if len(octets) < size:
            raise OSError("the body of the request ended early")
        return octets


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
    """Refuses text that could not be read or stored before a form or the database meets it.

    NUL in the address and in cookies; a form said to be written in anything but UTF-8, since an encoding such as
    UTF-7 makes half characters and another, such as zip, is none.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return self.refuse(request, "网址中含有不可见的空字符（NUL），请删去后重试。")
        if any("\x00" in text for text in request.COOKIES.values()):
            return self.refuse(request, "浏览器发来的 Cookie 已损坏，请清除本站的 Cookie 后重试。")
        if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            return self.refuse(request, "本站只接受 UTF-8 编码的表单。请刷新页面后重新提交。")
        return self.get_response(request)

    @staticmethod
    def refuse(request: HttpRequest, why: str) -> HttpResponse:
        return render(request, "400.html", {"why": why}, status=400)


class AudienceMiddleware:
    """A page is closed until it says who may enter: a view without an access mark is never called.

    What a page answers is kept by no cache, unless the page says so itself.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if getattr(view, "access", None) is None:
            raise ImproperlyConfigured(
                f"{request.path}: the page does not say who may enter (fangxin.web.access)"
            )
