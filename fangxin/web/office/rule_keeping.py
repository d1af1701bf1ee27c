"""The committee writes its rules; each publication is a version of its own."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.disclosure.actions import keep_rule, may_keep
from fangxin.disclosure.queries import rule_versions, rules_in_force
from fangxin.disclosure.topics import TOPICS
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, Line, Lines, attempt

KEEPERS = (Role.PRECHECKER, Role.DEPARTMENT_HEAD)


class RuleForm(ActForm):
    """A version of a rule."""

    title = Line("标题", 100)
    text = Lines("正文", 50_000, rows=20, help_text="空行分段。发布后向社会公开，以前的各版仍可查看。")


@office(*KEEPERS)
def rules(request: ActingRequest) -> HttpResponse:
    """The rules, and which version each has reached."""
    _expect_keeper(request)
    there = {rule["topic"]: rule for rule in rules_in_force(request.acting.jurisdiction)}
    rows = [
        {"kind": title, "latest": there.get(topic), "url": reverse("keep_rule", args=[topic])}
        for topic, title in TOPICS.items()
    ]
    return render(request, "office/management_rules.html", {"heading": "管理制度", "rows": rows})


@office(*KEEPERS)
def rule(request: ActingRequest, topic: str) -> HttpResponse:
    """Writes the next version, beginning from the latest."""
    _expect_keeper(request)
    if topic not in TOPICS:
        raise Http404
    versions = rule_versions(request.acting.jurisdiction, topic)
    latest = versions[0] if versions else {"number": 0, "title": TOPICS[topic], "text": ""}
    begun = {"title": latest["title"], "text": latest["text"], "turn": latest["number"]}
    form = RuleForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: keep_rule(topic, title=given["title"], text=given["text"], by=request.acting, **form.act),
        )
        if done:
            messages.success(request, f"{TOPICS[topic]}已发布。")
            return redirect("keep_rules")
    context = {
        "heading": TOPICS[topic], "form": form, "versions": versions, "topic": topic,
        "crumbs": [("管理制度", reverse("keep_rules"))],
    }  # fmt: skip
    return render(request, "office/management_rule.html", context, status=422 if form.is_bound else 200)


def _expect_keeper(request: ActingRequest) -> None:
    if not may_keep(request.acting):
        raise Http404
