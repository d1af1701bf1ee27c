"""A link by which somebody sets the password of a new account: good once, and for a few days (Django's tokens)."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from fangxin.organisations.models import User

VALID_DAYS = settings.PASSWORD_RESET_TIMEOUT // 86400


def password_link(user: User) -> str:
    """The address, which ends with the first password set, the first sign-in, or after the days of validity."""
    parts = [urlsafe_base64_encode(str(user.pk).encode()), default_token_generator.make_token(user)]
    return f"{settings.SITE_ADDRESS}{reverse('set_password', args=parts)}"


def user_of_link(uid: str, token: str) -> User | None:
    """Whose link it is; None for one that is used, too old or none, or of a closed account."""
    try:
        number = int(force_str(urlsafe_base64_decode(uid)))
    except (ValueError, UnicodeDecodeError, OverflowError):
        return None
    if not 0 < number < 2**63:
        return None
    user = User.objects.filter(pk=number, is_active=True).first()
    return user if user is not None and default_token_generator.check_token(user, token) else None
