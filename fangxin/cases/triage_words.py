"""The word list of the rulebook: which topics a text touches, and how much each speaks for a link.

Plain Python: a web worker reads it without scikit-learn. The list is written by people
(`rulebook/national/triage_words.yaml`); nothing here learns.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from fangxin.rules.reader import Located, read_yaml, rulebook_folder

LINKS = ("trading", "brokerage", "development", "appraisal", "property", "surveying", "none")

# A longer text is read at both ends: the grievance stands at the head, the demand at the tail.
READ_AT_HEAD = 4500
READ_AT_TAIL = 1500
TITLE_READ = 400

# What a message says once counts; what it repeats counts a little more, up to this many times.
MOST_COUNTED = 7
TITLE_COUNTS = 3.0
# A long message touches many topics in passing, so each mention says less; characters.
USUAL_LENGTH = 400

_SPACE = re.compile(r"_x000[dD]_|\s+|[\x00-\x1f\x7f-\x9f\u200b-\u200f\ufeff]")
# Publishers of hotline messages put codes such as A3区 for place names.
_PLACE_CODE = re.compile(r"(?<![a-z0-9])[a-z]\d{0,2}(?=[市区县])")
_NUMBER = re.compile(r"\d+")
_SENTENCE_END = "。！？；!?;"


def plain(text: str, most: int = READ_AT_HEAD + READ_AT_TAIL) -> str:
    """The text as it is compared: one width, one case, no spaces, numbers as 0, at most `most` long."""
    if len(text) > most:
        text = text[: most * 3 // 4] + text[-(most // 4) :]
    text = unicodedata.normalize("NFKC", text).lower()
    return _NUMBER.sub("0", _PLACE_CODE.sub("", _SPACE.sub("", text)))


class Passage:
    """A plain text with the beginnings a word in it may have, so that most words need no search."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.heads = {text[at : at + 2] for at in range(len(text) - 1)} | set(text)


@dataclass(frozen=True)
class Word:
    """A word as the list writes it; `A…B` is A and, in the same sentence and within ten characters, B."""

    written: str
    parts: tuple[str, ...]
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, written: str) -> "Word":
        """The word for its spelling in a list."""
        parts = tuple(plain(part) for part in written.split("…"))
        pattern = None
        if len(parts) > 1:
            gap = rf"[^{_SENTENCE_END}]{{0,10}}?"
            pattern = re.compile(gap.join(re.escape(part) for part in parts))
        return cls(written, parts, pattern)

    def count(self, passage: Passage) -> int:
        """How often the passage says it."""
        if self.pattern is None:
            return passage.text.count(self.parts[0])
        if not all(part in passage.text for part in self.parts):
            return 0
        return sum(1 for _ in self.pattern.finditer(passage.text))

    def shown(self, passage: Passage) -> str:
        """The words of the passage itself, for the person who will read the reason."""
        if self.pattern is None:
            return self.written
        found = self.pattern.search(passage.text)
        return found.group() if found else self.written


class WordIndex:
    """Words by their first two characters."""

    def __init__(self, listed: Iterable[Word]) -> None:
        self._by_head: dict[str, list[tuple[int, Word]]] = {}
        for place, word in enumerate(listed):
            self._by_head.setdefault(word.parts[0][:2], []).append((place, word))

    def found(self, passage: Passage) -> dict[int, tuple[Word, int]]:
        """The words a passage says, by their place in the list, and how often it says each."""
        candidates = sorted(
            (place, word)
            for head in passage.heads & self._by_head.keys()
            for place, word in self._by_head[head]
        )
        return {place: (word, times) for place, word in candidates if (times := word.count(passage))}


@dataclass(frozen=True)
class Topic:
    """A matter people write about, and how strongly it speaks for or against each link."""

    title: str
    weights: dict[str, float]
    words: tuple[Word, ...]


@dataclass
class Mention:
    """A topic that a text touches: how strongly, and in which words, those of the title first."""

    topic: Topic
    strength: float
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class WordList:
    """All topics, with what turns their scores into probabilities."""

    topics: tuple[Topic, ...]
    scale: float
    prior: dict[str, float]
    version: str

    def mentions(self, title: str, text: str) -> list[Mention]:
        """The topics touched by a title and a text that `plain` has prepared."""
        head, body = Passage(title), Passage(text)
        in_title, in_body = self._index.found(head), self._index.found(body)
        thinned = math.sqrt(1 + len(text) / USUAL_LENGTH)
        said: dict[int, tuple[list[str], int]] = {}
        for place, (word, _) in in_title.items():
            said.setdefault(self._topic_of[place], ([], 0))[0].append(word.shown(head))
        titled = set(said)
        for place, (word, times) in in_body.items():
            shown, before = said.get(self._topic_of[place], ([], 0))
            said[self._topic_of[place]] = ([*shown, word.shown(body)], before + times)
        return [
            Mention(
                self.topics[at],
                TITLE_COUNTS * (at in titled) + math.log2(1 + min(times, MOST_COUNTED)) / thinned,
                list(dict.fromkeys(shown)),
            )
            for at, (shown, times) in sorted(said.items())
        ]

    @cached_property
    def _index(self) -> WordIndex:
        return WordIndex(word for topic in self.topics for word in topic.words)

    @cached_property
    def _topic_of(self) -> list[int]:
        return [at for at, topic in enumerate(self.topics) for _ in topic.words]

    def scores(self, mentions: list[Mention]) -> dict[str, float]:
        """What the mentions add up to for each link, before the prior."""
        return {
            link: sum(mention.strength * mention.topic.weights.get(link, 0.0) for mention in mentions)
            for link in LINKS
        }

    def probabilities(self, scores: dict[str, float]) -> dict[str, float]:
        """The probability of each link by the words alone."""
        return softmax({link: self.scale * scores[link] + self.prior.get(link, 0.0) for link in LINKS})


def softmax(logits: dict[str, float]) -> dict[str, float]:
    """Positive numbers in the proportion of exp(logit) that sum to 1."""
    highest = max(logits.values())
    raised = {key: math.exp(value - highest) for key, value in logits.items()}
    total = sum(raised.values())
    return {key: value / total for key, value in raised.items()}


def words() -> WordList:
    """The word list of the rulebook, read once. Raises `RulebookBroken` with file and line."""
    return _read(rulebook_folder() / "national" / "triage_words.yaml")


@cache
def _read(path: Path) -> WordList:
    root = read_yaml(path)
    for key in ("scale", "prior", "topics"):
        if key not in root:
            raise root.broken(f"缺少“{key}”")
    _check_links(root["prior"], "prior")
    return WordList(
        topics=tuple(_topic(entry) for entry in root["topics"]),
        scale=float(root["scale"]),
        prior={link: float(value) for link, value in root["prior"].items()},
        version=hashlib.sha256(path.read_bytes()).hexdigest()[:12],
    )


def _topic(entry: Located) -> Topic:
    for key in ("topic", "weights", "words"):
        if not entry.get(key):
            raise entry.broken(f"缺少“{key}”")
    _check_links(entry["weights"], "weights")
    return Topic(
        title=str(entry["topic"]),
        weights={link: float(weight) for link, weight in entry["weights"].items()},
        words=tuple(Word.of(str(word)) for word in dict.fromkeys(entry["words"])),
    )


def _check_links(weights: Any, key: str) -> None:
    for link in weights:
        if link not in LINKS:
            raise weights.broken(f"{key} 里不认识的环节“{link}”；可以写：{'、'.join(LINKS)}", link)
