"""文书验证: whether a sheet in somebody's hand was issued here. The page says so, and nothing else of the matter."""

from axes.helpers import get_client_ip_address as client_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from fangxin.investigations.queries import sheet_of_code
from fangxin.web.access import intake
from fangxin.web.public.allowance import Allowance


@intake
@never_cache
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The code in, and out whether a sheet bears it: its title, number, issuer and day, or that it is void."""
    code = request.GET.get("code", "")[:64]
    context = {"heading": "文书验证", "code": code, "found": None, "problem": ""}
    if not code.strip():
        return render(request, "public/verify.html", context)
    allowance = Allowance("verifications", settings.WRONG_FOLLOWS_PER_TEN_MINUTES, 600)
    address = client_address(request)
    if allowance.used_up(address):
        context["problem"] = "这个网络地址短时间内验证失败过多，请十分钟后再试。"
        page = render(request, "public/verify.html", context, status=429)
        page["Retry-After"] = str(allowance.wait)
        return page
    found = sheet_of_code(code) if code.isprintable() else None
    if found is None:
        allowance.count(address)
        context["problem"] = (
            "没有印着这个验证码的文书。请照文书下方的验证码核对后再试；仍然不符的，请向发送单位核实。"
        )
    return render(request, "public/verify.html", {**context, "found": found}, status=200 if found else 422)
