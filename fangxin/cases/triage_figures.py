"""How well suggestions agree with what people decided."""

from collections.abc import Sequence
from typing import Any

from fangxin.cases.triage_words import LINKS

BINS = 10

Probabilities = dict[str, float]


def best(probable: Probabilities) -> str:
    """The most probable link; of equals, the first in the platform's order."""
    return max(LINKS, key=lambda link: probable[link])


def figures(
    given: Sequence[Probabilities],
    right: Sequence[str],
    sure: Sequence[bool],
    links: Sequence[str],
    threshold: float,
) -> dict[str, Any]:
    """All figures of a measurement, over every message and over those whose reader was sure.

    `links` are those that count in the macro-F1; `threshold` is the certainty at which a suggestion is
    filled in for the person.
    """
    answers = [best(probable) for probable in given]
    certainties = [max(probable.values()) for probable in given]
    hits = [answer == link for answer, link in zip(answers, right, strict=True)]
    decided = [hit for hit, certainty in zip(hits, certainties, strict=True) if certainty >= threshold]
    of_sure = [at for at, is_sure in enumerate(sure) if is_sure]
    return {
        "all": scored(answers, right, links),
        "sure_ones": scored([answers[at] for at in of_sure], [right[at] for at in of_sure], links),
        "threshold": threshold,
        "decided_share": _ratio(len(decided), len(right)),
        "decided_accuracy": _ratio(sum(decided), len(decided)),
        "calibration_error": _calibration_error(certainties, hits),
    }


def scored(answers: Sequence[str], right: Sequence[str], links: Sequence[str]) -> dict[str, Any]:
    """Accuracy, macro-F1 over `links`, and precision, recall and F1 of each."""
    pairs = list(zip(answers, right, strict=True))
    by_link = {}
    for link in links:
        hits = sum(answer == link == truth for answer, truth in pairs)
        given = sum(answer == link for answer, _ in pairs)
        there = sum(truth == link for _, truth in pairs)
        by_link[link] = {
            "precision": _ratio(hits, given),
            "recall": _ratio(hits, there),
            "f1": _ratio(2 * hits, given + there),
            "messages": there,
        }
    return {
        "accuracy": _ratio(sum(answer == truth for answer, truth in pairs), len(pairs)),
        "macro_f1": round(sum(one["f1"] for one in by_link.values()) / len(links), 4),
        "links": by_link,
    }


def _calibration_error(certainties: Sequence[float], hits: Sequence[bool]) -> float:
    """How far certainty and truth lie apart, averaged over ten bins of certainty."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for pair in zip(certainties, hits, strict=True):
        bins.setdefault(min(int(pair[0] * BINS), BINS - 1), []).append(pair)
    apart = sum(
        abs(sum(certainty for certainty, _ in pairs) - sum(hit for _, hit in pairs))
        for pairs in bins.values()
    )
    return round(apart / len(hits), 4)


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
