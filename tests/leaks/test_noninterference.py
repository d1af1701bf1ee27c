"""Who complained makes no difference to anything that the public or a company can observe."""

from dataclasses import replace

import pytest

from tests.leaks.observation import Observed, differences, observe
from tests.leaks.world import FULL, Material, material

pytestmark = pytest.mark.django_db

MADE_OF = material("a")
OTHERS = [material(f"b{n}") for n in range(12 if FULL else 1)]
# What somebody would search for to learn whether a person complained: people of the one world and of another.
SEARCHED = [
    text
    for made_of in (MADE_OF, OTHERS[0])
    for stage in (("answered", "named") if FULL else ("answered",))
    for text in (made_of.authors[stage].name, made_of.authors[stage].telephone)[: None if FULL else 1]
]


@pytest.fixture(scope="module")
def kept() -> Observed:
    return {}


@pytest.fixture
def ours(kept: Observed) -> Observed:
    """The world that the others are compared with, observed once."""
    if not kept:
        kept.update(observe(MADE_OF, SEARCHED))
    return kept


@pytest.mark.parametrize("theirs", OTHERS)
def test_other_people_complaining_changes_nothing(ours: Observed, theirs: Material) -> None:
    assert not differences(ours, observe(theirs, SEARCHED))


def test_the_same_world_twice_is_the_same(ours: Observed) -> None:
    """Otherwise the tests beside this one would be noise."""
    assert not differences(ours, observe(MADE_OF, SEARCHED))


def test_one_person_complaining_often_is_not_told_from_many(ours: Observed) -> None:
    once = MADE_OF.authors["waiting"]
    often = replace(MADE_OF, authors=dict.fromkeys(MADE_OF.authors, once))
    assert not differences(ours, observe(often, SEARCHED))


def test_other_words_with_the_same_approved_summary_change_nothing(ours: Observed) -> None:
    """What was said, how the files were called and what the camera wrote beside the picture."""
    told = differences(ours, observe(material("a", "other words"), SEARCHED))
    # Whoever holds the receipt wrote the words.
    assert not [line for line in told if "with a receipt" not in line]
