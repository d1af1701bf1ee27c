"""The tables of a declaration, one page each: written in at leisure, saved as typed, nothing lost (附件1)."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fangxin.agencies.actions import add_picture, remove_picture, remove_row, save_row, save_table
from fangxin.agencies.actions.declaring import Seen, checked_now, open_declaration
from fangxin.agencies.queries import declared_values
from fangxin.agencies.values import ROW_KEY, declared_fields, declared_tables, edition, rows_of
from fangxin.agencies.workflow import State
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.rules import book
from fangxin.rules.crosschecks import Finding
from fangxin.rules.indicators import Field, Table, catalogue
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.enterprise.controls import PICTURE, Group, groups_of, shown, typed_row
from fangxin.web.enterprise.progress import is_missing, row_title, table_steps, table_url
from fangxin.web.enterprise.register import crumbs, own_agency

ROWS_A_PAGE = 50
LONGEST_KEY = 64
EXPIRED = "页面已过期，刚才的内容还没有保存。填写的都还在下面，请再保存一次。"


class Page:
    """A table of the reader's open declaration, and of its rows the one that is written in."""

    def __init__(self, request: ActingRequest, code: str, key: str = "") -> None:
        self.agency = own_agency(request)
        self.declaration: Any = open_declaration(self.agency)
        tables = {one.code: one for one in declared_tables(self.agency.jurisdiction)}
        if code not in tables or (key and not tables[code].many) or len(key) > LONGEST_KEY:
            raise Http404
        self.request, self.table, self.key = request, tables[code], key
        self.jurisdiction: str = self.agency.jurisdiction

    @property
    def is_draft(self) -> bool:
        """Whether the agency may write in it now."""
        return self.declaration is not None and self.declaration.state == State.DRAFT

    def read(self) -> None:
        """Values and findings as they stand now."""
        self.declaration = open_declaration(self.agency)
        self.values = declared_values(self.declaration)
        self.findings = checked_now(self.declaration).findings
        self.rows = rows_of(self.values, self.table.code)

    @property
    def place(self) -> int:
        """Where the row stands among its fellows; behind them when it is new."""
        return next((at for at, row in enumerate(self.rows) if row.get(ROW_KEY) == self.key), len(self.rows))

    @property
    def row(self) -> Mapping[str, Any]:
        """The row that is written in, as it is kept."""
        place = self.place if self.key else 0
        return self.rows[place] if place < len(self.rows) else {}

    @property
    def found_here(self) -> list[Finding]:
        """What was found in this row."""
        here = [one for one in self.findings if one.path and one.path[0] == self.table.code]
        return [one for one in here if one.path[1:2] == (self.place,)] if self.key else here

    @property
    def url(self) -> str:
        """The page's own address."""
        if self.key:
            return reverse("register_row", args=[self.table.code, self.key])
        return table_url(self.table.code)

    def save(self, row: Mapping[str, Any]) -> None:
        """What was typed is kept."""
        by, seen = self.request.acting, self.seen
        if self.key:
            save_row(self.declaration.pk, self.table.code, self.key, row, by=by, seen=seen)
        else:
            save_table(self.declaration.pk, self.table.code, [row], by=by, seen=seen)

    @property
    def seen(self) -> Seen:
        """What the writer had before them, as the page they sent says."""
        return Seen(self.request.POST.get("seen", "")[:64], self.request.POST.get("window", "")[:64])

    @property
    def edition(self) -> str:
        """The sign of what is kept of the row."""
        return edition(self.row, declared_fields(self.jurisdiction, self.table.code))

    def otherwise(self, typed: Mapping[str, Any]) -> list[tuple[Field, str, str]]:
        """Where what is kept is not what was typed: the field, what is kept, what was typed."""
        both = (
            (one, shown(one, self.row.get(one.column) or ""), shown(one, typed.get(one.column) or ""))
            for one in declared_fields(self.jurisdiction, self.table.code)
            if one.type != "image"
        )
        return [(one, kept, ours) for one, kept, ours in both if kept != ours]

    def groups(self, row: Mapping[str, Any] | None = None, *, with_missing: bool = False) -> list[Group]:
        """The controls of the row, or of what was typed instead of it."""
        return groups_of(
            self.jurisdiction, self.table, self.row if row is None else row, values=self.values,
            findings=self.found_here, returned=self.declaration.return_reasons, with_missing=with_missing,
        )  # fmt: skip

    def context(self, **more: Any) -> dict[str, Any]:
        """What every page of a table shows."""
        steps = table_steps(self.jurisdiction, self.values, self.findings, current=self.table.code)
        codes = [step.code for step in steps]
        at = codes.index(self.table.code)
        here = self.found_here
        columns = {one.column for one in declared_fields(self.jurisdiction, self.table.code)}
        return {
            "table": self.table, "steps": steps, "declaration": self.declaration, "row_key": self.key,
            "declared": next(one for one in book(self.jurisdiction).declared_tables if one.key == self.table.code),
            "heading": f"{self.table.code} {self.table.title}", "crumbs": crumbs(),
            "next_step": steps[at + 1] if at + 1 < len(steps) else None,
            "wrong": sum(one.blocks and not is_missing(self.values, one) for one in here),
            "short": sum(is_missing(self.values, one) for one in here),
            # What is said of the table as a whole, or of a field that others fill in.
            "said_of_all": [one for one in here if one.path[-1] not in columns],
            "seen": self.edition,
            "reasons_elsewhere": _reasons_elsewhere(self.declaration, self.table, columns),
            **more,
        }  # fmt: skip


@enterprise
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: ActingRequest, code: str) -> HttpResponse:
    """One table to write in; of one with many rows, their list."""
    page = Page(request, code)
    if page.table.many:
        return _list(page)
    return _form(page)


@enterprise
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: ActingRequest, code: str, key: str) -> HttpResponse:
    """One sheet of a table that has many: a shareholder, a project, a person."""
    return _form(Page(request, code, key))


@enterprise
def new_row(request: ActingRequest, code: str) -> HttpResponse:
    """An empty sheet, which is kept with the first thing written on it."""
    page = Page(request, code)
    if not page.table.many:
        raise Http404
    return redirect("register_row", code, uuid4().hex)


@enterprise
@require_POST
def drop_row(request: ActingRequest, code: str, key: str) -> HttpResponse:
    """The sheet is gone from the draft."""
    page = Page(request, code, key)
    if page.declaration is None:
        return redirect("register")
    remove_row(page.declaration.pk, code, key, by=request.acting)
    messages.success(request, f"{code}已删去一张。")
    return redirect("register_table", code)


def _list(page: Page) -> HttpResponse:
    if not page.is_draft:
        return _not_now(page)
    page.read()
    numbered = [
        {
            "number": at + 1, "title": row_title(page.table, row),
            "url": reverse("register_row", args=[page.table.code, row.get(ROW_KEY) or "-"]),
            "drop_url": reverse("register_drop_row", args=[page.table.code, row.get(ROW_KEY) or "-"]),
            **_faults(page, at),
        }
        for at, row in enumerate(page.rows)
    ]  # fmt: skip
    context = page.context(
        page=Paginator(numbered, ROWS_A_PAGE).get_page(page.request.GET.get("page")),
        reasons_elsewhere=_reasons_elsewhere(page.declaration, page.table, set()),
    )
    return render(page.request, "enterprise/register_rows.html", context)


def _faults(page: Page, at: int) -> dict[str, int]:
    here = [one for one in page.found_here if one.path[1:2] == (at,)]
    short = sum(is_missing(page.values, one) for one in here)
    return {
        "short": short,
        "wrong": sum(one.blocks for one in here) - short,
        "warned": sum(not one.blocks for one in here),
    }


def _form(page: Page) -> HttpResponse:
    request = page.request
    if request.method != "POST":
        if not page.is_draft:
            return _not_now(page)
        page.read()
        with_missing = "all" in request.GET
        return _shown(page, page.groups(with_missing=with_missing), saved="saved" in request.GET)
    typed = typed_row(request.POST, page.jurisdiction, page.table.code)
    if not page.is_draft:
        return _kept_on_the_page(page, typed, _why_not(page), 409)
    do, _, what = request.POST.get("do", "save").partition(":")
    try:
        _copy(page, do, what, typed)
        page.save(typed)
        _pictures(page, do, what)
    except SomebodyWasFirst as refused:
        return _kept_on_the_page(page, typed, str(refused), 409, was_first=True)
    except ActRefused as refused:
        return _kept_on_the_page(page, typed, str(refused), 422)
    page.read()
    if request.headers.get("HX-Request"):
        return render(request, "enterprise/register_saved.html", _saved(page))
    if do == "next" and not any(one.blocks and not is_missing(page.values, one) for one in page.found_here):
        return redirect(_next_url(page))
    anchor = f"#{what.replace('+', '_')}" if what and do in {"same", "upload"} else ""
    return redirect(f"{page.url}?saved=1{anchor}")


def _copy(page: Page, do: str, what: str, typed: dict[str, Any]) -> None:
    """The address for letters is that of the office (J1-05)."""
    if do == "same":
        by_code = {one.code: one for one in declared_fields(page.jurisdiction, page.table.code)}
        if what in by_code and by_code[what].same_as in by_code:
            typed[by_code[what].column] = typed[by_code[by_code[what].same_as].column]


def _pictures(page: Page, do: str, what: str) -> None:
    request = page.request
    if do == "drop":
        code, _, number = what.partition(":")
        remove_picture(page.declaration.pk, code, number, by=request.acting)
    sent = [
        (name.removeprefix(f"{PICTURE}-"), files[0])
        for name, files in request.FILES.lists()
        if name.startswith(PICTURE)
    ]
    for code, file in sent:
        add_picture(page.declaration.pk, code, file, by=request.acting)
    if do == "upload" and not sent:
        raise ActRefused(f"{what}：请先选择照片文件，再按上传。", what)


def _next_url(page: Page) -> str:
    if page.key:
        return table_url(page.table.code)
    following = page.context()["next_step"]
    return following.url if following else reverse("register_check")


def _saved(page: Page) -> dict[str, Any]:
    controls = [control for group in page.groups() for control in group.controls]
    return page.context(controls=controls, saved=True, at=timezone.localtime())


def _shown(
    page: Page, groups: list[Group], *, saved: bool = False, problem: str = "", status: int = 200, **more: Any
) -> HttpResponse:
    context = page.context(
        groups=groups, saved=saved, problem=problem, at=timezone.localtime(page.declaration.saved_at),
        row_number=page.place + 1 if page.key else 0, is_new=bool(page.key) and page.place >= len(page.rows),
        picture_names=",".join(
            f"{PICTURE}-{one.of.code}" for group in groups for one in group.controls if one.takes_pictures
        ),
        **{"window": uuid4().hex, **more},
    )  # fmt: skip
    return render(page.request, "enterprise/register_table.html", context, status=status)


def _kept_on_the_page(
    page: Page, typed: Mapping[str, Any], problem: str, status: int, *, was_first: bool = False
) -> HttpResponse:
    """Not saved: what was typed stays in the form, and the page says why.

    Who was told that somebody else was first has now seen what is kept, and may save over it.
    """
    if page.request.headers.get("HX-Request"):
        return render(page.request, "enterprise/register_not_saved.html", {"problem": problem}, status=status)
    if page.declaration is None:
        raise ActRefused(problem)
    page.read()
    kept = {column: value for column, value in page.row.items() if column not in typed}
    seen, more = page.seen, dict[str, Any]()
    if was_first:
        more["otherwise"] = page.otherwise(typed)
    elif seen.edition:
        more |= {"seen": seen.edition, "window": seen.window}
    return _shown(page, page.groups({**kept, **typed}), problem=problem, status=status, **more)


def _why_not(page: Page) -> str:
    if page.declaration is None:
        return "这份申报已经审核通过，刚才的内容没有保存；请重新开始填报。"
    return (
        f"这份申报现为“{page.declaration.get_state_display()}”，刚才的内容没有保存；"
        "须先撤回或者补正，再把下面的内容保存一次。"
    )


def _not_now(page: Page) -> HttpResponse:
    if page.declaration is not None:
        messages.info(
            page.request,
            f"这份申报现为“{page.declaration.get_state_display()}”，要修改须先撤回或者补正。",
        )
    return redirect("register")


def _reasons_elsewhere(declaration: Any, table: Table, columns: set[str]) -> list[tuple[str, str, str]]:
    """Reasons for fields of this table that the agency does not fill in itself."""
    fields = {one.code: one for one in catalogue(declaration.jurisdiction).table(table.code).all_fields}
    return [
        (code, fields[code].title, reason)
        for code, reason in declaration.return_reasons.items()
        if code in fields and fields[code].column not in columns
    ]


def when_expired(request: HttpRequest) -> HttpResponse:
    """403: the page lay open over a new sign-in; what was typed is still there and needs only to be saved again."""
    match = request.resolver_match
    assert match is not None  # noqa: S101 - it was resolved to this view
    return _again(request, **match.kwargs)  # type: ignore[return-value]


@enterprise
def _again(request: ActingRequest, code: str, key: str = "") -> HttpResponse:
    page = Page(request, code, key)
    return _kept_on_the_page(page, typed_row(request.POST, page.jurisdiction, code), EXPIRED, 403)


table.when_expired = when_expired  # type: ignore[attr-defined]
row.when_expired = when_expired  # type: ignore[attr-defined]
