"""The ciphers of sealed values: SM4 (GB/T 32907) and AES, both as GCM; keys are derived with SM3."""

import secrets
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE, TAG = 12, 16


class Suite(IntEnum):
    """The ciphers; the number stands in every sealed value."""

    SM4_GCM = 1
    AES_256_GCM = 2

    @property
    def key_bytes(self) -> int:
        return 16 if self is Suite.SM4_GCM else 32

    @property
    def title(self) -> str:
        return self.name.replace("_", "-")


class NotAuthentic(Exception):
    """The ciphertext, its key, or what it was bound to is not what it was."""


def encrypt(suite: Suite, key: bytes, plain: bytes, aad: bytes) -> bytes:
    """Nonce, ciphertext and tag, under a fresh nonce."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + encrypt_with(suite, key, nonce, plain, aad)


def encrypt_with(suite: Suite, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    """Ciphertext and tag. The nonce must never have been used with this key."""
    if suite is Suite.AES_256_GCM:
        return AESGCM(key).encrypt(nonce, plain, aad)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    cipher_text = encryptor.update(plain) + encryptor.finalize()
    return cipher_text + encryptor.tag


def decrypt(suite: Suite, key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """What `encrypt` was given. Raises NotAuthentic."""
    nonce, cipher_text, tag = sealed[:NONCE], sealed[NONCE:-TAG], sealed[-TAG:]
    try:
        if suite is Suite.AES_256_GCM:
            return AESGCM(key).decrypt(nonce, cipher_text + tag, aad)
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(aad)
        plain = decryptor.update(cipher_text)
        return plain + decryptor.finalize()
    except InvalidTag:
        raise NotAuthentic from None


def derived(secret: bytes, length: int, purpose: str) -> bytes:
    """A key of so many bytes for one purpose; keys for different purposes tell nothing of one another."""
    return HKDF(algorithm=hashes.SM3(), length=length, salt=None, info=purpose.encode()).derive(secret)
