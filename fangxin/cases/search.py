"""Chinese words as bigrams: exact for terms of any length, and no dictionary to miss a name."""

import re
import unicodedata
from collections.abc import Iterable

RUN = re.compile(r"[0-9a-z_-]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")
LONGEST_WORD = 40


def tokens_of(*texts: str) -> set[str]:
    """The tokens of a text: Latin words whole, Chinese runs as overlapping pairs, and each run's last character.

    The last character lets a single character be found by prefix.
    """
    tokens: set[str] = set()
    for run in _runs(texts):
        if run[0].isascii():
            tokens.add(run[:LONGEST_WORD])
        else:
            tokens.update(run[i : i + 2] for i in range(len(run) - 1))
            tokens.add(run[-1])
    return tokens


def search_expression(query: str) -> str:
    """A tsquery for what somebody typed: every term must occur; "" when nothing can be searched for."""
    terms: set[str] = set()
    for run in _runs([query[:200]]):
        if run[0].isascii() or len(run) == 1:
            terms.add(f"{_quoted(run)}:*")
        else:
            terms.update(_quoted(run[i : i + 2]) for i in range(len(run) - 1))
    return " & ".join(sorted(terms))


def _runs(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield from RUN.findall(unicodedata.normalize("NFKC", text).lower())


def _quoted(token: str) -> str:
    return "'" + token.replace("'", "''") + "'"
