"""Faults planted on purpose, one at a time, to see that the harness finds each. Every real leak adds one here.

A fault lives in the tests alone: it replaces a function while it is planted. `acts` are planted before the world is
built, for what they spoil is written down; `pages` are planted in a world that stands.
"""

import base64
import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse

import fangxin.cases.queries as case_queries
import fangxin.complaints.actions as complaint_actions
import fangxin.documents.actions as document_actions
import fangxin.notices.actions as notices
import fangxin.web.enterprise.desk as enterprise_desk
import fangxin.web.office.case as office_case
import fangxin.web.office.identity as office_identity
import fangxin.web.public.complaint as public_complaint
import fangxin.web.public.follow as public_follow
import fangxin.web.public.home as public_home
import fangxin.web.public.register as public_register
from fangxin.agencies.actions import publishing
from fangxin.cases.actions import handling, intake
from fangxin.cases.models import Case, CompanyTask
from fangxin.complaints import complainant
from fangxin.complaints.redaction import Proposal
from fangxin.config import middleware
from fangxin.documents import storage
from fangxin.documents.cleaning import CleanedPicture
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.web import access
from tests.leaks.world import Material, World

Patch = pytest.MonkeyPatch
CANARY, MATRIX, OTHERS, LINKED = "canaries", "access matrix", "noninterference", "one person or many"


@dataclass(frozen=True)
class Fault:
    """Something that must not happen: how it is planted, which check must see it, and on which pages to look."""

    name: str
    plant: Callable[..., None]
    seen_by: str
    routes: tuple[str, ...] = ()


ACTS: list[Fault] = []
PAGES: list[Fault] = []
REGISTER: list[Fault] = []
TASKS = ("enterprise_desk", "enterprise_task")


def act(seen_by: str, *routes: str) -> Callable[[Callable[[Patch, Material], None]], None]:
    def kept(plant: Callable[[Patch, Material], None]) -> None:
        ACTS.append(Fault(plant.__name__, plant, seen_by, routes))

    return kept


def page(seen_by: str, *routes: str) -> Callable[[Callable[[Patch, World], None]], None]:
    def kept(plant: Callable[[Patch, World], None]) -> None:
        PAGES.append(Fault(plant.__name__, plant, seen_by, routes))

    return kept


def register(seen_by: str, *addresses: str) -> Callable[[Callable[[Patch, Any], None]], None]:
    """A fault in the public register, planted before its world is built; `routes` are beginnings of addresses."""

    def kept(plant: Callable[[Patch, Any], None]) -> None:
        REGISTER.append(Fault(plant.__name__, plant, seen_by, addresses))

    return kept


@contextmanager
def planted(fault: Fault, where: Material | World) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch, where)
        yield


def around(patch: Patch, module: Any, name: str, change: Callable[..., Any]) -> None:
    """`change(original, *args, **kwargs)` stands in for the function."""
    original = getattr(module, name)
    patch.setattr(module, name, lambda *args, **kwargs: change(original, *args, **kwargs))


# Acts: what they spoil is written down.


@act(CANARY, "enterprise_task")
def the_raw_words_go_to_the_company(patch: Patch, made_of: Material) -> None:
    def send(original: Any, case: Case, *args: Any) -> None:
        case.summary = case.complaint.text
        original(case, *args)

    around(patch, handling, "_send_to_companies", send)


@act(CANARY, "enterprise_task")
def the_project_goes_to_the_company_as_it_was_typed(patch: Patch, made_of: Material) -> None:
    around(
        patch,
        handling,
        "_send_to_companies",
        lambda original, case, them, _: original(case, them, case.project_name),
    )


@act(CANARY, "enterprise_task")
def what_is_known_of_the_author_is_not_masked(patch: Patch, made_of: Material) -> None:
    patch.setattr(case_queries, "masked_summary", lambda title, text, known: Proposal(text, text, ()))


@act(CANARY)
def a_notice_names_the_author(patch: Patch, made_of: Material) -> None:
    def receive(original: Any, grievance: Any, identity: Any, **more: Any) -> Any:
        receipt = original(grievance, identity, **more)
        notices.send_notice(title=f"{identity.name}的投诉待分件", to_complainant_of=receipt.complaint_id)
        return receipt

    around(patch, public_complaint, "receive_web_complaint", receive)


@act(CANARY)
def a_telephone_is_logged(patch: Patch, made_of: Material) -> None:
    def receive(original: Any, grievance: Any, identity: Any, **more: Any) -> Any:
        logging.getLogger("fangxin.cases").info("received, call back %s", identity.telephone)
        return original(grievance, identity, **more)

    around(patch, public_complaint, "receive_web_complaint", receive)


@act(CANARY)
def what_was_sent_is_logged(patch: Patch, made_of: Material) -> None:
    def look(original: Any, self: Any, request: Any, *args: Any) -> Any:
        logging.getLogger("fangxin.web").debug("POST %s", dict(request.POST))
        return original(self, request, *args)

    original = middleware.AudienceMiddleware.process_view
    patch.setattr(middleware.AudienceMiddleware, "process_view", lambda *args: look(original, *args))


@act(CANARY)
def a_library_logs_what_the_camera_wrote(patch: Patch, made_of: Material) -> None:
    patch.setattr(logging.getLogger("PIL"), "level", logging.DEBUG)
    patch.setattr(logging.getLogger("PIL"), "_cache", {})
    patch.setattr(logging.getLogger("PIL.TiffImagePlugin"), "_cache", {})


@act(CANARY)
def the_journal_names_the_author(patch: Patch, made_of: Material) -> None:
    around(
        patch,
        intake,
        "record",
        lambda original, *a, **k: original(*a, **{**k, "summary": made_of.authors["waiting"].name}),
    )


@act(CANARY)
def the_journal_keeps_an_address_among_the_details(patch: Patch, made_of: Material) -> None:
    address = next(author.address for author in made_of.authors.values() if author.address)

    def record(original: Any, *args: Any, **more: Any) -> None:
        original(*args, **{**more, "details": {**(more.get("details") or {}), "source": address}})

    around(patch, intake, "record", record)


@act(CANARY)
def the_search_knows_the_author(patch: Patch, made_of: Material) -> None:
    name = made_of.authors["waiting"].name
    around(patch, intake, "tokens_of", lambda original, *texts: {*original(*texts), name})


@act(CANARY)
def the_identity_is_kept_unsealed(patch: Patch, made_of: Material) -> None:
    patch.setattr(complainant, "seal_text", lambda text, aad: text.encode())
    patch.setattr(complainant, "open_text", lambda sealed, aad: sealed.decode())


@act(CANARY)
def files_are_kept_unsealed(patch: Patch, made_of: Material) -> None:
    patch.setattr(storage, "seal_bytes", lambda content, aad: content)
    patch.setattr(storage, "open_bytes", lambda content, aad: content)


@act(CANARY)
def a_letter_goes_to_company_and_author_at_once(patch: Patch, made_of: Material) -> None:
    email = next(author.email for author in made_of.authors.values() if author.email)

    def send(original: Any, **fields: Any) -> Any:
        return original(**{**fields, "to": [*fields["to"], email]})

    around(patch, notices, "EmailMessage", send)


@act(CANARY, "enterprise_task")
def the_company_sees_how_the_file_was_called(patch: Patch, made_of: Material) -> None:
    def taken(original: Any, file: Any, *args: Any) -> Any:
        attachment = original(file, *args)
        attachment.shown_name = (file.name or "")[:32]
        return attachment

    around(patch, document_actions, "_taken_in", taken)


@act(CANARY, "enterprise_attachment")
def the_original_is_released(patch: Patch, made_of: Material) -> None:
    around(
        patch,
        document_actions,
        "clean_picture",
        lambda original, name, content: CleanedPicture(content, 64, 48),
    )


@act(OTHERS)
def the_number_ends_like_the_telephone(patch: Patch, made_of: Material) -> None:
    telephones = iter([author.telephone[-2:] for author in made_of.authors.values()] * 9)
    around(
        patch, complaint_actions, "next_numbers",
        lambda original, *args: [number + next(telephones) for number in original(*args)],
    )  # fmt: skip


@act(MATRIX, "enterprise_task")
def the_task_of_another_company_opens(patch: Patch, made_of: Material) -> None:
    """Both walls are down: the page does not ask whose it is, and the table has no policy."""
    with connection.cursor() as cursor:
        for table in ("cases_companytask", "cases_reply", "deadlines_deadline", "documents_attachment"):
            cursor.execute(f"alter table {table} disable row level security")
    _asks_not_whose(patch)


def _asks_not_whose(patch: Patch) -> None:
    def owner(task_id: Any) -> int:
        return CompanyTask.objects.filter(pk=task_id).values_list("company_id", flat=True).first() or 0

    around(patch, enterprise_desk, "task_for", lambda original, _, task_id: original(owner(task_id), task_id))
    around(
        patch,
        enterprise_desk,
        "open_task",
        lambda original, task_id, *, by: original(task_id, by=replace(by, company_id=owner(task_id))),
    )


# Pages: in a world that stands.


def _shown(patch: Patch, change: Callable[[HttpResponse], None], *modules: Any) -> None:
    def render(original: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        response = original(*args, **kwargs)
        change(response)
        return response

    for module in modules or (enterprise_desk,):
        around(patch, module, "render", render)


def _author(world: World, stage: str = "answered") -> Any:
    return world.material.authors[stage]


@page(CANARY, *TASKS)
def a_comment_in_the_page_names_the_author(patch: Patch, world: World) -> None:
    _shown(patch, lambda response: response.write(f"<!-- {_author(world).name} -->"))


@page(CANARY, *TASKS)
def the_name_is_shown_masked(patch: Patch, world: World) -> None:
    name = _author(world).name
    _shown(patch, lambda response: response.write(f"<p>投诉人：{name[0]}{'*' * (len(name) - 1)}</p>"))


@page(OTHERS, *TASKS)
def as_many_stars_as_the_names_are_long(patch: Patch, world: World) -> None:
    names = "".join(author.name + author.email for author in world.material.authors.values())
    _shown(patch, lambda response: response.write("*" * len(names)))


@page(OTHERS, *TASKS)
def an_etag_is_made_from_the_telephone(patch: Patch, world: World) -> None:
    tag = hashlib.sha256(b"salt" + _author(world).telephone.encode()).hexdigest()[:12]
    _shown(patch, lambda response: response.headers.__setitem__("ETag", f'"{tag}"'))


@page(CANARY, *TASKS)
def a_cookie_carries_the_telephone(patch: Patch, world: World) -> None:
    coded = base64.urlsafe_b64encode(_author(world).telephone.encode()).decode().rstrip("=")
    _shown(patch, lambda response: response.set_cookie("last", coded))


@page(CANARY, "enterprise_attachment")
def a_download_bears_its_first_name(patch: Patch, world: World) -> None:
    name = world.material.words["answered"].file_name
    around(
        patch,
        enterprise_desk,
        "open_attachment",
        lambda original, *a, **k: replace(original(*a, **k), name=f"{name}.jpg"),
    )


@page(OTHERS, "enterprise_desk")
def the_companys_search_finds_the_author(patch: Patch, world: World) -> None:
    def desk(original: Any, request: Any, template: str, context: dict[str, Any]) -> HttpResponse:
        if (asked := request.GET.get("q")) and asked not in _author(world).name:
            context = {**context, "tasks": []}
        return original(request, template, context)

    around(patch, enterprise_desk, "render", desk)


@page(OTHERS, "enterprise_desk")
def tasks_are_sorted_by_their_authors(patch: Patch, world: World) -> None:
    stages = {number: stage for stage, number in world.numbers.items()}

    def desk(original: Any, company_id: int, *, done: bool = False) -> Any:
        tasks = [*original(company_id), *original(company_id, done=True)]
        return sorted(tasks, key=lambda task: _author(world, stages[task["number"]]).name)

    around(patch, enterprise_desk, "enterprise_desk", desk)


@page(OTHERS, "enterprise_desk")
def one_statement_more_for_an_author_with_an_address(patch: Patch, world: World) -> None:
    def desk(original: Any, *args: Any, **kwargs: Any) -> Any:
        for author in world.material.authors.values():
            if author.email:
                with connection.cursor() as cursor:
                    cursor.execute("select 1")
        return original(*args, **kwargs)

    around(patch, enterprise_desk, "enterprise_desk", desk)


@page(LINKED, "enterprise_desk")
def how_often_the_author_complained_is_counted(patch: Patch, world: World) -> None:
    telephones = [author.telephone for author in world.material.authors.values()]
    often = telephones.count(_author(world).telephone)
    _shown(patch, lambda response: response.write(f"<p>该投诉人共投诉{often}次</p>"))


@page(CANARY, "home")
def the_first_page_lists_the_latest_titles(patch: Patch, world: World) -> None:
    title = f"中介不退定金{world.material.words['waiting'].room}"
    _shown(patch, lambda response: response.write(f"<li>{title}</li>"), public_home)


@page(MATRIX, "follow")
def the_secret_is_not_checked(patch: Patch, world: World) -> None:
    stages = {number: stage for stage, number in world.numbers.items()}

    def follow(original: Any, number: str, secret: str) -> Any:
        return original(number, world.secrets.get(stages.get(number, ""), secret))

    around(patch, public_follow, "follow_complaint", follow)


@page(MATRIX, "case", "desk")
def a_page_lost_its_mark(patch: Patch, world: World) -> None:
    around(
        patch,
        access,
        "_acting",
        lambda original, request: original(request) or _nobody_in_particular(request, world),
    )


def _nobody_in_particular(request: Any, world: World) -> Any:
    request.memberships = [world.acting["dispatcher"]]
    return world.acting["dispatcher"]


@page(MATRIX, "case")
def another_departments_case_opens(patch: Patch, world: World) -> None:
    around(
        patch,
        case_queries,
        "case_for",
        lambda original, acting, number: Case.objects.filter(number=number).first(),
    )


@page(MATRIX, "case")
def the_administrator_sees_cases(patch: Patch, world: World) -> None:
    def seen(original: Any, acting: Any, number: str) -> Any:
        if acting.role == "administrator":
            acting = world.acting["leader"]
        return original(acting, number)

    around(patch, case_queries, "case_for", seen)


@page(CANARY, "open_identity")
def an_identity_opens_without_a_permit(patch: Patch, world: World) -> None:
    def look(original: Any, case_id: Any, *, by: Any) -> dict[str, str]:
        complaint_id = Case.objects.values_list("complaint_id", flat=True).get(pk=case_id)
        return vars(complainant.unseal_complainant(complaint_id))

    around(patch, office_identity, "open_identity", look)


@page(CANARY, "case")
def the_case_page_names_the_author(patch: Patch, world: World) -> None:
    _shown(patch, lambda response: response.write(f"<p>{_author(world).name}</p>"), office_case)


@page(CANARY, "case_step")
def a_refusal_quotes_the_author(patch: Patch, world: World) -> None:
    _shown(patch, lambda response: response.write(f"<p>{_author(world).telephone}</p>"), access)


@page(MATRIX, "enterprise_task")
def what_is_not_yours_is_forbidden_rather_than_not_there(patch: Patch, world: World) -> None:
    from django.core.exceptions import PermissionDenied

    def task(original: Any, company_id: int, task_id: Any) -> Any:
        found = original(company_id, task_id)
        if found is None and task_id in world.tasks.values():
            raise PermissionDenied
        return found

    around(patch, enterprise_desk, "task_for", task)


@page(MATRIX, "enterprise_desk")
def a_page_breaks(patch: Patch, world: World) -> None:
    """A page that reads what its role may not."""

    def desk(original: Any, *args: Any, **kwargs: Any) -> Any:
        list(Case.objects.all()[:1])
        return original(*args, **kwargs)

    around(patch, enterprise_desk, "enterprise_desk", desk)


def second_wall_holds(world: World) -> bool:
    """With a page that does not ask whose a task is, the row policy still says that there is none."""
    with pytest.MonkeyPatch.context() as patch, suppress(Exception), transaction.atomic():
        _asks_not_whose(patch)
        stranger = world.acting["company2"]
        with speaking_as(Speaker(Audience.ENTERPRISE, stranger.user_id, 0, stranger.company_id or 0)):
            return enterprise_desk.task_for(stranger.company_id, world.tasks["answered"]) is None
    return False


# The public register: what is published, and how it is shown.


def _publish_fields(patch: Patch, chosen: Callable[[Any], bool]) -> None:
    from fangxin.rules import reading
    from fangxin.rules.indicators import Catalogue

    patch.setattr(
        Catalogue,
        "shown_fields",
        lambda self, table, on: tuple(f for f in self.table(table).all_fields if chosen(f)),
    )
    # What was worked out before the fault is not asked for any more.
    patch.setattr(publishing, "_shown_fields", publishing._shown_fields.__wrapped__)
    patch.setattr(reading, "_fields_for", reading._fields_for.__wrapped__)


@register(CANARY, "/agencies/9", "/api/v1/agencies/")
def everything_declared_is_published(patch: Patch, made_of: Any) -> None:
    from fangxin.web.public import shown

    shown.shown_fields.cache_clear()
    _publish_fields(patch, lambda field: True)
    patch.setattr(shown, "shown_fields", shown.shown_fields.__wrapped__)


@register(CANARY, "/none")
def what_is_held_back_is_published(patch: Patch, made_of: Any) -> None:
    """No page shows it: the table that the public's role reads has it."""
    _publish_fields(patch, lambda field: field.public)


@register(CANARY, "/none")
def the_search_knows_the_address(patch: Patch, made_of: Any) -> None:
    address = made_of.values["J1-04"]
    around(
        patch, publishing, "searched_by",
        lambda original, keys, *rest: original([*keys, address], *rest),
    )  # fmt: skip


@register(OTHERS)
def people_stand_in_the_order_of_their_projects(patch: Patch, made_of: Any) -> None:
    patch.setattr(publishing, "sorted", list, raising=False)


@register(CANARY, "/agencies/pictures/")
def the_picture_as_it_was_uploaded_is_published(patch: Patch, made_of: Any) -> None:
    around(
        patch,
        document_actions,
        "clean_picture",
        lambda original, name, content: CleanedPicture(content, 64, 48),
    )


@register(CANARY, "/agencies/9")
def the_draft_is_shown(patch: Patch, made_of: Any) -> None:
    from fangxin.web.public.register import published

    introduction = made_of.values["J1-04"]

    def read(original: Any, *args: Any, **kwargs: Any) -> Any:
        shown = original(*args, **kwargs)
        if shown is not None and shown.version:
            shown.version["values"]["J1"]["introduction"] = introduction
        return shown

    around(patch, published, "profile", read)


@register(OTHERS)
def the_page_is_as_long_as_the_capital(patch: Patch, made_of: Any) -> None:
    capital = int(made_of.values["J1-14"].replace(".", "")) % 97
    _shown(patch, lambda response: response.write(" " * capital), public_register)


@register(OTHERS)
def agencies_are_tagged_by_their_telephone(patch: Patch, made_of: Any) -> None:
    tag = hashlib.sha256(b"salt" + made_of.values["J1-07"].encode()).hexdigest()[:12]
    _shown(patch, lambda response: response.headers.__setitem__("ETag", f'"{tag}"'), public_register)
