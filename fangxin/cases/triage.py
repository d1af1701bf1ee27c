"""What a new text is probably about: a link, up to three violations, and the words that say so.

A suggestion decides nothing; a person sorts. Out of the box it rests on the rulebook's word list; a model
trained on an office's own messages joins in once it has measured better (`fangxin train-triage`). Plain
Python, so that a web worker carries no scikit-learn.
"""

import math
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from fangxin.cases.triage_model import Model, ModelBroken, current_model, document, load_model
from fangxin.cases.triage_words import (
    LINKS,
    TITLE_READ,
    Mention,
    Passage,
    Word,
    WordIndex,
    plain,
    words,
)
from fangxin.rules import book

__all__ = [
    "LINKS",
    "Model",
    "ModelBroken",
    "Suggestion",
    "ViolationHint",
    "current_model",
    "load_model",
    "suggest",
]

MOST_REASONS = 8
MOST_VIOLATIONS = 3
# A topic that says less than this share of the strongest is no reason worth reading.
WORTH_SHOWING = 0.2
# With fewer words of the list than this, the model's own evidence is shown as well.
ENOUGH_REASONS = 3

# The catalogue files a few everyday matters under the neighbouring link: title deeds under development,
# late delivery under development. The seller and the developer are mostly one company.
NEIGHBOURS = {"trading": "development", "development": "trading"}
NEIGHBOURS_COUNT = 0.7
# A single everyday word that five entries share is no ground to name a violation.
ENOUGH_FOR_A_VIOLATION = 1.0

_FRAGMENT = re.compile(r"[\u4e00-\u9fff\U00020000-\U0003ffff]+")
LONGEST_FRAGMENT = 6
# Natural logarithm; below it two characters are neighbours by chance.
HOLDS_TOGETHER = 1.2


@dataclass(frozen=True)
class ViolationHint:
    """A violation of the national catalogue that the text may describe, and the words that recall it."""

    code: str
    act: str
    words: list[str]


@dataclass(frozen=True)
class Suggestion:
    """The link a text probably belongs to, how certain that is (0 to 1), and why.

    `certainty` is the probability that the link is right; `model` names the judge: `words-…` for the word
    list alone, otherwise the trained model.
    """

    link: str
    certainty: float
    reasons: list[str]
    violations: list[ViolationHint]
    model: str


def suggest(title: str, text: str, *, model: Model | None = None) -> Suggestion:
    """The suggestion for a text, whatever it contains; without a model, by the word list alone."""
    title, text = plain(title, TITLE_READ), plain(text)
    listed = words()
    mentions = listed.mentions(title, text)
    scores = listed.scores(mentions)
    probable = listed.probabilities(scores)
    whole = document(title, text)
    if model is not None:
        probable = model.probabilities(whole, scores, probable)
    link = max(LINKS, key=lambda name: probable[name])
    reasons = _reasons(mentions, link)
    if model is not None and len(reasons) < ENOUGH_REASONS:
        reasons += _fragments(model, f"{title}。{text}", whole, link, reasons)
    return Suggestion(
        link=link,
        certainty=probable[link],
        reasons=reasons[:MOST_REASONS],
        violations=_violations(link, Passage(title), Passage(text)),
        model=model.name if model else f"words-{listed.version}",
    )


def _reasons(mentions: list[Mention], link: str) -> list[str]:
    """The words that spoke for the link, strongest topic first; a word within another is left out."""
    worth = [(mention.strength * mention.topic.weights.get(link, 0.0), mention) for mention in mentions]
    strongest = max((said for said, _ in worth), default=0.0)
    worth = [(said, mention) for said, mention in worth if said > 0 and said >= strongest * WORTH_SHOWING]
    speaking = [mention for _, mention in sorted(worth, key=lambda pair: -pair[0])]
    # Every topic gives its best words before any gives its third.
    found = [word for mention in speaking for word in mention.words[:2]]
    found += [word for mention in speaking for word in mention.words[2:]]
    return _longest(found)


def _longest(found: list[str]) -> list[str]:
    kept = list(dict.fromkeys(found))
    return [word for word in kept if not any(word != other and word in other for other in kept)]


def _fragments(model: Model, shown: str, whole: str, link: str, known: list[str]) -> list[str]:
    """Readable pieces of the text in which the model saw the link."""
    telling = model.telling(whole, link)
    if not telling:
        return []
    weight = [0.0] * len(shown)
    for length in (2, 3):
        for at in range(len(shown) - length + 1):
            if (margin := telling.get(shown[at : at + length])) is not None:
                for place in range(at, at + length):
                    weight[place] += margin
    found: dict[str, float] = {}
    for run in _FRAGMENT.finditer(shown):
        at = run.start()
        for fragment in _cohesive(model, run.group()):
            said = sum(weight[at : at + len(fragment)]) / len(fragment)
            at += len(fragment)
            if len(fragment) > 1 and said > 0 and not any(fragment in w or w in fragment for w in known):
                found[fragment] = max(said, found.get(fragment, 0.0))
    best = sorted(found, key=lambda fragment: (-found[fragment], fragment))
    return _longest(best[:ENOUGH_REASONS])


def _cohesive(model: Model, run: str) -> list[str]:
    """A run of characters cut where two neighbours do not hold together."""
    pieces = [run[0]]
    for before, letter in pairwise(run):
        if model.cohesion(before + letter) >= HOLDS_TOGETHER and len(pieces[-1]) < LONGEST_FRAGMENT:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


@dataclass(frozen=True)
class _Sign:
    """A word of the catalogue: the violations it recalls, and how much it says of each."""

    word: Word
    codes: tuple[str, ...]
    worth: float


@cache
def _signs() -> tuple[list[_Sign], WordIndex]:
    recalls: dict[str, list[str]] = {}
    for violation in book("national").violations:
        for written in violation.words:
            recalls.setdefault(written, []).append(violation.code)
    signs = [
        _Sign(Word.of(written), tuple(codes), min(len(written), 6) / 4 / len(codes))
        for written, codes in recalls.items()
    ]
    return signs, WordIndex(sign.word for sign in signs)


def _violations(link: str, title: Passage, text: Passage) -> list[ViolationHint]:
    """The violations of the link, or of its neighbour, that most of the words recall."""
    if link == "none":
        return []
    catalogue = {
        violation.code: violation
        for violation in book("national").violations
        if violation.link in {link, NEIGHBOURS.get(link)}
    }
    strength: dict[str, float] = {}
    recalled: dict[str, list[str]] = {}
    signs, index = _signs()
    in_title, in_text = index.found(title), index.found(text)
    for place in sorted(in_title.keys() | in_text.keys()):
        sign, (_, times) = signs[place], in_text.get(place, (None, 0))
        for code in sign.codes:
            if code in catalogue:
                said = sign.worth * (2 * (place in in_title) + math.log2(1 + min(times, 3)))
                strength[code] = strength.get(code, 0.0) + said
                recalled.setdefault(code, []).append(sign.word.shown(text))
    for code, violation in catalogue.items():
        if code in strength and violation.link != link:
            strength[code] *= NEIGHBOURS_COUNT
    likely = sorted(code for code in strength if strength[code] >= ENOUGH_FOR_A_VIOLATION)
    likely.sort(key=lambda code: -strength[code])
    return [
        ViolationHint(code, catalogue[code].act, _longest(recalled[code])[:5])
        for code in likely[:MOST_VIOLATIONS]
    ]
