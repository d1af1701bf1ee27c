"""What a person has been told."""

from django.http import HttpResponse
from django.shortcuts import render

from fangxin.notices.actions import mark_read
from fangxin.notices.queries import notices_for
from fangxin.web.access import ActingRequest, office


@office()
def mine(request: ActingRequest) -> HttpResponse:
    """The latest messages; opening the page reads them."""
    acting = request.acting
    found = notices_for(acting.user_id, acting.body_id, acting.company_id)
    mark_read(user_id=acting.user_id, body_id=acting.body_id, company_id=acting.company_id)
    return render(request, "office/notices.html", {"notices": found, "heading": "消息"})
