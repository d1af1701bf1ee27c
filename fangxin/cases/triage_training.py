"""Learns the sorting from an office's own messages, measures what was learned, and keeps it.

Used by the command line and the worker; scikit-learn is loaded when training begins, never by a web
worker. The same examples and seed give the same file, byte for byte.
"""

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fangxin.cases.triage_examples import Example, same_grievances
from fangxin.cases.triage_figures import best, figures, scored
from fangxin.cases.triage_model import (
    ADOPTED,
    FORMAT,
    MODELS,
    Model,
    adopted_name,
    digest,
    joined,
    load_model,
    sequences,
)
from fangxin.cases.triage_words import LINKS, TITLE_READ, plain, words

# A link with fewer examples is left to the word list.
FEWEST_TO_LEARN = 8
# Both chosen once, on labelled hotline messages; docs/triage.md says what else was tried.
REGULARISATION = 10.0
WORDS_SHARE = 0.15
# So many separate grievances share a sequence before it is learned: fewer could be one person's name.
RAREST_KEPT = 4
MOST_SEQUENCES = 60_000

Leanings = dict[int, dict[str, float]]


class TooFewExamples(Exception):
    """There is not enough to learn from; the message says in Chinese what is missing."""


@dataclass(frozen=True)
class Trained:
    """What a training found: the file to keep, how well it measured, and against what."""

    name: str
    content: bytes
    figures: dict[str, Any]
    incumbent: str
    incumbent_macro_f1: float
    better: bool

    @property
    def macro_f1(self) -> float:
        """The cross-validated macro-F1 over all links that were learned."""
        value: float = self.figures["all"]["macro_f1"]
        return value


def train(
    examples: Iterable[Example],
    *,
    threshold: float,
    folds: int = 5,
    seed: int = 0,
    incumbent: Model | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> Trained:
    """A model of these examples, measured by cross-validation beside the one now in use.

    `threshold` is the certainty above which a suggestion is filled in for the person; without an incumbent
    the comparison is with the word list. A message given twice counts once, with the link given last.
    Raises `TooFewExamples`.
    """
    lot = _Lot(examples)
    trial = _Trial(lot, lot.learnable(folds), folds, seed)
    leanings = trial.unseen_leanings(note)
    scale = trial.certainty_scale(leanings)
    given = [lot.joined(at, leanings[at], scale) for at in range(len(lot.examples))]
    measured = {
        "messages": len(lot.examples),
        "sure": sum(lot.sure),
        "folds": folds,
        "seed": seed,
        **figures(given, lot.links, lot.sure, trial.learned, threshold),
    }
    answers = trial.incumbent_answers(incumbent, note)
    before = scored(answers, lot.links, trial.learned)["macro_f1"]
    note("用全部例子训练")
    content = trial.content(scale, measured)
    return Trained(
        name=f"triage-{hashlib.sha256(content).hexdigest()[:12]}",
        content=content,
        figures=measured,
        incumbent=incumbent.name if incumbent else f"words-{words().version}",
        incumbent_macro_f1=before,
        better=measured["all"]["macro_f1"] > before,
    )


def keep(trained: Trained, home: Path) -> Path:
    """The model lies in the folder of models beside all earlier ones; returns its file."""
    folder = home / "triage" / MODELS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{trained.name}.json"
    _write(path, trained.content)
    return path


def adopt(trained: Trained, home: Path) -> None:
    """Suggestions are made with this model from now on; it must have been kept."""
    content = json.dumps({"model": trained.name, "macro_f1": trained.macro_f1})
    _write(home / "triage" / ADOPTED, content.encode())


def incumbent_of(home: Path) -> Model | None:
    """The model adopted now, or None where the word list is in use. Raises `ModelBroken`."""
    path = home / "triage" / ADOPTED
    if not path.exists():
        return None
    return load_model(path.parent / MODELS / f"{adopted_name(path)}.json")


def _write(path: Path, content: bytes) -> None:
    """The whole content is there, or the file is as before."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


class _Lot:
    """The examples in an order that does not depend on how they were given, with what every fold needs."""

    def __init__(self, examples: Iterable[Example]) -> None:
        distinct = {digest(example.whole): example for example in examples}
        self.digests = sorted(distinct)
        self.examples = [distinct[mark] for mark in self.digests]
        self.links = [example.link for example in self.examples]
        self.sure = [example.sure for example in self.examples]
        self.grievances = same_grievances([example.whole for example in self.examples])
        listed = words()
        self.word_scores = [
            listed.scores(listed.mentions(plain(example.title, TITLE_READ), plain(example.text)))
            for example in self.examples
        ]
        self.by_words = [listed.probabilities(scores) for scores in self.word_scores]

    @cached_property
    def counted(self) -> tuple[Any, list[str]]:
        """How often each sequence occurs in each document, as a sparse matrix, and the sequences."""
        from sklearn.feature_extraction.text import CountVectorizer

        counter = CountVectorizer(analyzer=sequences, min_df=RAREST_KEPT, max_features=MOST_SEQUENCES)
        try:
            matrix = counter.fit_transform(example.whole for example in self.examples)
        except ValueError as empty:
            raise TooFewExamples("消息之间没有共有的文字，无从学习") from empty
        return matrix.astype(float), list(counter.get_feature_names_out())

    def learnable(self, folds: int) -> list[str]:
        """The links with enough separate examples, in the platform's order. Raises `TooFewExamples`."""
        separate = Counter(link for link, _ in set(zip(self.links, self.grievances, strict=True)))
        enough = max(FEWEST_TO_LEARN, folds)
        learned = [link for link in LINKS if separate[link] >= enough]
        if len(learned) < 2:
            given = "、".join(f"{link} {count} 条" for link, count in sorted(separate.items())) or "没有例子"
            raise TooFewExamples(f"至少要有两个环节各有 {enough} 条互不重复的例子才能训练；现有：{given}")
        return learned

    def joined(self, at: int, leaning: dict[str, float], scale: float) -> dict[str, float]:
        """What both judges say of an example."""
        return joined(leaning, self.word_scores[at], self.by_words[at], WORDS_SHARE, scale)


class _Trial:
    """One way of cutting the lot into folds, and the models of each."""

    def __init__(self, lot: _Lot, learned: list[str], folds: int, seed: int) -> None:
        from sklearn.model_selection import StratifiedGroupKFold

        self.lot, self.learned, self.seed = lot, learned, seed
        strata = [link if link in learned else learned[0] for link in lot.links]
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        self.folds = [
            (inside.tolist(), outside.tolist())
            for inside, outside in splitter.split(strata, strata, lot.grievances)
        ]

    def unseen_leanings(self, note: Callable[[str], None]) -> Leanings:
        """What models that had not seen an example say of it."""
        leanings: Leanings = {}
        for turn, (inside, outside) in enumerate(self.folds, start=1):
            note(f"交叉验证 {turn}/{len(self.folds)}")
            leanings |= self._leanings(inside, outside, self.learned)
        return leanings

    def incumbent_answers(self, incumbent: Model | None, note: Callable[[str], None]) -> list[str]:
        """What the judge now in use says of each example without having seen it.

        A model that learned from some of these messages would know them by heart, so in each fold it is
        trained again on those it knew, less the fold.
        """
        lot = self.lot
        answers = [best(by_words) for by_words in lot.by_words]
        if incumbent is None:
            return answers
        known = {at for at, mark in enumerate(lot.digests) if mark in incumbent.seen}
        if not known:
            return [
                best(incumbent.probabilities(example.whole, lot.word_scores[at], lot.by_words[at]))
                for at, example in enumerate(lot.examples)
            ]
        for turn, (inside, outside) in enumerate(self.folds, start=1):
            note(f"现用模型的交叉验证 {turn}/{len(self.folds)}")
            learned_from = [at for at in inside if at in known]
            spread = Counter(lot.links[at] for at in learned_from)
            links = [link for link in LINKS if link in incumbent.links and spread[link]]
            if len(links) > 1:
                for at, leaning in self._leanings(learned_from, outside, links).items():
                    answers[at] = best(lot.joined(at, leaning, 1.0))
        return answers

    def certainty_scale(self, leanings: Leanings) -> float:
        """The factor under which the certainties of unseen messages come true as often as they say."""
        import numpy
        from scipy.optimize import minimize_scalar

        lot = self.lot
        usable = [at for at, link in enumerate(lot.links) if link in self.learned]
        summed = numpy.array(
            [
                [leanings[at][link] + WORDS_SHARE * lot.word_scores[at][link] for link in self.learned]
                for at in usable
            ]
        )
        right = numpy.array([self.learned.index(lot.links[at]) for at in usable])

        def surprise(scale: float) -> float:
            logits = summed * scale
            logits -= logits.max(axis=1, keepdims=True)
            chosen = logits[numpy.arange(len(right)), right]
            return float((numpy.log(numpy.exp(logits).sum(axis=1)) - chosen).mean())

        return round(float(minimize_scalar(surprise, bounds=(0.05, 5.0), method="bounded").x), 3)

    def content(self, scale: float, measured: dict[str, Any]) -> bytes:
        """The file of a model that has learned from every example."""
        judge, tfidf, kept = self._fit(range(len(self.lot.examples)), self.learned)
        order = [list(judge.classes_).index(link) for link in self.learned]
        weights = _one_for_each(judge.coef_, axis=0)[order]
        intercepts = _one_for_each(judge.intercept_, axis=0)[order]
        every = self.lot.counted[1]
        content = {
            "format": FORMAT,
            "links": self.learned,
            "sequences": [every[at] for at in kept],
            "rarity": _short(tfidf.idf_),
            "weights": [_short(row) for row in weights],
            "intercepts": _short(intercepts),
            "words_share": WORDS_SHARE,
            "certainty_scale": scale,
            "words_version": words().version,
            "seen": self.lot.digests,
            "figures": measured,
        }
        written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return written.encode("utf-8", "replace")

    def _leanings(self, inside: Sequence[int], outside: Sequence[int], links: list[str]) -> Leanings:
        judge, tfidf, kept = self._fit(inside, links)
        decisions = judge.decision_function(tfidf.transform(self.lot.counted[0][outside][:, kept]))
        margins = _one_for_each(decisions, axis=1)
        order = list(judge.classes_)
        return {
            at: {link: float(row[order.index(link)]) for link in links}
            for at, row in zip(outside, margins, strict=True)
        }

    def _fit(self, inside: Sequence[int], links: list[str]) -> tuple[Any, Any, Any]:
        from sklearn.feature_extraction.text import TfidfTransformer
        from sklearn.linear_model import LogisticRegression

        usable = [at for at in inside if self.lot.links[at] in links]
        counts = self.lot.counted[0][usable]
        kept = _shared(counts, [self.lot.grievances[at] for at in usable])
        if not len(kept):
            raise TooFewExamples(f"没有一段文字见于 {RAREST_KEPT} 条以上互不重复的消息，无从学习")
        tfidf = TfidfTransformer(sublinear_tf=True)
        judge = LogisticRegression(
            C=REGULARISATION, class_weight="balanced", max_iter=2000, random_state=self.seed
        )
        judge.fit(tfidf.fit_transform(counts[:, kept]), [self.lot.links[at] for at in usable])
        return judge, tfidf, kept


def _shared(counts: Any, grievances: list[int]) -> Any:
    """The columns of sequences that enough separate grievances contain."""
    import numpy
    from scipy.sparse import csr_matrix

    groups = {grievance: at for at, grievance in enumerate(dict.fromkeys(grievances))}
    rows = [groups[grievance] for grievance in grievances]
    gathered = csr_matrix((numpy.ones(len(rows)), (rows, range(len(rows)))), shape=(len(groups), len(rows)))
    holders = numpy.asarray((gathered @ counts > 0).sum(axis=0)).ravel()
    return (holders >= RAREST_KEPT).nonzero()[0]


def _one_for_each(values: Any, *, axis: int) -> Any:
    """One row or column for each link, also where scikit-learn gives a single one for two links."""
    import numpy

    if axis == 1 and values.ndim == 1:
        return numpy.stack([-values / 2, values / 2], axis=1)
    if axis == 0 and len(values) == 1:
        return numpy.concatenate([-values / 2, values / 2])
    return values


def _short(values: Any) -> list[float]:
    """Five significant digits each; more say nothing and differ between processors."""
    return [float(f"{value:.5g}") for value in values]
