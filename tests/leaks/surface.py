"""Everything that can be asked of the platform: each address in the URL table, by each role, in each way.

An address with parameters needs a line in `PLACES`; without one it is closed: a test fails.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from fangxin.cases.workflow import STEP_BY_VERB, STEPS
from tests.cast import PASSWORD
from tests.leaks.canaries import Canary, Kept, Scanner, cookie_contents
from tests.leaks.world import MAY_OPEN, SEEN_BY, STAGES, Answer, World

NOWHERE = "nowhere"
NO_NUMBER = "BJ-2026-999999"
NO_CODE = "91350000MA00000000"
NO_ID = UUID("00000000-0000-4000-8000-000000000001")
RECEIPT_OF = "answered"
Place = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Visit:
    """One request, apart from who makes it. `thing` and `said` are its name in the access matrix."""

    method: str
    route: str
    thing: str
    address: str
    said: str = ""
    body: Mapping[str, Any] | None = None
    access: str = ""

    @property
    def row(self) -> str:
        words = (self.method, self.route, self.thing, self.said and f"with {self.said}")
        return " ".join(word for word in words if word)

    @property
    def as_json(self) -> bool:
        return self.address.startswith("/api/")


def _cases(world: World) -> Iterator[Place]:
    for stage, number in world.numbers.items():
        yield stage, {"number": number}
    yield NOWHERE, {"number": NO_NUMBER}


def _steps(world: World, *, every: bool = False, stages: Sequence[str] = STAGES) -> Iterator[Place]:
    """Each verb on the cases whose stage it fits, and on one that it does not; with `every`, on all of them."""
    for stage in (stage for stage in stages if stage in world.numbers):
        status = world.case(stage).status
        for step in STEPS:
            if every or status in step.before or (stage, step.verb) == ("closed", "accept_case"):
                yield f"{stage} {step.verb}", {"number": world.numbers[stage], "verb": step.verb}
    yield "answered no_such_step", {"number": world.numbers["answered"], "verb": "no_such_step"}
    yield f"{NOWHERE} accept_case", {"number": NO_NUMBER, "verb": "accept_case"}


def _files(world: World) -> Iterator[Place]:
    for name, pk in {**world.files, NOWHERE: NO_ID}.items():
        yield f"answered {name}", {"number": world.numbers["answered"], "attachment_id": pk}
    # A file of another case, through a case that one may see.
    for stage in ("elsewhere", "named"):
        yield (
            f"{stage} photograph",
            {"number": world.numbers[stage], "attachment_id": world.files["photograph"]},
        )


def _consents(world: World) -> Iterator[Place]:
    asked = world.openings["asked"]
    for stage in ("answered", "named", "elsewhere"):
        yield f"{stage} asked", {"number": world.numbers[stage], "opening": asked}
    yield f"answered {NOWHERE}", {"number": world.numbers["answered"], "opening": NO_ID}


def _named(name: str, ids: Mapping[str, Any]) -> Iterator[Place]:
    for thing, pk in {**ids, NOWHERE: NO_ID}.items():
        yield thing, {name: pk}


def _inquiry_steps(world: World) -> Iterator[Place]:
    for name, pk in {**world.inquiries, NOWHERE: NO_ID}.items():
        for verb in ("submit_inquiry", "receive_inquiry", "answer_inquiry", "recall_inquiry"):
            yield f"{name} {verb}", {"inquiry_id": pk, "verb": verb}


def _people(world: World) -> Iterator[Place]:
    for role in ("officer1", "company1"):
        yield role, {"user_id": world.acting[role].user_id}
    yield NOWHERE, {"user_id": 999_999_999}


# Route → what it is asked for.
PLACES: Mapping[str, Callable[[World], Iterable[Place]]] = {
    "case": _cases,
    "case_step": _steps,
    "new_inquiry": lambda world: (
        [
            (stage, {"number": world.numbers[stage]})
            for stage in ("answered", "closed")
            if stage in world.numbers
        ]
        + [(NOWHERE, {"number": NO_NUMBER})]
    ),
    "inquiry": lambda world: _named("inquiry_id", world.inquiries),
    "inquiry_file": lambda world: [
        (name, {"inquiry_id": pk, "attachment_id": NO_ID})
        for name, pk in {**world.inquiries, NOWHERE: NO_ID}.items()
    ],
    "inquiry_sheet": lambda world: [
        (f"{name} docx", {"inquiry_id": pk, "kind": "docx"})
        for name, pk in {**world.inquiries, NOWHERE: NO_ID}.items()
    ],
    "inquiry_step": _inquiry_steps,
    "attachment": _files,
    "judge_file": _files,
    # The sheet itself needs fonts of the machine: test_paper_pages.py.
    "company_paper": lambda world: [
        (f"answered {NOWHERE}", {"number": world.numbers["answered"], "task_id": NO_ID}),
        (f"{NOWHERE} answered", {"number": NO_NUMBER, "task_id": world.tasks["answered"]}),
    ],
    "ask_for_identity": _cases,
    "open_identity": _cases,
    "consent_to_identity": _consents,
    "enterprise_task": lambda world: _named("task_id", world.tasks),
    "enterprise_order": lambda world: _named("order_id", world.orders),
    "enterprise_attachment": lambda world: _named("attachment_id", world.files),
    "import_run": lambda world: _named("run_id", world.imports),
    "import_report": lambda world: _named("run_id", world.imports),
    "audit_doings": _people,
    "api_case": _cases,
    "api_steps": _cases,
    # The steps themselves are the pages' own.
    "api_step": lambda world: _steps(world, stages=("waiting", "to_accept", "elsewhere", "closed")),
    "api_task": lambda world: _named("task_id", world.tasks),
    "api_reply": lambda world: _named("task_id", world.tasks),
    "register_table": lambda _: [("J1", {"code": "J1"}), (NOWHERE, {"code": "J0"})],
    "register_new_row": lambda _: [("J5", {"code": "J5"}), (NOWHERE, {"code": "J1"})],
    "register_row": lambda _: [
        ("J5", {"code": "J5", "key": "0" * 32}),
        (NOWHERE, {"code": "J1", "key": "0" * 32}),
    ],
    "register_drop_row": lambda _: [("J5", {"code": "J5", "key": "0" * 32})],
    "register_picture": lambda world: _named("picture_id", {"photograph": world.files["photograph"]}),
    "register_declaration": lambda _: [(NOWHERE, {"declaration_id": NO_ID})],
    "office_claim": lambda _: [(NOWHERE, {"claim_id": NO_ID})],
    "office_claim_link": lambda _: [(NOWHERE, {"claim_id": NO_ID})],
    "office_claim_file": lambda _: [(NOWHERE, {"claim_id": NO_ID, "attachment_id": NO_ID})],
    "bad_record": lambda _: [(NOWHERE, {"record_id": NO_ID})],
    "bad_record_notice": lambda _: [(NOWHERE, {"record_id": NO_ID})],
    "own_notice": lambda _: [(NOWHERE, {"record_id": NO_ID})],
    "bad_record_step": lambda _: [
        (f"{NOWHERE} release_record", {"record_id": NO_ID, "verb": "release_record"})
    ],
    "good_record": lambda _: [(NOWHERE, {"record_id": NO_ID})],
    "good_record_step": lambda _: [
        (f"{NOWHERE} verify_good_record", {"record_id": NO_ID, "verb": "verify_good_record"})
    ],
    "application_step": lambda _: [
        (f"{NOWHERE} decide_objection", {"application_id": NO_ID, "verb": "decide_objection"})
    ],
    "conduct_file": lambda _: [(NOWHERE, {"kind": "bad_record", "record_id": NO_ID, "attachment_id": NO_ID})],
    "own_bad_record": lambda _: [(NOWHERE, {"record_id": NO_ID})],
    "own_bad_record_step": lambda _: [(f"{NOWHERE} state_case", {"record_id": NO_ID, "verb": "state_case"})],
    "own_good_record": lambda _: [(NOWHERE, {"record_id": NO_ID})],
    "set_password": lambda _: [(NOWHERE, {"uid": "MQ", "token": "none-at-all"})],
    "company": lambda world: (
        [(role, {"company_id": one.pk}) for role, one in world.companies.items()]
        + [(NOWHERE, {"company_id": 999_999_999})]
    ),
    "end_membership": lambda world: [
        ("company2", {"membership_id": world.memberships["company2"]}),
        (NOWHERE, {"membership_id": 999_999_999}),
    ],
    "declaration": lambda _: [(NOWHERE, {"declaration_id": NO_ID})],
    "declaration_step": lambda _: [
        (f"{NOWHERE} approve_declaration", {"declaration_id": NO_ID, "verb": "approve_declaration"})
    ],
    # Complaints about agencies lie in Fujian: see test_agency_complaints.py.
    "agency_complaint": lambda _: [(NOWHERE, {"complaint_id": NO_ID})],
    "agency_complaint_file": lambda _: [(NOWHERE, {"complaint_id": NO_ID, "attachment_id": NO_ID})],
    "agency_complainant": lambda _: [(NOWHERE, {"complaint_id": NO_ID})],
    "agency_complaint_step": lambda _: [
        (f"{NOWHERE} sort_complaint", {"complaint_id": NO_ID, "verb": "sort_complaint"})
    ],
    "proposal_step": lambda _: [
        (f"{NOWHERE} accept_proposal", {"proposal_id": NO_ID, "verb": "accept_proposal"})
    ],
    "enterprise_supervision": lambda _: [(NOWHERE, {"order_id": NO_ID})],
    "enterprise_complaint": lambda _: [(NOWHERE, {"transfer_id": NO_ID})],
    "query": lambda _: [(NOWHERE, {"query_id": NO_ID})],
    "query_step": lambda _: [(f"{NOWHERE} grant_query", {"query_id": NO_ID, "verb": "grant_query"})],
    "query_paper": lambda _: [(NOWHERE, {"query_id": NO_ID, "attachment_id": NO_ID})],
    "keep_rule": lambda _: [("registration", {"topic": "registration"}), (NOWHERE, {"topic": "nothing"})],
    "management_rule": lambda _: [(NOWHERE, {"topic": "nothing"})],
    "register_agency": lambda _: [(NOWHERE, {"agency_id": 999_999_999})],
    "register_import": lambda _: [(NOWHERE, {"run_id": NO_ID})],
    "register_export": lambda _: [("J1", {"table": "J1"}), (NOWHERE, {"table": "J0"})],
    "agency_import": lambda _: [(NOWHERE, {"run_id": NO_ID})],
    "agency_import_returned": lambda _: [(NOWHERE, {"run_id": NO_ID})],
    "agency_step": lambda _: [
        (f"{NOWHERE} record_change", {"agency_id": 999_999_999, "verb": "record_change"})
    ],
    "evaluation_scheme": lambda _: [
        ("fujian example", {"of_book": "fujian", "key": "example"}),
        (NOWHERE, {"of_book": "national", "key": "example"}),
    ],
    "round": lambda _: [(NOWHERE, {"round_id": NO_ID})],
    "round_step": lambda _: [(f"{NOWHERE} review_round", {"round_id": NO_ID, "verb": "review_round"})],
    "score": lambda _: [(NOWHERE, {"score_id": 999_999_999})],
    "score_objection": lambda _: [(NOWHERE, {"objection_id": NO_ID})],
    "register_file": lambda _: [(NOWHERE, {"agency_id": 999_999_999, "attachment_id": NO_ID})],
    "drop_filter": lambda world: [
        ("clerk1's", {"filter_id": world.filter_id}),
        (NOWHERE, {"filter_id": 999_999_999}),
    ],
    # What lies in the public register is planted and asked for in test_register.py.
    "agency": lambda _: [(NOWHERE, {"code": NO_CODE})],
    "api_agency_scores": lambda _: [(NOWHERE, {"code": NO_CODE})],
    "evaluation_round": lambda _: [(NOWHERE, {"round_id": NO_ID})],
    "api_evaluation": lambda _: [(NOWHERE, {"round_id": NO_ID})],
    "enterprise_objection": lambda _: [(NOWHERE, {"score_id": 999_999_999})],
    "api_agency": lambda _: [(NOWHERE, {"code": NO_CODE})],
    "sitemap_part": lambda _: [("0", {"part": 0}), (NOWHERE, {"part": 999})],
    "agency_picture": lambda _: [(NOWHERE, {"picture_id": NO_ID})],
    "public_register_file": lambda _: [("J1", {"table": "J1"}), (NOWHERE, {"table": "J7"})],
    "rulebook_chapter": lambda _: [
        ("beijing intake", {"name": "beijing", "chapter": "intake"}),
        (NOWHERE, {"name": "nowhere", "chapter": "nothing"}),
    ],
    "rulebook_table": lambda _: [
        ("fujian J1", {"name": "fujian", "code": "J1"}),
        (NOWHERE, {"name": "beijing", "code": "J1"}),
    ],
    "rulebook_year": lambda _: [("2026", {"year": 2026}), (NOWHERE, {"year": 1999})],
    "rulebook_source": lambda _: [("beijing", {"key": "beijing-procedure"}), (NOWHERE, {"key": "nothing"})],
}


def _step_bodies(world: World, verb: str) -> Mapping[str, Any]:
    """What the right person would fill in."""
    answered = world.acting
    return {
        "dispatch_case": {"link": "brokerage", "district": "110105", "reason": ""},
        "forward_from_hub": {"district": "110105"},
        "accept_case": {
            "officer": answered["officer1"].user_id, "summary": "摘要", "points": "何故？",
            "companies": [world.companies["company1"].pk], "other_names": "", "checked": True,
        },
        "reassign_officer": {"officer": answered["officer3"].user_id, "reason": "休假"},
        "propose_return": {"reason_code": "wrong_district", "reason": "不在本区。"},
        "propose_refusal": {"reason_code": "no_facts", "reason": "没有具体事实。"},
        "submit_opinion": {
            "outcome": "civil_dispute", "affirmed": ["between_parties", "liability_unclear"], "findings": "查。",
            "text": "民事纠纷。", "without_reply_because": "逾期。",
        },
        "issue_supervision": {"whom": "department", "text": "请加快。"},
        "acknowledge_supervision": {"order": str(NO_ID)},
        "answer_supervision": {"order": str(NO_ID), "answer": "正在办理。"},
        "close_supervision": {"order": str(NO_ID), "result": "close", "conclusion": "同意。"},
        "explain_delay": {"reason": "案情复杂。"},
        "report_delay": {"reason": "案情复杂。"},
        "urge_department": {"kind": "urge", "channel": "telephone", "addressee": "陈涛", "text": "请加快。"},
        "ask_extension": {"until": "2026-06-01", "reason": "案情复杂。"},
        "decide_extension": {"result": "approved", "opinion": "同意。"},
        "urge_company": {"task": str(NO_ID), "channel": "telephone", "addressee": "马经理", "text": "请回复。"},
        "record_answer": {"urging": "1", "answer": "明日回复。"},
        "tell_company": {"task": str(NO_ID), "channel": "fax", "address": "010-1", "told_at": "2026-03-02T09:00"},
        "register_reply": {"task": str(NO_ID), "received_on": "2026-03-02", "by_name": "马经理"},
        "ask_again": {"task": str(NO_ID), "points": ["何故？"], "reason": "不全。"},
        "record_rectification": {"task": str(NO_ID), "done_on": "2026-03-02", "text": "已退还。"},
        "register_report": {
            "order": str(NO_ID), "kind": "plan", "received_on": "2026-03-02", "text": "方案。", "by_name": "马经理",
        },
        "tell_complainant": {"told_how": "directly", "text": "已退还。"},
        "record_callback": {"contacted": "yes", "solved": "solved", "satisfaction": "satisfied"},
        "check_rectification": {"order": str(NO_ID), "accepted": "yes", "opinion": "到位。"},
        "reopen_refused": {"reason": "有新的材料。"},
        "reopen_case": {"reason": "有新的材料。"},
    }.get(verb, {"opinion": "同意。"})  # fmt: skip


def bodies(world: World, route: str, thing: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and content of what is sent to a route, besides nothing."""
    key = {"act_key": UUID("00000000-0000-4000-8000-00000000abcd")}
    match route:
        case "case_step":
            verb = thing.split(" ")[1]
            if verb in STEP_BY_VERB:
                yield "a form filled in", {**key, **_step_bodies(world, verb)}
        case "inquiry_step":
            yield "a form filled in", {**key, "text": "经查属实。", "reason": "误发。"}
        case "new_inquiry":
            yield "nobody asked", {**key, "F2-03": "核实", "F2-12": "请核实。"}
        case "api_step":
            verb = thing.split(" ")[1]
            if verb in STEP_BY_VERB:
                yield "a form filled in", _step_bodies(world, verb)
        case "ask_for_identity":
            yield "a reason", {"reason": "核实投诉事实"}
        case "judge_file":
            yield "a reason", {"act": "quarantine", "reason": "图上有投诉人的面容", **key}
        case "consent_to_identity":
            yield "a yes", {"agree": "yes"}
        case "follow":
            number, secret = world.numbers[RECEIPT_OF], world.secrets[RECEIPT_OF]
            yield "a receipt", {"number": number, "secret": secret}
            yield "another's secret", {"number": number, "secret": world.secrets["elsewhere"]}
            yield "a wrong secret", {"number": number, "secret": "2" * 18}
            yield "no secret", {"number": number, "secret": ""}
            yield "no such number", {"number": NO_NUMBER, "secret": secret}
        case "authorised_query" | "query_result" | "query_sheet":
            yield "no such number", {"number": "CX-2026-999999", "secret": "2" * 18}
        case "apply_for_query":
            yield (
                "papers missing",
                {**key, "agency_code": "91350102MA0034506L", "ground": "consent", "purpose": "核实"},
            )
        case "complain":
            yield "a complaint", {
                **key, "title": "不退定金", "text": "中介一直不退定金。", "name": "李明", "telephone": "13800138000",
            }  # fmt: skip
            yield "a telephone missing", {**key, "title": "不退定金", "text": "不退定金。", "name": "李明"}
        case "complain_about_agency":
            yield "a place missing", {
                **key, "respondent_kind": "其他", "respondent": "门店", "text": "不退定金。", "name": "李明",
                "telephone": "13800138000",
            }  # fmt: skip
        case "claim":
            yield "a licence missing", {
                **key, "code": "91350102MA0034506L", "agency_name": "福州新居房产经纪有限公司", "county": "350102",
                "applicant_name": "许静", "telephone": "13805910009", "email": "xujing@example.cn",
            }  # fmt: skip
        case "follow_claim":
            yield (
                "a complaint's receipt",
                {"number": world.numbers[RECEIPT_OF], "secret": world.secrets[RECEIPT_OF]},
            )
        case "sign_in":
            yield "a password", {"username": "wangfang", "password": PASSWORD}
            yield "a wrong password", {"username": "wangfang", "password": "wrong"}
            yield "an unknown name", {"username": "nobody", "password": "wrong"}
        case "switch_membership":
            yield "the dispatcher's", {"membership": world.memberships["dispatcher"]}
        case "change_password":
            yield "a new one", {
                "old_password": PASSWORD, "new_password1": "Nian-nian-2027", "new_password2": "Nian-nian-2027",
            }  # fmt: skip
        case "dispatch_chosen":
            yield "every case", {
                **key, "case": list(world.numbers.values()), "link": "brokerage", "district": "110105",
            }  # fmt: skip
        case "keep_filter":
            yield "a name", {"name": "常用", "query": "status=closed"}
        case "intake":
            for source in ("hotline", "routine"):
                yield f"a {source} case", {**key, "source": source, "title": "不退定金", "text": "不退定金。"}
        case "enterprise_task":
            yield "an answer", {**key, "answer_1": "依合同。", "answer_2": "本周。"}
        case "api_reply":
            yield "an answer", {"answer_1": "依合同。", "answer_2": "本周。"}
        case "enterprise_order":
            yield "a result", {**key, "kind": "result", "text": "已退还。"}


def patterns(found: Sequence[Any] | None = None) -> Iterator[tuple[str, URLPattern]]:
    """Name and pattern of every address in Django's table."""
    for pattern in get_resolver().url_patterns if found is None else found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield str(pattern.name), pattern


def unclassified() -> list[str]:
    """Addresses with parameters of which nobody has said what they are asked for."""
    return [
        f"{route} ({pattern.pattern}): say in tests/leaks/surface.py, PLACES, what it is asked for, "
        "then write its rows with REVIEW=1 and read them"
        for route, pattern in patterns()
        if pattern.pattern.converters and route not in PLACES
    ]


def places(world: World, *, every: bool = False) -> Iterator[tuple[str, str, str, str]]:
    """(route, thing, address, mark of access) of everything that is classified."""
    for route, pattern in patterns():
        access = getattr(pattern.callback, "access", "")
        if not pattern.pattern.converters:
            yield route, "", reverse(route), access
        elif route in PLACES:
            known = _steps(world, every=every) if route == "case_step" else PLACES[route](world)
            for thing, parameters in known:
                yield route, thing, reverse(route, kwargs=parameters), access


def visits(world: World, *, every: bool = False) -> Iterator[Visit]:
    """Read each place, send it an empty form, and send it one filled in."""
    for route, thing, address, access in places(world, every=every):
        yield Visit("GET", route, thing, address, access=access)
        yield Visit("POST", route, thing, address, "nothing", {}, access)
        for said, body in bodies(world, route, thing):
            yield Visit("POST", route, thing, address, said, body, access)


def oddities(world: World, *, every: bool = False) -> Iterator[Visit]:
    """What no form sends: other methods, searches, wild pages, broken bodies."""
    for route, thing, address, _ in places(world, every=every):
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE") if every else ("HEAD", "DELETE"):
            yield Visit(method, route, thing, address)
        queries = (
            "q=定金",
            "page=99999",
            "page=-1&bin=all&sort=name",
            "format=json&debug=1",
            "next=//elsewhere.example",
        )
        for query in queries if every else ("q=定金&page=2&format=json&debug=1",):
            yield Visit("GET", route, thing, f"{address}?{query}", query)
        for said, body in (
            ("long texts", dict.fromkeys(("title", "text", "reason", "opinion", "name", "summary"), "长" * 20_000)),
            ("odd values", {"act_key": "x", "turn": "x", "companies": ["x"], "officer": "-1", "order": "x",
                            "membership": "x", "case": "x", "number": "'\"<", "secret": "%00", "page": "x"}),
        ) if every else ():  # fmt: skip
            yield Visit("POST", route, thing, address, said, body)


def probes(world: World, words: Iterable[str]) -> Iterator[Visit]:
    """Searches for somebody, wherever something could be searched."""
    for route, thing, address, _ in places(world):
        if thing in {"", "answered"}:
            for word in words:
                asked = quote(word)
                yield Visit(
                    "GET",
                    route,
                    thing,
                    f"{address}?q={asked}&name={asked}&company={asked}",
                    f"a search {word}",
                )


def ask(world: World, role: str, visit: Visit, turn: str = "") -> Answer:
    """The answer; whatever the request changed is undone. In the same `turn` the same random numbers are drawn."""
    client = world.client(role)
    jar = {name: morsel.value for name, morsel in client.cookies.items()}
    turn = turn or f"{role} {visit.row} {visit.address}"
    try:
        with transaction.atomic():
            answer = world.ask(role, visit.method, visit.address, visit.body, turn, as_json=visit.as_json)
            transaction.set_rollback(True)
    finally:
        client.cookies.clear()
        for name, value in jar.items():
            client.cookies[name] = value
    return answer


def outcome(answer: Answer) -> str:
    """The status as the access matrix writes it; of redirects `in`, `to` or, with a refusal on the way, `no`."""
    if answer.status not in {301, 302, 303}:
        return str(answer.status)
    if answer.header("Location").startswith(reverse("sign_in")):
        return "in"
    return "no" if _REFUSAL.search(b"".join(_cookies(answer))) else "to"


# As django.contrib.messages writes an error into its cookie.
_REFUSAL = re.compile(rb'\["__json_message",[01],40,')


def _cookies(answer: Answer) -> Iterator[bytes]:
    for name, value in answer.headers:
        if name == "Set-Cookie":
            yield from cookie_contents(value.split("=", 1)[1].split(";")[0].strip('"'))


def leaks(scanner: Scanner, role: str, visit: Visit, answer: Answer) -> set[str]:
    """What this role should not have found in the answer."""
    seen = scanner.look(answer.body)
    for name, value in answer.headers:
        seen |= scanner.look(f"{name}: {value}".encode())
    for content in _cookies(answer):
        seen |= scanner.look(content)
    return {
        f"{role}: {visit.row}: {canary.complaint}'s {canary.field} ({how})"
        for canary, how in seen
        if not may_show(canary, role, visit)
    }


def may_show(canary: Canary, role: str, visit: Visit) -> bool:
    """Words to the office, if it sees the case; an identity to whoever holds a permit, on its page alone.

    Whoever holds a receipt reads their own words again.
    """
    if canary.kept == Kept.SEALED:
        reading = visit.route == "open_identity" and visit.method in {"GET", "HEAD"}
        return reading and visit.thing == canary.complaint and (role, canary.complaint) in MAY_OPEN
    if visit.route == "follow" and visit.said == "a receipt":
        return canary.complaint == RECEIPT_OF
    return role in SEEN_BY[canary.complaint] and visit.address.startswith(("/office/", "/api/"))
