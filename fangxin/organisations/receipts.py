"""What somebody without an account takes away: a number, which is a label, and a secret, which is the right to follow."""

import hashlib
import hmac
import secrets
import unicodedata
from uuid import UUID

from django.conf import settings
from django.db import connection

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SECRET_LENGTH = 18  # 31**18 > 2**89
_HELD = "select set_config('fangxin.receipt', %s, true)"


def hold_receipt(number: str, secret: str) -> tuple[str, bytes]:
    """Number and digest of a receipt as somebody typed it; row policies compare the digest from now on.

    A wrong pair then reads no row at all.
    """
    number = unicodedata.normalize("NFKC", number).strip().upper()[:32]
    secret = unicodedata.normalize("NFKC", secret).replace(" ", "").replace("-", "").strip().upper()[:64]
    digest = secret_digest(number, secret)
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [digest.hex()])
    return number, digest


def fresh_secret() -> str:
    """A new secret of 89 bits, in letters and digits that are not mistaken for one another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))


def secret_for(act_key: UUID) -> str:
    """The secret that belongs to one act, the same each time it is asked for."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"receipt:" + act_key.bytes, hashlib.sha256).digest()
    number, letters = int.from_bytes(digest, "big"), []
    for _ in range(SECRET_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def secret_digest(number: str, secret: str) -> bytes:
    """What is stored of a secret: 89 random bits need no slow hash."""
    return hashlib.sha256(f"{number}:{secret}".encode()).digest()
