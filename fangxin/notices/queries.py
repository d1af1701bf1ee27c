"""What a reader has been told."""

from typing import Any

from django.db.models import Q

from fangxin.notices.models import Notice
from fangxin.organisations.asked_often import Rows, asked_often


def _to(user_id: int, body_id: int | None, company_id: int | None) -> Q:
    mine = Q(to_user_id=user_id)
    if body_id is not None:
        mine |= Q(to_body_id=body_id)
    if company_id is not None:
        mine |= Q(to_company_id=company_id)
    return mine


def unread(user_id: int, body_id: int | None, company_id: int | None) -> int:
    """How many messages the reader has not opened; counted to 100."""
    return len(unread_notices(user_id, body_id, company_id))


@asked_often
def unread_notices(user_id: int, body_id: int | None, company_id: int | None) -> Rows:
    """Which messages the reader has not opened, the first hundred of them."""
    return Notice.objects.filter(_to(user_id, body_id, company_id), read_at=None).values("pk")[:100]


def notices_for(
    user_id: int, body_id: int | None, company_id: int | None, *, limit: int = 50
) -> list[dict[str, Any]]:
    """The reader's latest messages, newest first."""
    rows = Notice.objects.filter(_to(user_id, body_id, company_id)).order_by("-created_at")
    return [dict(row) for row in rows.values("id", "title", "matter_id", "created_at", "read_at")[:limit]]
