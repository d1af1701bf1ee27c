"""Who may enter a page. Every view wears one of these marks; a page without one is never served.

The mark also opens the request's single transaction in the audience's database role, so that a page cannot
read with more right than its reader has.
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.organisations.asked_often import asked_ahead
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.queries import asked_of_a_reader, memberships_of
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.web.errors import typed
from fangxin.web.sessions import session_row, still_open

View = Callable[..., HttpResponseBase]
# In which membership a form was opened: whoever acts for two companies has one of them in another window.
ACTING_AS = "acting_as"
# Whose account each session was when it was last seen: what to ask ahead, and never whom to believe.
MOST_HOLDERS = 10_000
_holders: dict[str, int] = {}


class ActingRequest(HttpRequest):
    """A request whose reader acts for a body or a company."""

    acting: Acting
    memberships: list[Acting]


def door(view: View) -> View:
    """Sign-in and its like: anybody, in the login's own narrow rights."""
    return _marked(view, "door")


def public(view: View) -> View:
    """Anybody; reads what is published and nothing else."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with speaking_as(Speaker(Audience.PUBLIC)):
            return view(request, *args, **kwargs)

    return _marked(entered, "public")


def intake(view: View) -> View:
    """Anybody; may hand in a complaint, and read one's own by number and secret."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with speaking_as(Speaker(Audience.INTAKE)):
            return view(request, *args, **kwargs)

    return _marked(entered, "intake")


def grantee(view: View) -> View:
    """Anybody; of the register nothing, unless they hold the number and secret of a grant that runs."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with speaking_as(Speaker(Audience.GRANTEE)):
            return view(request, *args, **kwargs)

    return _marked(entered, "grantee")


def signed_in(view: View) -> View:
    """Anybody with an account, in whichever membership."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated or not still_open(request):
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    return _marked(entered, "signed_in")


def office(*roles: Role) -> Callable[[View], View]:
    """People of a body; with roles named, only those roles."""

    def mark(view: View) -> View:
        @wraps(view)
        def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            reader = _acting(request)
            if reader is None:
                return _to_sign_in(request)
            if not reader.in_office or (roles and reader.role not in roles):
                return _not_here(request)
            request.acting = reader
            speaker = Speaker(Audience.OFFICE, reader.user_id, reader.body_id or 0)
            return _entered(speaker, view, request, *args, **kwargs)

        return _marked(entered, "office", roles)

    return mark


def enterprise(view: View) -> View:
    """People of a company; row policies show them their own company's rows only."""

    @wraps(view)
    def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        reader = _acting(request)
        if reader is None:
            return _to_sign_in(request)
        if reader.company_id is None:
            return _not_here(request)
        request.acting = reader
        speaker = Speaker(Audience.ENTERPRISE, reader.user_id, 0, reader.company_id)
        if request.POST.get(ACTING_AS, str(reader.membership_id)) != str(reader.membership_id):
            return _of_another_company(speaker, request)
        return _entered(speaker, view, request, *args, **kwargs)

    return _marked(entered, "enterprise")


def _acting(request: HttpRequest) -> Acting | None:
    """The reader in the membership chosen this session, or in the first of their memberships."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    expected = _holders.get(key)
    # The session, and whoever held it last time: should it be somebody else's by now, they are asked for.
    likely = asked_of_a_reader(expected) if expected else []
    with asked_ahead((session_row, key), *likely):
        number = int(request.session.get(SESSION_KEY) or 0)
        if number == expected:
            return _found(request)
    if len(_holders) >= MOST_HOLDERS:
        _holders.clear()
    if number:
        _holders[key] = number
    with asked_ahead(*asked_of_a_reader(number)) if number else nullcontext():
        return _found(request)


def _found(request: HttpRequest) -> Acting | None:
    if not request.user.is_authenticated or not still_open(request) or request.user.must_change_password:
        return None
    # Read before any audience's role is taken: accounts are open to the login alone.
    mine = memberships_of(int(request.user.pk))
    request.memberships = mine  # type: ignore[attr-defined]
    if not mine:
        return None
    chosen = request.session.get("membership")
    found = next((one for one in mine if one.membership_id == chosen), None)
    if found is None:
        found = mine[0]
        request.session["membership"] = found.membership_id
    return found


def _entered(
    speaker: Speaker, view: View, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    """Calls the page in one transaction; a refused act undoes it and is answered in the table's own words."""
    try:
        with speaking_as(speaker):
            return view(request, *args, **kwargs)
    except ActRefused as refused:
        with speaking_as(speaker):
            return render(request, "409.html", {"message": str(refused)}, status=409)
    except Exception:
        # The page that says so is drawn with the login's rights: it shows nobody's name or messages, and what
        # is not there looks the same to everybody.
        del request.acting  # type: ignore[attr-defined]
        raise


def _of_another_company(speaker: Speaker, request: Any) -> HttpResponse:
    """409: the form was opened for one company, and meanwhile its writer acts for another; neither gets it."""
    message = (
        f"这张表单是您代表另一家企业打开的，而您现在代表的是{request.acting.capacity}。"
        "填写的内容没有保存；请先在右上角换回原来的身份，再重新打开这一页。"
    )
    with speaking_as(speaker):
        if request.headers.get("HX-Request"):
            page = "enterprise/register_not_saved.html"
            return render(request, page, {"problem": message}, status=409)
        return render(request, "409.html", {"message": message, "typed": typed(request)}, status=409)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("sign_in")})
    if request.method == "POST" and (texts := typed(request)):
        return render(request, "sign_in/signed_out.html", {"typed": texts}, status=403)
    return redirect(f"{reverse('sign_in')}?next={quote(request.get_full_path())}")


def _not_here(request: HttpRequest) -> HttpResponseBase:
    # The same answer as for a page that does not exist: what is not yours is not there.
    raise Http404


def _marked(view: View, access: str, roles: tuple[Role, ...] = ()) -> View:
    view.access = access  # type: ignore[attr-defined]
    view.roles = roles  # type: ignore[attr-defined]
    return view
