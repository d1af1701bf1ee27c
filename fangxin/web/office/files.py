"""Downloads in the office; each is recorded."""

from uuid import UUID

from django.http import Http404, HttpResponse

from fangxin.cases.queries import case_for
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import subject_of
from fangxin.investigations.queries import is_of_case
from fangxin.web.access import ActingRequest, office


@office()
def attachment(request: ActingRequest, number: str, attachment_id: UUID) -> HttpResponse:
    """A file of a case the reader may see."""
    case, subject = case_for(request.acting, number), subject_of(attachment_id)
    if case is None or subject is None or not is_of_case(case, *subject):
        raise Http404
    opened = open_attachment(
        attachment_id, subject_kind=subject[0], subject_id=subject[1], by=request.acting.actor
    )
    return HttpResponse(opened.content, headers=opened.headers)
