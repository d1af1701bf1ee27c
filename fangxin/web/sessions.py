"""Where sessions are kept, and how long. Unused for SESSION_COOKIE_AGE one is over; in any case within a working day."""

from django.contrib.auth import logout
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from fangxin.organisations.asked_often import Rows, asked_often

LONGEST = 12 * 3600  # seconds from sign-in
TOUCH_EVERY = 600  # seconds; so that a page does not write the session row each time


def begin(request: HttpRequest) -> None:
    """The clock of the session starts now."""
    moment = int(timezone.now().timestamp())
    request.session["signed_in_at"] = request.session["touched_at"] = moment


def still_open(request: HttpRequest) -> bool:
    """True, and the idle time starts anew; False when the session has reached its end, and is gone."""
    moment = int(timezone.now().timestamp())
    if "signed_in_at" not in request.session:
        begin(request)
    if moment - request.session["signed_in_at"] > LONGEST:
        logout(request)
        return False
    if moment - request.session["touched_at"] > TOUCH_EVERY:
        request.session["touched_at"] = moment
    return True


class SessionStore(db.SessionStore):
    """Sessions in the database, as Django keeps them; this name is the one SESSION_ENGINE looks for."""

    def _get_session_from_db(self) -> Session | None:
        found: list[Session] = session_row(self.session_key or "")
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None


@asked_often
def session_row(key: str) -> Rows:
    """The session with that key, be its time over or not."""
    return Session.objects.filter(session_key=key)
