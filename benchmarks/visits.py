"""What visitors ask of the platform and of the floor, as the bytes a browser would send."""

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks import crowd
from fangxin.cases.models import Case
from fangxin.organisations.models import User

TOKEN = "benchmarkbenchmarkbenchmarkbench"
BOUNDARY = "----fangxin-bench"


def get(path: str, cookies: str = "") -> bytes:
    """A request for a page."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Language: zh-CN\r\n"
        f"User-Agent: bench\r\n{f'Cookie: {cookies}' if cookies else 'X-None: 1'}\r\n\r\n"
    ).encode()


def post(path: str, body: bytes, kind: str, cookies: str = "") -> bytes:
    """A form sent."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Language: zh-CN\r\n"
        f"User-Agent: bench\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        f"{f'Cookie: {cookies}' if cookies else 'X-None: 1'}\r\n\r\n"
    )
    return head.encode() + body


def post_form(path: str, fields: dict[str, str], cookies: str = "") -> bytes:
    """A short form sent."""
    return post(path, urlencode(fields).encode(), "application/x-www-form-urlencoded", cookies)


@dataclass
class Asking:
    """A visitor whose requests come from an iterator and whose right answer has one status and some words."""

    requests: Iterator[bytes]
    status: int = 200
    words: bytes = b""

    def ask(self) -> bytes:
        return next(self.requests)

    def answered(self, status: int, body: bytes) -> bool:
        return status == self.status and self.words in body


def complaints() -> Iterator[bytes]:
    """Complaints sent from the public form, each another one, with name, telephone and e-mail."""
    chance = random.Random(uuid4().int)
    while True:
        number = chance.randrange(10_000)
        _, title, text = crowd.message(number, chance)
        fields = {
            "csrfmiddlewaretoken": TOKEN, "act_key": str(uuid4()), "title": title, "text": text,
            "respondent_name": "北京诚信房产经纪有限公司", "respondent_person": "", "project_name": "演示家园",
            "district": "110105", "name": "张敏", "telephone": f"138{chance.randrange(10**8):08d}",
            "email": "zhangmin@example.invalid", "address": "北京市朝阳区演示路1号",
        }  # fmt: skip
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in fields.items()
        ]
        parts.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename=""\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n\r\n--{BOUNDARY}--\r\n"
        )
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        yield post("/complain/beijing/", "".join(parts).encode(), kind, f"csrftoken={TOKEN}")


def rows_to_insert() -> Iterator[bytes]:
    """The floor's complaints."""
    chance = random.Random(1)
    for number in itertools.count():
        _, title, text = crowd.message(number, chance)
        yield post_form("/insert", {"title": title, "text": text, "respondent": "北京诚信房产经纪有限公司"})


def reads(rows: int) -> Iterator[bytes]:
    """The floor's single rows."""
    chance = random.Random(2)
    while True:
        yield get(f"/read/{chance.randint(1, rows)}")


def again(request: bytes) -> Iterator[bytes]:
    """The same page over and over."""
    return itertools.repeat(request)


def steps_on(cases: Iterable[tuple[str, int]], clerk: str, head: str) -> Iterator[bytes]:
    """On each case in turn the clerk proposes its return, and the head does not agree."""
    turns = dict(cases)
    for number in itertools.cycle(list(turns)):
        base = {"csrfmiddlewaretoken": TOKEN}
        yield post_form(
            f"/office/cases/{number}/propose_return/",
            {**base, "act_key": str(uuid4()), "turn": str(turns[number]), "reason_code": "wrong_district",
             "reason": "被投诉门店不在本区，登记地址在丰台区。"}, clerk,
        )  # fmt: skip
        yield post_form(
            f"/office/cases/{number}/reject_proposal/",
            {**base, "act_key": str(uuid4()), "turn": str(turns[number] + 1), "opinion": "门店在本区，请继续办理。"}, head,
        )  # fmt: skip
        turns[number] += 2


def signed_in(username: str) -> str:
    """The cookies of somebody who has signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from fangxin.web.sessions import SessionStore

    user = User.objects.get(username=username)
    session = SessionStore()
    moment = int(timezone.now().timestamp())
    session.update(
        {
            SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            "signed_in_at": moment, "touched_at": moment,
        }
    )  # fmt: skip
    session.save()
    return f"sessionid={session.session_key}; csrftoken={TOKEN}"


def shared_out(cases: list[tuple[str, int]], among: int) -> list[list[tuple[str, int]]]:
    """Each visitor has cases of their own."""
    return [cases[at::among] for at in range(among)]


def waiting_cases(body_code: str) -> list[tuple[str, int]]:
    """Number and turn of the cases waiting for acceptance in the department."""
    found = Case.objects.filter(status="dispatched", handling_body__code=body_code).order_by("number")
    return list(found.values_list("number", "turn"))


def walked_cases(body_code: str) -> list[str]:
    """The department's cases that the demonstration has walked, at whatever stage."""
    found = (
        Case.objects.filter(handling_body__code=body_code)
        .exclude(number__startswith="BJ-2025-")
        .order_by("number")
    )
    return list(found.values_list("number", flat=True))
