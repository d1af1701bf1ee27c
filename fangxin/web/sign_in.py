"""Signing in and out, one's password, and in which membership one acts."""

from typing import Any

from axes.helpers import get_client_ip_address as client_address
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from fangxin.deadlines.clock import today
from fangxin.organisations import actions, queries
from fangxin.organisations.one_time_links import VALID_DAYS, user_of_link
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.web import sessions
from fangxin.web.access import door, signed_in

LONGEST_PASSWORD = 256


class SignInForm(AuthenticationForm):
    """User name and password; one answer for a wrong password, an unknown name and a closed account."""

    error_messages = {
        "invalid_login": "用户名或密码不正确。请核对大小写后重试；连续5次不正确将锁定30分钟。",
        "inactive": "用户名或密码不正确。请核对大小写后重试；连续5次不正确将锁定30分钟。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        username, password = self.fields["username"], self.fields["password"]
        username.label, password.label = "用户名", "密码"
        username.error_messages["required"] = "请填写用户名。"
        password.error_messages["required"] = "请填写密码。"
        password.widget.attrs["maxlength"] = LONGEST_PASSWORD
        if self.is_bound:
            # What is wrong is read first.
            del username.widget.attrs["autofocus"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        longest = self.username_field.max_length or LONGEST_PASSWORD
        if len(username) > longest:
            raise forms.ValidationError(f"不得超过{longest}个字符。")
        return username

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if len(password) > LONGEST_PASSWORD:
            raise forms.ValidationError(f"不得超过{LONGEST_PASSWORD}个字符。")
        return password


class ChangePasswordForm(forms.Form):
    """The password in use, and the new one twice."""

    old_password = forms.CharField(
        label="原密码",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "请填写原密码。"},
    )
    new_password1 = forms.CharField(
        label="新密码",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请填写新密码。"},
    )
    new_password2 = forms.CharField(
        label="再次输入新密码",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请再次填写新密码。"},
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        if self.is_bound:
            del self.fields["old_password"].widget.attrs["autofocus"]

    def clean_old_password(self) -> str:
        old_password: str = self.cleaned_data["old_password"]
        if not self.user.check_password(old_password):
            raise forms.ValidationError("不正确，请重新输入现在使用的密码。")
        return old_password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password1"), cleaned.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", "两次输入的新密码不一致，请重新输入。")
        return cleaned


class SetPasswordForm(forms.Form):
    """The first password of a new account, twice."""

    new_password1 = forms.CharField(
        label="新密码",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请填写新密码。"},
    )
    new_password2 = forms.CharField(
        label="再次输入新密码",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请再次填写新密码。"},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password1"), cleaned.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", "两次输入的新密码不一致，请重新输入。")
        return cleaned


class SignIn(LoginView):
    """The sign-in page; where to afterwards is only ever a page of ours."""

    template_name = "sign_in/sign_in.html"
    authentication_form = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            if request.user.must_change_password:
                return redirect("change_password")
            if memberships := queries.memberships_of(_user_id(request)):
                return redirect(self.get_redirect_url() or home_of(memberships[0]))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if queries.too_many_failures(client_address(request)):
            return too_many(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        next_page = self.get_redirect_url()
        super().form_valid(form)
        request, user = self.request, form.get_user()
        memberships = queries.memberships_of(user.pk)
        sessions.begin(request)
        actions.record_seen(user.pk, today())
        chosen = memberships[0] if memberships else None
        actions.record_sign_in(user.pk, client_address(request), by=queries.actor(user.pk, chosen))
        if chosen:
            request.session["membership"] = chosen.membership_id
        if user.must_change_password:
            return redirect("change_password")
        if chosen is None:
            return redirect("sign_in")
        return redirect(next_page or home_of(chosen))


sign_in = door(never_cache(sensitive_post_parameters("password")(SignIn.as_view())))


@door
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The session is gone, and so is everything that was in it."""
    if request.user.is_authenticated:
        user_id = _user_id(request)
        actions.record_sign_out(user_id, by=queries.actor(user_id, _chosen(request)))
        logout(request)
    return redirect("sign_in")


@signed_in
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """One's own password is changed; every other session of the account ends."""
    user_id = _user_id(request)
    form = ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = _chosen(request)
        try:
            user = actions.change_password(
                user_id, form.cleaned_data["new_password1"], on=today(), by=queries.actor(user_id, chosen)
            )
        except ActRefused as refused:
            form.add_error("new_password1", str(refused).removeprefix("新密码：").removeprefix("密码："))
        else:
            update_session_auth_hash(request, user)
            messages.success(request, "密码已修改，下次登录请用新密码。")
            return redirect(home_of(chosen) if chosen else "sign_in")
    status = 422 if form.errors else 200
    # Django's Chinese says 你; an authority says 您.
    rules = [rule.replace("你", "您") for rule in password_validators_help_texts()]
    return render(request, "sign_in/change_password.html", {"form": form, "rules": rules}, status=status)


@door
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Whoever holds the link sets the account's first password; a link that is used, old or wrong says only that."""
    user = user_of_link(uid, token)
    if user is None:
        return render(request, "sign_in/set_password.html", {"days": VALID_DAYS}, status=404)
    form = SetPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by = queries.actor(user.pk, next(iter(queries.memberships_of(user.pk)), None))
        try:
            actions.change_password(user.pk, form.cleaned_data["new_password1"], on=today(), by=by)
        except ActRefused as refused:
            form.add_error("new_password1", str(refused).removeprefix("新密码：").removeprefix("密码："))
        else:
            messages.success(request, "密码已设置，请用它登录。")
            return redirect("sign_in")
    rules = [rule.replace("你", "您") for rule in password_validators_help_texts()]
    context = {"form": form, "rules": rules, "username": user.get_username()}
    return render(request, "sign_in/set_password.html", context, status=422 if form.errors else 200)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def switch_membership(request: HttpRequest) -> HttpResponse:
    """One acts in another of one's own memberships; anybody else's is not there."""
    user_id = _user_id(request)
    if request.method == "POST":
        wanted = request.POST.get("membership", "")
        chosen = queries.acting(int(wanted), user_id) if wanted.isdecimal() and len(wanted) < 16 else None
        if chosen is None:
            raise Http404
        actions.record_switch(chosen, request.session.get("membership"))
        request.session["membership"] = chosen.membership_id
        request.session.cycle_key()
        return redirect(home_of(chosen))
    now = _chosen(request)
    return render(
        request,
        "sign_in/memberships.html",
        {"memberships": queries.memberships_of(user_id), "chosen_id": now.membership_id if now else None},
    )


def locked_out(request: HttpRequest, response: HttpResponseBase, credentials: dict[str, Any]) -> HttpResponse:
    """The answer to a name locked at this address; the same whether an account bears the name or not."""
    failures = getattr(request, "axes_failures_since_start", None)
    # The failure that closed the lock is written down; those that knock on it afterwards are not.
    if failures == settings.AXES_FAILURE_LIMIT:
        username = str((credentials or {}).get("username") or "")
        actions.record_lock_out(username, client_address(request), failures)
    return _locked_page(request, "该用户名在此地址连续5次登录失败，已锁定。", minutes=30)


def too_many(request: HttpRequest) -> HttpResponse:
    """The answer to an address that failed too often, whichever names it tried."""
    return _locked_page(request, "此地址10分钟内登录失败过多，暂不接受登录。", minutes=10)


def home_of(chosen: Acting) -> str:
    """The desk of the office or of the company."""
    return reverse("desk" if chosen.in_office else "enterprise_desk")


def _locked_page(request: HttpRequest, why: str, minutes: int) -> HttpResponse:
    page = render(request, "sign_in/locked_out.html", {"why": why, "minutes": minutes}, status=429)
    page["Retry-After"] = str(minutes * 60)
    return page


def _user_id(request: HttpRequest) -> int:
    """Of a request known to be signed in."""
    return int(request.user.pk or 0)


def _chosen(request: HttpRequest) -> Acting | None:
    user_id = _user_id(request)
    chosen = request.session.get("membership")
    found = queries.acting(chosen, user_id) if chosen else None
    return found or next(iter(queries.memberships_of(user_id)), None)
