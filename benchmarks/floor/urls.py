"""Four bare views: one row written, one read, fifty listed as JSON, fifty listed as a page."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from benchmarks.floor.models import Row

SHOWN = ("id", "number", "title", "respondent", "link", "district", "source", "status", "officer", "due_on")


def insert(request: HttpRequest) -> HttpResponse:
    given = request.POST
    with transaction.atomic():
        row = Row.objects.create(title=given["title"], text=given["text"], respondent=given["respondent"])
    return JsonResponse({"id": row.pk})


def read(request: HttpRequest, pk: int) -> HttpResponse:
    row = Row.objects.get(pk=pk)
    return JsonResponse({name: getattr(row, name) for name in (*SHOWN, "text", "registered_at")})


def listed(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"rows": list(Row.objects.order_by("-registered_at").values(*SHOWN)[:50])})


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "floor.html", {"rows": Row.objects.order_by("-registered_at")[:50]})


urlpatterns = [path("insert", insert), path("read/<int:pk>", read), path("list", listed), path("page", page)]
