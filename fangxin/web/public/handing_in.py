"""What somebody without an account hands in: so many from one address, each act once, the receipt shown once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from axes.helpers import get_client_ip_address as client_address
from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.journal.actions import AlreadyDone
from fangxin.organisations.receipts import secret_for
from fangxin.organisations.refusals import ActRefused
from fangxin.web.public.allowance import Allowance

RECEIPT_AGE = 600  # seconds in which a receipt can be fetched


@dataclass(frozen=True)
class Receipt:
    """Number and secret for whoever handed something in: the page of that name shows them, once.

    The cookie names the act, from which the secret is derived; it is taken back with the page that shows
    it, so that a page lost on a poor line can be fetched again.
    """

    page: str
    template: str
    cookie: str
    salt: str

    def sent_for(self, number: str, act_key: UUID, **told: bool) -> HttpResponse:
        """303 to the receipt, for the browser that handed it in and no other; the page is told `told` besides."""
        answer = redirect(self.page)
        answer.status_code = 303
        answer.set_cookie(
            self.cookie, signing.dumps({**told, "number": number, "act": str(act_key)}, salt=self.salt),
            max_age=RECEIPT_AGE, path=reverse(self.page), httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
        return answer

    def shown(self, request: HttpRequest) -> HttpResponse:
        """The receipt; 404 for a browser that has none, or has seen it."""
        try:
            kept = signing.loads(request.COOKIES.get(self.cookie, ""), salt=self.salt, max_age=RECEIPT_AGE)
        except signing.BadSignature:
            return render(request, self.template, status=404)
        act = UUID(kept.pop("act"))
        context = {**kept, "secret": in_groups(secret_for(act))}
        page = render(request, self.template, context)
        page.delete_cookie(self.cookie, path=reverse(self.page), samesite="Strict")
        return page


def hand_in(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], str],
    *,
    again: Callable[[int], HttpResponse],
    receipt: Receipt,
    allowance: Allowance,
    too_many: str,
    beside: str | None = None,
    told: Mapping[str, bool] | None = None,
) -> HttpResponse:
    """The way to the receipt for what `act` took in, which returns its number; else the form `again` with a status.

    The same form sent twice is one act and leads to one receipt. A refusal stands at its field, or at `beside`.
    The receipt's page is `told` besides.
    """
    if not form.is_valid():
        return again(422)
    address = client_address(request)
    if allowance.used_up(address):
        form.add_error(None, too_many)
        page = again(429)
        page["Retry-After"] = str(allowance.wait)
        return page
    number = _number_of(form, act, beside)
    if number is None:
        return again(422)
    allowance.count(address)
    return receipt.sent_for(number, form.cleaned_data["act_key"], **(told or {}))


def in_groups(secret: str, size: int = 6) -> str:
    """The secret as it is read aloud and copied by hand."""
    return "-".join(secret[at : at + size] for at in range(0, len(secret), size))


def _number_of(form: Any, act: Callable[[], str], beside: str | None) -> str | None:
    try:
        return act()
    except AlreadyDone as done:
        return done.subject_id
    except ActRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else beside, str(refused))
        return None
