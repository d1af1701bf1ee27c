"""Strings that occur nowhere else, and finding them again however they were written down."""

import base64
import hashlib
import html
import io
import json
import random
import re
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

# Rare ideographs that no page, law or company of ours contains: Unified Ideographs Extension A.
_IDEOGRAPHS = [
    chr(code) for code in range(0x3400, 0x4DB0) if unicodedata.normalize("NFKC", chr(code)) == chr(code)
]


class Kept(StrEnum):
    """Where a canary may be seen at all."""

    SEALED = "sealed"  # by whoever holds a permit that runs, on the identity page alone
    TOLD = "told"  # in the complaint's own words and files: by the office, if it sees the case


@dataclass(frozen=True)
class Canary:
    """One string of one complaint: `field` says where it was written."""

    complaint: str
    field: str
    text: str
    kept: Kept


@dataclass(frozen=True)
class Author:
    """Somebody who complains: the identity that is sealed."""

    name: str
    telephone: str
    email: str
    id_kind: str
    id_number: str
    address: str
    postcode: str

    def canaries(self, complaint: str, kept: Kept = Kept.SEALED) -> Iterator[Canary]:
        for field in ("name", "telephone", "email", "id_number", "address"):
            if text := getattr(self, field):
                yield Canary(complaint, field, text, kept)


@dataclass(frozen=True)
class Words:
    """What is said and sent: the raw words, and what the files carry."""

    name: str
    telephone: str
    room: str
    person: str
    respondent: str
    project: str
    file_name: str
    camera: str
    pdf_author: str

    def canaries(self, complaint: str) -> Iterator[Canary]:
        for field, text in vars(self).items():
            yield Canary(complaint, f"words.{field}", text, Kept.TOLD)


class Names:
    """Draws strings that no two draws of one seed share a character of; nor do those of people and of words."""

    def __init__(self, of: str, seed: str) -> None:
        self.chance = random.Random(f"{of} {seed}")
        mine = _IDEOGRAPHS[of == "words" :: 2]
        self.ideographs = iter(self.chance.sample(mine, len(mine)))

    def rare(self, shortest: int, longest: int) -> str:
        return "".join(next(self.ideographs) for _ in range(self.chance.randint(shortest, longest)))

    def digits(self, count: int) -> str:
        return "".join(self.chance.choice("0123456789") for _ in range(count))

    def letters(self, count: int) -> str:
        return "".join(self.chance.choice("bcdfghjkmnpqrtvwxz") for _ in range(count))

    def author(self, *, with_everything: bool = False) -> Author:
        """One identity; now and then without e-mail or address, which nobody outside may notice."""
        whole = with_everything or self.chance.random() < 0.6
        host = f"{self.letters(self.chance.randint(5, 14))}.example"
        return Author(
            name=self.rare(2, 5),
            telephone="1" + self.chance.choice("3578") + self.digits(9),
            email=f"{self.letters(self.chance.randint(6, 20))}@{host}" if whole else "",
            id_kind="身份证" if with_everything else "",
            id_number=_id_card(self) if with_everything else "",
            address=f"北京市{self.rare(2, 4)}路{self.rare(2, 3)}院{self.rare(2, 6)}室" if whole else "",
            postcode="",
        )

    def words(self) -> Words:
        return Words(
            name=self.rare(2, 4),
            telephone="1" + self.chance.choice("3578") + self.digits(9),
            room=self.rare(3, 6),
            person=self.rare(3, 3),
            respondent=self.rare(3, 5),
            project=self.rare(3, 5),
            file_name=self.rare(3, 6),
            camera=self.letters(12),
            pdf_author=self.letters(12),
        )


def _id_card(names: Names) -> str:
    first = f"110105{names.chance.randint(1950, 2000)}0{names.chance.randint(1, 9)}1{names.digits(4)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, first, strict=True))
    return first + "10X98765432"[total % 11]


def written(text: str) -> dict[bytes, str]:
    """Every way in which a canary is looked for: octets → name of the writing, in lower case."""
    texts = {text, unicodedata.normalize("NFKC", text)}
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 8:
        texts |= {digits, digits[-11:], f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"}
    found: dict[bytes, str] = {}
    for one in texts:
        octets = one.encode()
        for name, how in {
            "utf-8": octets,
            "gb18030": one.encode("gb18030"),
            "utf-16le": one.encode("utf-16-le"),
            "utf-16be": one.encode("utf-16-be"),
            "url": urllib.parse.quote(one).encode(),
            "url+": urllib.parse.quote_plus(one, safe="").encode(),
            "html": html.escape(one).encode(),
            "decimal reference": "".join(f"&#{ord(c)};" for c in one).encode(),
            "hexadecimal reference": "".join(f"&#x{ord(c):x};" for c in one).encode(),
            "json": json.dumps(one)[1:-1].encode(),
            "python": ascii(one)[1:-1].encode(),
            "hexadecimal": octets.hex().encode(),
            "md5": hashlib.md5(octets).hexdigest().encode(),
            "sha-1": hashlib.sha1(octets).hexdigest().encode(),
            "sha-256": hashlib.sha256(octets).hexdigest().encode(),
            "backwards": one[::-1].encode(),
        }.items():
            if len(how) >= 4:
                found[how.lower()] = name
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + octets)[(0, 2, 3)[offset] :]
            coded = coded[: len(coded) // 4 * 4 - 4] if len(coded) > 8 else coded
            if len(coded) >= 8:
                found[coded.lower()] = "base64"
                found[coded.lower().replace(b"+", b"-").replace(b"/", b"_")] = "base64url"
    return found


def single_characters(text: str) -> dict[bytes, str]:
    """A masked name shows one rare character: looked for in texts, not in pictures."""
    found = {}
    for character in text:
        if character >= "㐀" and character in _IDEOGRAPHS_SET:
            for how in (
                character,
                f"&#{ord(character)};",
                f"&#x{ord(character):x};",
                f"\\u{ord(character):04x}",
            ):
                found[how.encode()] = "one character"
    return found


_IDEOGRAPHS_SET = frozenset(_IDEOGRAPHS)
Finding = tuple[Canary, str]


class Scanner:
    """Looks for canaries in whatever comes out. A line that was clean once is not looked at again."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self.patterns: list[tuple[bytes, Canary, str]] = []
        self.characters: list[tuple[bytes, Canary, str]] = []
        for canary in canaries:
            self.patterns += [(octets, canary, how) for octets, how in written(canary.text).items()]
            self.characters += [
                (octets, canary, how) for octets, how in single_characters(canary.text).items()
            ]
        self.clean: set[bytes] = set()
        self.found: dict[bytes, frozenset[Finding]] = {}

    def look(self, octets: bytes) -> set[Finding]:
        """The canaries in these octets, and in what they unpack to."""
        findings: set[Finding] = set()
        for view in unpacked(octets):
            findings |= self._in_lines(view) if _is_text(view) else self._in(view, self.patterns)
        return findings

    def _in_lines(self, octets: bytes) -> set[Finding]:
        lines = {line.strip() for line in octets.split(b"\n")} - self.clean
        unseen = [line for line in lines if line not in self.found]
        both = [*self.patterns, *self.characters]
        if unseen and not self._in(b"\n".join(unseen), both):
            self.clean.update(unseen)
            lines -= set(unseen)
        findings: set[Finding] = set()
        for line in lines:
            if line not in self.found:
                self.found[line] = frozenset(self._in(line, both))
                if not self.found[line]:
                    self.clean.add(line)
            findings |= self.found[line]
        return findings

    @staticmethod
    def _in(octets: bytes, patterns: list[tuple[bytes, Canary, str]]) -> set[Finding]:
        low = octets.lower()
        return {(canary, how) for pattern, canary, how in patterns if pattern in low}


def unpacked(octets: bytes) -> Iterator[bytes]:
    """The octets, and what lies inside: members of an archive, metadata of a picture, a signed cookie's content."""
    yield octets
    if octets[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for member in archive.infolist():
                yield member.filename.encode()
                yield archive.read(member)
    elif octets[:3] == b"\xff\xd8\xff":
        with Image.open(io.BytesIO(octets)) as picture:
            exif = picture.getexif()
            for tags in (dict(exif), exif.get_ifd(0x8825), exif.get_ifd(0x8769), picture.info):
                for value in tags.values():
                    yield value if isinstance(value, bytes) else str(value).encode()
    elif octets[:5] == b"%PDF-":
        for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", octets, re.S):
            try:
                yield zlib.decompress(body)
            except zlib.error:
                yield body


def cookie_contents(value: str) -> Iterator[bytes]:
    """What Django signed, and perhaps packed, into a cookie or a session."""
    for part in value.split(":"):
        packed, coded = part.startswith("."), part.removeprefix(".")
        try:
            plain = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
            yield zlib.decompress(plain) if packed else plain
        except (ValueError, zlib.error):
            continue


def _is_text(octets: bytes) -> bool:
    return octets[:3] != b"\xff\xd8\xff" and b"\0" not in octets[:1024]
