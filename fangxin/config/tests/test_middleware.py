"""What every request passes, before and after a page."""

from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import UnreadablePostError
from django.test import Client
from django.urls import reverse

from fangxin.config import gunicorn
from fangxin.config.middleware import WholeBody

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("charset", ["utf-7", "zip", "unicode_escape", "gbk", "no-such-charset"])
def test_a_form_in_another_encoding_than_utf_8_is_refused(client: Client, charset: str) -> None:
    """UTF-7 makes half of a character out of +2AA-; zip is an encoding to Python and to nobody else."""
    body = b'--X\r\nContent-Disposition: form-data; name="title"\r\n\r\n+2AA- \\ud800\r\n--X--\r\n'
    sent = f"multipart/form-data; boundary=X; charset={charset}"
    answer = client.generic("POST", reverse("complain"), body, content_type=sent)
    assert answer.status_code == 400
    assert "UTF-8" in answer.content.decode()


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8"])
def test_a_form_in_utf_8_may_say_so(client: Client, charset: str) -> None:
    body = '--X\r\nContent-Disposition: form-data; name="title"\r\n\r\n𠮷家\r\n--X--\r\n'.encode()
    sent = f"multipart/form-data; boundary=X; charset={charset}"
    answer = client.generic("POST", reverse("complain"), body, content_type=sent)
    assert answer.status_code == 422
    assert "𠮷家" in answer.content.decode()


@pytest.mark.parametrize("page", ["desk", "sign_in", "complain", "complaint_received"])
@pytest.mark.parametrize("cookie", ["sessionid", "messages", "receipt"])
def test_a_cookie_with_a_nul_is_refused(client: Client, page: str, cookie: str) -> None:
    """Within quotation marks a cookie can write any octet, and PostgreSQL keeps no NUL."""
    answer = client.get(reverse(page), headers={"Cookie": f'{cookie}="abcdefghijklmnop\\000"'})
    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/", "/complain/", "/sign-in/", "/office/", "/enterprise/", "/nowhere/"])
def test_no_cache_keeps_a_page(client: Client, address: str) -> None:
    """A page behind a shared proxy or a browser's Back button is somebody else's."""
    assert "no-store" in client.get(address)["Cache-Control"]


def test_a_page_that_says_who_may_keep_it_is_believed(client: Client) -> None:
    assert "max-age=0" in client.get(reverse("complaint_received"))["Cache-Control"]


def test_no_header_says_where_the_platform_lies() -> None:
    """SCRIPT_NAME from a proxy's machine would turn every page into an error."""
    assert gunicorn.forwarder_headers == ""


FORMS = {
    "application/x-www-form-urlencoded": b"title=a&text=what+happened",
    "multipart/form-data; boundary=X": b'--X\r\nContent-Disposition: form-data; name="text"\r\n\r\nwhat happened\r\n--X--\r\n',
}


def request_of(content_type: str, announced: int, arrived: bytes) -> Any:
    return WSGIRequest({
        "REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(announced),
        "wsgi.input": WholeBody(BytesIO(arrived)),
    })  # fmt: skip


@pytest.mark.parametrize("content_type", FORMS)
def test_a_form_that_arrived_whole_is_read(content_type: str) -> None:
    body = FORMS[content_type]
    assert request_of(content_type, len(body), body).POST["text"] == "what happened"


@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize("missing", [1, 8, 20])
def test_a_form_cut_off_on_the_way_is_not_read(content_type: str, missing: int) -> None:
    """Its text may read as if it were all that was written."""
    body = FORMS[content_type]
    request = request_of(content_type, len(body), body[:-missing])
    with pytest.raises(UnreadablePostError):
        _ = request.POST


def test_lines_of_a_body_are_read_to_its_end() -> None:
    body = WholeBody(BytesIO(b"one\ntwo"))
    assert (body.readline(7), body.readline(3)) == (b"one\n", b"two")
    with pytest.raises(OSError, match="early"):
        body.readline(4)
