"""Writing to the outbox, and emptying it."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fangxin.notices.models import Notice
from fangxin.organisations.many_rows import insert_many
from fangxin.organisations.models import Membership
from fangxin.organisations.one_time_links import VALID_DAYS, password_link
from fangxin.organisations.written_often import insert

logger = logging.getLogger(__name__)
LAST_ATTEMPT = 6


@transaction.atomic(savepoint=False)
def send_notice(
    *,
    title: str,
    matter_id: UUID | None = None,
    to_user_id: int | None = None,
    to_body_id: int | None = None,
    to_company_id: int | None = None,
    to_complainant_of: UUID | None = None,
    enclosed: str = "",
) -> None:
    """One message lies in the outbox of its reader and leaves when the act it belongs to is committed.

    `enclosed` "set_password" adds the reader's one-time link to the mail. `title` may name the matter's number, what is asked and the day; never a person's words or name.
    """
    readers = (to_user_id, to_body_id, to_company_id, to_complainant_of)
    if all(reader is None for reader in readers):
        return
    insert(
        Notice(
            to_user_id=to_user_id,
            to_body_id=to_body_id,
            to_company_id=to_company_id,
            to_complainant_of=to_complainant_of,
            title=title,
            matter_id=matter_id,
            enclosed=enclosed,
            mail_state=_first_mail_state(),
        )
    )


@transaction.atomic(savepoint=False)
def send_notice_to_companies(company_ids: Iterable[int], *, title: str) -> None:
    """The same message lies in the outbox of each company: thousands in one writing."""
    state = _first_mail_state()
    insert_many(Notice(to_company_id=company_id, title=title, mail_state=state) for company_id in company_ids)


def _first_mail_state() -> str:
    return "waiting" if settings.EMAIL_HOST or settings.TESTING else "none"


@transaction.atomic
def mark_read(*, user_id: int, body_id: int | None, company_id: int | None) -> int:
    """The reader's unread messages are read as of now; returns how many."""
    mine = Q(to_user_id=user_id)
    if body_id is not None:
        mine |= Q(to_body_id=body_id)
    if company_id is not None:
        mine |= Q(to_company_id=company_id)
    return Notice.objects.filter(mine, read_at=None).update(read_at=timezone.now())


def deliver_notices(
    address_of_complainant: Callable[[UUID], str],
    mailbox_of_company: Callable[[int], str] = lambda company_id: "",
    *,
    limit: int = 200,
) -> tuple[int, int]:
    """Waiting messages are mailed, oldest first; returns (sent, failed). A failure is tried again, later and later.

    `address_of_complainant` opens one sealed address for the envelope only; the message itself names nobody.
    `mailbox_of_company` is where a company without anybody on the platform is reached ("": nowhere).
    """
    sent = failed = 0
    for _ in range(limit):
        outcome = _deliver_one(address_of_complainant, mailbox_of_company)
        if outcome is None:
            break
        sent, failed = sent + outcome, failed + (not outcome)
    return sent, failed


@transaction.atomic
def _deliver_one(
    address_of_complainant: Callable[[UUID], str], mailbox_of_company: Callable[[int], str]
) -> bool | None:
    notice = (
        Notice.objects.select_for_update(skip_locked=True)
        .filter(Q(mail_next_at=None) | Q(mail_next_at__lte=timezone.now()), mail_state="waiting")
        .order_by("created_at")
        .first()
    )
    if notice is None:
        return None
    addresses = _addresses(notice, address_of_complainant)
    if not addresses and notice.to_company_id and (mailbox := mailbox_of_company(notice.to_company_id)):
        addresses = [mailbox]
    if not addresses:
        notice.mail_state = "none"
        notice.save(update_fields=["mail_state"])
        return True
    # One message an address: readers do not learn of one another. Who has it is not sent it again for the
    # sake of another's broken address; that one finds it on the desk.
    if not sum([_mailed(notice, address) for address in addresses]):
        notice.mail_attempts += 1
        notice.mail_next_at = timezone.now() + timedelta(minutes=2**notice.mail_attempts)
        if notice.mail_attempts >= LAST_ATTEMPT:
            notice.mail_state = "failed"
        notice.save(update_fields=["mail_attempts", "mail_next_at", "mail_state"])
        return False
    notice.mail_state = "sent"
    notice.save(update_fields=["mail_state"])
    return True


def _mailed(notice: Notice, address: str) -> bool:
    try:
        EmailMessage(subject=notice.title, body=_body(notice), to=[address]).send()
    except (OSError, ValueError) as trouble:  # ValueError: what stands there is no address
        logger.warning("notice %s was not mailed to one reader: %s", notice.pk, type(trouble).__name__)
        return False
    return True


def _addresses(notice: Notice, address_of_complainant: Callable[[UUID], str]) -> list[str]:
    if notice.to_complainant_of is not None:
        return [address] if (address := address_of_complainant(notice.to_complainant_of)) else []
    members = Membership.objects.filter(user__is_active=True, ends_on=None).exclude(user__email="")
    if notice.to_user_id is not None:
        members = members.filter(user_id=notice.to_user_id)
    elif notice.to_body_id is not None:
        members = members.filter(body_id=notice.to_body_id)
    else:
        # `in` matches nothing when there is no company either; `=` would match everybody in the office.
        members = members.filter(company_id__in=[notice.to_company_id])
    return sorted(set(members.values_list("user__email", flat=True)))


def _body(notice: Notice) -> str:
    where = (
        "请登录平台查看。"
        if notice.to_complainant_of is None
        else "请凭投诉编号和查询码在网站“投诉进度”查看。"
    )
    if notice.enclosed == "set_password" and notice.to_user is not None:
        where = (
            f"您的用户名：{notice.to_user.username}\n请打开下面的链接设置密码，{VALID_DAYS}日内有效，只能用一次：\n"
            f"{password_link(notice.to_user)}\n请勿把这封邮件转给他人。"
        )
    return f"{notice.title}\n\n{where}\n（系统自动发送，请勿回复）\n"
