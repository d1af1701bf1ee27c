"""A trained triage model: a plain JSON file of character sequences and their weights.

`triage_training` writes it with scikit-learn; here it is read and applied in plain Python, with the same
answers. A file holds no message: sequences of at most three characters that several messages share, and
one-way digests by which a later training knows which messages this one has seen.
"""

import hashlib
import json
import logging
import math
from array import array
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fangxin.cases.triage_words import LINKS

log = logging.getLogger(__name__)

FORMAT = 1
TITLE_TIMES = 3
LONGEST = 3
ADOPTED = "adopted.json"
MODELS = "models"


class ModelBroken(Exception):
    """The file is not a triage model; the message says which file and what is wrong, in Chinese."""


def sequences(document: str) -> list[str]:
    """Every sequence of one to three characters; training and use both cut texts here."""
    return [
        document[at : at + length]
        for length in range(1, LONGEST + 1)
        for at in range(len(document) - length + 1)
    ]


def document(title: str, text: str) -> str:
    """Title and text, prepared by `plain`, as one string in which the title weighs more."""
    return (title + "。") * TITLE_TIMES + text


def digest(document: str) -> str:
    """A short one-way mark of a document; equal for the same message."""
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class Model:
    """What training found, ready to use.

    `certainty_scale` turns the sum of both judges into probabilities that come true as often as they say;
    `words_share` is what the word list's scores add to the learned ones.
    """

    name: str
    links: tuple[str, ...]
    vocabulary: dict[str, int]
    rarity: "array[float]"
    weights: "tuple[array[float], ...]"
    intercepts: tuple[float, ...]
    words_share: float
    certainty_scale: float
    seen: frozenset[str]
    figures: dict[str, Any]

    def leanings(self, whole: str) -> dict[str, float]:
        """How far a document leans to each link the model has learned."""
        counted = self._weighed(whole)
        length = math.sqrt(sum(value * value for value in counted.values())) or 1.0
        return {
            link: intercept + sum(value * weights[at] for at, value in counted.items()) / length
            for link, weights, intercept in zip(self.links, self.weights, self.intercepts, strict=True)
        }

    def probabilities(
        self, whole: str, word_scores: dict[str, float], by_words: dict[str, float]
    ) -> dict[str, float]:
        """The probability of each link; for links too rare to learn it is that of the words alone."""
        return joined(self.leanings(whole), word_scores, by_words, self.words_share, self.certainty_scale)

    def telling(self, whole: str, link: str) -> dict[str, float]:
        """Sequences of two or three characters that speak for a link against every other, by strength."""
        if link not in self.links:
            return {}
        own = self.links.index(link)
        others = [weights for at, weights in enumerate(self.weights) if at != own]
        counted = self._weighed(whole)
        return {
            sequence: margin
            for sequence in set(sequences(whole))
            if len(sequence) > 1
            and (at := self.vocabulary.get(sequence)) is not None
            and (margin := counted[at] * (self.weights[own][at] - max(w[at] for w in others))) > 0
        }

    def cohesion(self, pair: str) -> float:
        """How much likelier two characters are side by side than by chance: a word's inside, not its edge."""
        found = [self.vocabulary.get(sequence) for sequence in (pair, *pair)]
        if None in found:
            return 0.0
        # rarity = ln((1 + documents) / (1 + holders)) + 1, as scikit-learn smooths it.
        both, one, other = (self.rarity[at] - 1 for at in found if at is not None)
        return one + other - both

    def _weighed(self, whole: str) -> dict[int, float]:
        vocabulary, rarity = self.vocabulary, self.rarity
        return {
            at: (1 + math.log(times)) * rarity[at]
            for sequence, times in Counter(sequences(whole)).items()
            if (at := vocabulary.get(sequence)) is not None
        }


def joined(
    leanings: dict[str, float],
    word_scores: dict[str, float],
    by_words: dict[str, float],
    words_share: float,
    certainty_scale: float,
) -> dict[str, float]:
    """Both judges together: learned links share what the words do not give to links never learned."""
    logits = {
        link: certainty_scale * (leaning + words_share * word_scores[link])
        for link, leaning in leanings.items()
    }
    highest = max(logits.values())
    raised = {link: math.exp(value - highest) for link, value in logits.items()}
    rare = {link: by_words[link] for link in LINKS if link not in leanings}
    left = (1 - sum(rare.values())) / sum(raised.values())
    return {link: rare[link] if link in rare else raised[link] * left for link in LINKS}


def load_model(path: Path) -> Model:
    """The model in a file. Raises `ModelBroken`."""
    try:
        return _model(path.stem, json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelBroken(f"读不了分拣模型 {path}：{error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ModelBroken(f"分拣模型 {path} 的内容不完整或被改动过（{error!r}）；请重新训练") from error


def _model(name: str, content: dict[str, Any]) -> Model:
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']}")
    sequence_list = content["sequences"]
    model = Model(
        name=name,
        links=tuple(content["links"]),
        vocabulary={sequence: at for at, sequence in enumerate(sequence_list)},
        rarity=array("d", content["rarity"]),
        weights=tuple(array("d", row) for row in content["weights"]),
        intercepts=tuple(map(float, content["intercepts"])),
        words_share=float(content["words_share"]),
        certainty_scale=float(content["certainty_scale"]),
        seen=frozenset(content["seen"]),
        figures=dict(content["figures"]),
    )
    lengths = {len(model.rarity), len(model.vocabulary), *map(len, model.weights)}
    if lengths != {len(sequence_list)} or not set(model.links) <= set(LINKS) or len(model.links) < 2:
        raise ValueError("lengths or links")
    if len(model.weights) != len(model.links) or len(model.intercepts) != len(model.links):
        raise ValueError("one row of weights and one intercept for each link")
    return model


_kept: dict[Path, tuple[tuple[int, int, int], Model | None]] = {}


def current_model(home: Path) -> Model | None:
    """The model adopted in a FANGXIN_HOME, or None where none is; read again only after it has changed.

    A damaged file is reported in the log and counts as none: a text must still get its suggestion.
    """
    path = Path(home) / "triage" / ADOPTED
    try:
        found = path.stat()
    except OSError:
        return None
    stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
    if path not in _kept or _kept[path][0] != stamp:
        try:
            model = load_model(path.parent / MODELS / f"{adopted_name(path)}.json")
        except ModelBroken as broken:
            log.error("%s；暂按词表提出建议", broken)
            model = None
        _kept[path] = (stamp, model)
    return _kept[path][1]


def adopted_name(path: Path) -> str:
    """The name of the adopted model. Raises `ModelBroken`."""
    try:
        name = json.loads(path.read_text(encoding="utf-8"))["model"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelBroken(f"读不懂 {path}（{error!r}）；请重新训练") from error
    if not isinstance(name, str) or Path(name).name != name:
        raise ModelBroken(f"{path} 里的模型名不对：{name!r}")
    return name
