"""The committee's rules on registration, review and publication, as anybody may read them (四（五）)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from fangxin.disclosure.queries import rule_versions, rules_in_force
from fangxin.disclosure.topics import TOPICS
from fangxin.web.access import public
from fangxin.web.public.query_forms import REGISTER


@public
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Each rule in force."""
    there = {rule["topic"]: rule for rule in rules_in_force(REGISTER)}
    rows = [
        {"topic": topic, "kind": title, **there[topic]} for topic, title in TOPICS.items() if topic in there
    ]
    return render(request, "public/rules.html", {"rules": rows})


@public
@require_safe
def rule(request: HttpRequest, topic: str) -> HttpResponse:
    """One rule, its latest version or the one that is asked for, and the list of all."""
    versions = rule_versions(REGISTER, topic) if topic in TOPICS else []
    asked = request.GET.get("version", "")
    shown = [one for one in versions if not asked or str(one["number"]) == asked]
    if not shown:
        raise Http404
    context = {
        "rule": shown[0], "versions": versions, "kind": TOPICS[topic], "latest": versions[0]["number"],
        "crumbs": [("管理制度", reverse("management_rules"))],
    }  # fmt: skip
    return render(request, "public/rule.html", context)
