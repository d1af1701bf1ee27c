"""Marked values within words that everybody may read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fangxin.rules.crosscheck_base import Declaration, Hit, Path, Row, check
from fangxin.rules.declarations import CrossCheck
from fangxin.rules.indicator_fields import Field
from fangxin.rules.indicator_texts import folded

DIGITS = re.compile(r"\d+")
NUMERIC = frozenset({"phone", "person_id"})


@check("secret_numbers_in_public")
def _secret_numbers_in_public(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _secrets_in_public(asked, row.codes)


@check("secret_words_in_public")
def _secret_words_in_public(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _secrets_in_public(asked, row.codes)


@dataclass(frozen=True)
class _Secret:
    """A marked value as it is looked for: its words folded, its numbers as digits alone."""

    code: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]

    def within(self, text: "_Text") -> bool:
        """Whether it occurs in the text."""
        return any(part in text.words for part in self.words) or any(
            part in text.digits for part in self.numbers
        )


@dataclass(frozen=True)
class _Text:
    """Words that the public would read, folded, and the digits in them."""

    code: str
    path: Path
    words: str
    digits: str


def _secrets_of(
    fields: Sequence[Field], row: Row, besides: frozenset[Any] = frozenset()
) -> Iterator[_Secret]:
    for one in fields:
        if not (value := row.get(one.column)) or value in besides:
            continue
        parts = [folded(part) for part in str(value).split("；")]
        # 138 1234 5678 and 0591-8765 4321 are the same numbers, however they are grouped.
        digits = ["".join(DIGITS.findall(part)) if one.type in NUMERIC else "" for part in parts]
        words = tuple(p for p, d in zip(parts, digits, strict=True) if len(d) <= 6 and len(p) > 1)
        yield _Secret(one.code, words, tuple(number for number in digits if len(number) > 6))


def _public_texts(asked: Declaration) -> list[tuple[str, int, _Text]]:
    """Every text that the public would read, with its table and the number of its row."""
    found = []
    for table in ("J1", "J6", "J8"):
        shown = [one for one in asked.catalogue.public_fields(table) if one.type in ("text", "long_text")]
        for at, (_, path, row) in enumerate(asked.numbered(table)):
            for one in shown:
                if text := row.get(one.column):
                    words = folded(text)
                    digits = "".join(DIGITS.findall(words))
                    found.append((table, at, _Text(one.code, (*path, one.column), words, digits)))
    return found


def _secrets_in_public(asked: Declaration, codes: Sequence[str]) -> Iterator[Hit]:
    texts = asked.once(_public_texts)
    # A secret that is not in all of them together is in none.
    whole = _Text(
        "", (), "\n".join(text.words for _, _, text in texts), "\n".join(t.digits for _, _, t in texts)
    )
    fields = [asked.catalogue.field(code) for code in codes]
    clients = [one for one in fields if one.table == "J6"]
    # An agency that gives its own number for a client's has told nothing about the client.
    open_anyway = frozenset(asked.one("J1").get(column) for column in ("telephone", "fax"))
    of_projects = [
        [secret for secret in _secrets_of(clients, row, open_anyway) if secret.within(whole)]
        for row in asked.rows("J6")
    ]
    own = [
        secret
        for table in dict.fromkeys(one.table for one in fields if one.table != "J6")
        for row in asked.rows(table)
        for secret in _secrets_of([one for one in fields if one.table == table], row)
        if secret.within(whole)
    ]
    everybodys = [*own, *(secret for secrets in of_projects for secret in secrets)]
    for table, at, text in texts if everybodys else ():
        # A project names its own client, if any; only the agency's own words are searched for all of them.
        for secret in [*own, *of_projects[at]] if table == "J6" else everybodys:
            if secret.within(text):
                yield Hit(text.path, {"code": secret.code}, (text.code, secret.code))
