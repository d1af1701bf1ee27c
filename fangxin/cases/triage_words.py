"""The word list of the rulebook: which topics a text touches, and how much each speaks for a link.

Plain Python: a web worker reads it without scikit-learn. The list is written by people
(`rulebook/national/triage_words.yaml`); nothing here learns.
"""

import hashlib
import math
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
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
    """A plain text with its pairs of characters, so that most words are ruled out without a search."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pairs = {text[at : at + 2] for at in range(len(text) - 1)} | set(text)

    def count(self, word: str) -> int:
        """How often the word occurs."""
        return self.text.count(word) if word[:2] in self._pairs else 0


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
            return passage.count(self.parts[0])
        if not all(passage.count(part) for part in self.parts):
            return 0
        return sum(1 for _ in self.pattern.finditer(passage.text))

    def shown(self, passage: Passage) -> str:
        """The words of the passage itself, for the person who will read the reason."""
        if self.pattern is None:
            return self.written
        found = self.pattern.search(passage.text)
        return found.group() if found else self.written


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
        thinned = math.sqrt(1 + len(text) / USUAL_LENGTH)
        found = []
        for topic in self.topics:
            in_title = [word for word in topic.words if word.count(head)]
            in_body = [(word, times) for word in topic.words if (times := word.count(body))]
            if not in_title and not in_body:
                continue
            times = min(sum(times for _, times in in_body), MOST_COUNTED)
            strength = TITLE_COUNTS * bool(in_title) + math.log2(1 + times) / thinned
            words = [word.shown(head) for word in in_title]
            words += [word.shown(body) for word, _ in in_body]
            found.append(Mention(topic, strength, list(dict.fromkeys(words))))
        return found

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
