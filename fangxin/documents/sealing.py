"""Sealed values: what lies in the database cannot be read, moved to another row, or altered unnoticed.

A value is sealed under a data key (`key_ring`), for the place it stands in. Equal values are found through
a blind index, keyed by a second secret, because whoever had that key could soon guess a telephone number.

A sealed value is: format, suite, number of the data key (4 bytes), nonce (12), ciphertext, tag (16).
"""

import re
import struct
import unicodedata
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import hashes, hmac

from fangxin.documents.ciphers import NONCE, TAG, NotAuthentic, decrypt, encrypt
from fangxin.documents.key_ring import SealBroken, index_key, key_numbered, newest_key
from fangxin.documents.secret_keys import SealingNotReady

__all__ = [
    "HEADER_LENGTH",
    "SealBroken",
    "SealingNotReady",
    "blind_index",
    "key_number",
    "normalised",
    "open_bytes",
    "open_text",
    "reseal",
    "seal_bytes",
    "seal_text",
]

_FORMAT = 1
_HEADER = struct.Struct(">BBI")
HEADER_LENGTH = _HEADER.size


def seal_text(plain: str, aad: str) -> bytes:
    """The text, sealed for one place only: `aad` names it, as "complainant.name:<uuid of the row>".

    Raises SealingNotReady.
    """
    return seal_bytes(plain.encode(), aad)


def open_text(sealed: bytes, aad: str) -> str:
    """The text that was sealed for this place. Raises SealBroken."""
    return open_bytes(sealed, aad).decode()


def seal_bytes(plain: bytes, aad: str) -> bytes:
    """As `seal_text`, for the content of a file."""
    key = newest_key()
    header = _HEADER.pack(_FORMAT, key.suite, key.number)
    return header + encrypt(key.suite, key.secret, plain, header + aad.encode())


def open_bytes(sealed: bytes, aad: str) -> bytes:
    """As `open_text`, for the content of a file. Raises SealBroken."""
    sealed = bytes(sealed)
    if len(sealed) < HEADER_LENGTH + NONCE + TAG or sealed[0] != _FORMAT:
        raise SealBroken("封存内容无法开启：不是本平台的封存格式，或已残缺。")
    header, body = sealed[:HEADER_LENGTH], sealed[HEADER_LENGTH:]
    _, suite, number = _HEADER.unpack(header)
    key = key_numbered(number)
    if key is None or key.suite != suite:
        raise SealBroken(f"封存内容无法开启：第 {number} 号封存密钥不在密钥表中。请核对数据库备份是否完整。")
    try:
        return decrypt(key.suite, key.secret, body, header + aad.encode())
    except NotAuthentic:
        raise SealBroken("封存内容无法开启：内容被改动，或被移到了别的记录或字段。") from None


def reseal(sealed: bytes, aad: str) -> bytes | None:
    """The value under the newest data key; None when it already is. Raises SealBroken."""
    if key_number(sealed) == newest_key().number:
        return None
    return seal_bytes(open_bytes(sealed, aad), aad)


def key_number(sealed: bytes) -> int:
    """The number of the data key it lies under, read from its first bytes. Raises SealBroken."""
    if len(sealed) < HEADER_LENGTH or sealed[0] != _FORMAT:
        raise SealBroken("封存内容无法开启：不是本平台的封存格式，或已残缺。")
    return int(_HEADER.unpack(bytes(sealed)[:HEADER_LENGTH])[2])


def blind_index(field: str, value: str) -> bytes:
    """Sixteen bytes, equal for equal values of the field; without the index key they say nothing more.

    `field` is telephone, id_number, name or email; the value is normalised as `normalised` does.
    Raises ValueError when nothing is left of it, and SealingNotReady.
    """
    plain = normalised(field, value)
    if not plain:
        raise ValueError("内容为空，不能按它查找。")
    mac = hmac.HMAC(index_key(field), hashes.SM3())
    mac.update(plain.encode())
    return mac.finalize()[:16]


def normalised(field: str, value: str) -> str:
    """The value as it is compared: ＋８６ 138-0013-8000 is 13800138000; 阿依古丽·买买提 loses its dot."""
    return _NORMALISERS[field](unicodedata.normalize("NFKC", value))


def _telephone(text: str) -> str:
    digits = "".join(mark for mark in text if mark.isdigit())
    is_abroad = text.lstrip().startswith("+")
    for prefix in ("0086", "86"):
        rest = digits.removeprefix(prefix)
        if rest != digits and (is_abroad or prefix == "0086" or re.fullmatch(r"1[3-9]\d{9}", rest)):
            # +86 10 … is written 010 … at home; a mobile number has no such nought.
            return rest if re.fullmatch(r"1[3-9]\d{9}", rest) or rest.startswith("0") else f"0{rest}"
    return digits


_NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "telephone": _telephone,
    "id_number": lambda text: "".join(mark for mark in text if mark.isalnum()).upper(),
    "name": lambda text: re.sub(r"[\s·•・‧∙⋅]", "", text).casefold(),
    "email": lambda text: text.strip().casefold(),
}
