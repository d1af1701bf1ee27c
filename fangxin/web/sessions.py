"""How long a session lasts. Unused for SESSION_COOKIE_AGE it is over; in any case within one working day."""

from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils import timezone

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
