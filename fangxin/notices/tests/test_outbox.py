"""The outbox: written with the act, mailed through a real server, later and later when the server is away."""

import socket
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction
from django.utils import timezone

from fangxin.cases.actions import dispatch_case
from fangxin.cases.actions.identity import address_of_complainant
from fangxin.notices.actions import deliver_notices, mark_read, send_notice
from fangxin.notices.models import Notice
from fangxin.notices.queries import notices_for, unread
from fangxin.organisations.models import Body, Membership, User
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from tests.cast import member

pytestmark = pytest.mark.django_db


class Postman:
    """Keeps what is handed in; knows nobody at unknown.invalid."""

    def __init__(self):
        self.letters = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address.endswith("@unknown.invalid"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append(
            (list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=policy.default))
        )
        return "250 OK"


@pytest.fixture(scope="module")
def server():
    """A mail server of our own on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    controller = Controller(Postman(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def post(server, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    settings.EMAIL_TIMEOUT = 3
    server.handler.letters.clear()
    return server.handler.letters


def delivered(address=lambda complaint_id: "", **more):
    return deliver_notices(address, **more)


def only():
    return Notice.objects.get()


# Written with the act


def test_a_notice_lives_and_dies_with_its_act(stage):
    case = stage.registered()
    before = Notice.objects.count()
    with transaction.atomic():
        dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
        assert Notice.objects.count() == before + 1
        transaction.set_rollback(True)
    with pytest.raises(ActRefused):
        dispatch_case(case.pk, link="brokerage", district="110101", by=stage.cast.dispatcher)
    assert Notice.objects.count() == before


def test_without_a_reader_there_is_no_notice(stage):
    send_notice(title="无人")
    assert not Notice.objects.exists()


def test_without_a_mail_server_nothing_waits_to_be_mailed(stage, settings):
    settings.EMAIL_HOST, settings.TESTING = "", False
    send_notice(title="案件待办", to_user_id=stage.cast.officer.user_id)
    assert only().mail_state == "none"
    assert str(only()) == "案件待办"


# Mailed


def test_each_member_of_a_body_gets_a_letter_of_their_own(stage, post):
    send_notice(title="案件 BJ-2026-000001 分派至贵部门", to_body_id=stage.cast.clerk.body_id)
    assert delivered() == (1, 0)
    assert sorted(to for to, _ in post) == [
        ["chentao@example.invalid"], ["wangfang@example.invalid"], ["zhaogang@example.invalid"],
    ]  # fmt: skip
    for _, letter in post:
        assert letter["Subject"] == "案件 BJ-2026-000001 分派至贵部门"
        assert letter["To"].count("@") == 1
        assert "请登录平台查看" in letter.get_content()
    assert only().mail_state == "sent"
    assert delivered() == (0, 0)


def test_a_company_and_one_person_are_written_to_likewise(stage, post):
    send_notice(title="请于3月5日前回复", to_company_id=stage.cast.company.pk)
    send_notice(title="由您经办", to_user_id=stage.cast.officer.user_id)
    assert delivered() == (2, 0)
    assert [to for to, _ in post] == [["liuyang@example.invalid"], ["chentao@example.invalid"]]


def test_the_oldest_is_mailed_first_and_no_more_than_asked(stage, post):
    for number in range(3):
        send_notice(title=f"第{number}件", to_user_id=stage.cast.officer.user_id)
    assert delivered(limit=2) == (2, 0)
    assert [letter["Subject"] for _, letter in post] == ["第0件", "第1件"]


def test_the_letter_to_a_complainant_names_nobody(stage, post):
    case = stage.accepted(stage.dispatched(text="我叫张敏，电话13800138000"))
    stage.handled(stage.decided(case=stage.answered(case)))
    Notice.objects.filter(to_complainant_of=None).delete()
    assert delivered(address_of_complainant) == (2, 0)
    assert {to for (to,) in [tuple(to) for to, _ in post]} == {"zhangmin@example.invalid"}
    for _, letter in post:
        text = letter["Subject"] + letter.get_content()
        assert case.number in text
        assert "投诉进度" in text
        for name in (
            "张敏",
            "13800138000",
            "zhangmin",
            "定金",
            stage.cast.company.name,
            stage.receipt.secret,
        ):
            assert name not in text


def test_no_letter_of_a_whole_case_names_the_author_or_repeats_a_word_of_theirs(stage, post):
    case = stage.accepted(stage.dispatched(text="我叫张敏，电话13800138000", title="张敏的定金"))
    stage.handed_in(stage.rectifying(stage.decided("violation", stage.answered(case))))
    delivered(lambda complaint_id: "", limit=100)
    written = "".join(letter["Subject"] + letter.get_content() for _, letter in post)
    assert case.number in written
    for word in ("张敏", "13800138000", "定金"):
        assert word not in written


def test_who_has_no_address_has_left_or_is_closed_is_not_written_to(stage, post):
    send_notice(title="一", to_user_id=stage.cast.officer.user_id)
    send_notice(title="二", to_user_id=stage.cast.clerk.user_id)
    send_notice(title="三", to_user_id=stage.cast.head.user_id)
    send_notice(title="四", to_complainant_of=uuid4())
    User.objects.filter(pk=stage.cast.officer.user_id).update(email="")
    User.objects.filter(pk=stage.cast.clerk.user_id).update(is_active=False)
    Membership.objects.filter(user_id=stage.cast.head.user_id).update(ends_on=stage.day)
    delivered()
    assert post == []
    assert set(Notice.objects.values_list("mail_state", flat=True)) == {"none"}


# When the post does not go


def test_a_server_that_is_away_is_tried_again_later_and_later_and_at_last_no_more(stage, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    send_notice(title="案件待办", to_user_id=stage.cast.officer.user_id)
    waits = []
    for _ in range(6):
        assert delivered() == (0, 1)
        assert delivered() == (0, 0)
        waits.append(round((only().mail_next_at - timezone.now()).total_seconds() / 60))
        Notice.objects.update(mail_next_at=timezone.now() - timedelta(seconds=1))
    assert waits == [2, 4, 8, 16, 32, 64]
    assert (only().mail_state, only().mail_attempts) == ("failed", 6)
    assert delivered() == (0, 0)


def test_when_the_server_is_back_the_letter_goes(stage, post, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    send_notice(title="案件待办", to_user_id=stage.cast.officer.user_id)
    assert delivered() == (0, 1)
    settings.EMAIL_PORT = port
    Notice.objects.update(mail_next_at=timezone.now())
    assert delivered() == (1, 0)
    assert len(post) == 1


def test_one_broken_address_neither_holds_up_the_others_nor_has_them_told_twice(stage, post):
    broken = member("sunxiao", "孙晓", Role.CASE_OFFICER, Body.objects.get(pk=stage.cast.clerk.body_id))
    User.objects.filter(pk=broken.user_id).update(email="sunxiao@unknown.invalid")
    send_notice(title="一", to_body_id=stage.cast.clerk.body_id)
    send_notice(title="二", to_user_id=stage.cast.head.user_id)
    assert delivered() == (2, 0)
    assert sorted(to[0] for to, letter in post if letter["Subject"] == "一") == [
        "chentao@example.invalid", "wangfang@example.invalid", "zhaogang@example.invalid",
    ]  # fmt: skip
    assert delivered() == (0, 0)


@pytest.mark.parametrize(
    "address", ["没有", "张敏 at 邮箱", "a@b\r\nBcc: x@example.invalid", "@", "zhang@unknown.invalid"]
)
def test_what_is_no_address_is_given_up_without_stopping_the_post(stage, post, address):
    send_notice(title="一", to_complainant_of=uuid4())
    send_notice(title="二", to_user_id=stage.cast.head.user_id)
    assert delivered(lambda complaint_id: address) == (1, 1)
    assert [to for to, _ in post] == [["zhaogang@example.invalid"]]


# Read


def test_messages_are_counted_listed_and_read_by_their_readers(stage):
    officer, company = stage.cast.officer, stage.cast.company_user
    send_notice(title="给部门", to_body_id=officer.body_id)
    send_notice(title="给本人", to_user_id=officer.user_id)
    send_notice(title="给企业", to_company_id=company.company_id)
    assert unread(officer.user_id, officer.body_id, None) == 2
    assert unread(company.user_id, None, company.company_id) == 1
    assert unread(stage.cast.supervisor.user_id, stage.cast.supervisor.body_id, None) == 0
    assert [one["title"] for one in notices_for(officer.user_id, officer.body_id, None)] == [
        "给本人",
        "给部门",
    ]
    assert mark_read(user_id=officer.user_id, body_id=officer.body_id, company_id=None) == 2
    assert mark_read(user_id=officer.user_id, body_id=officer.body_id, company_id=None) == 0
    assert mark_read(user_id=company.user_id, body_id=None, company_id=company.company_id) == 1
    assert [one["title"] for one in notices_for(company.user_id, None, company.company_id, limit=1)] == [
        "给企业"
    ]
