import re

from fangxin.rules.book import book

LINKS = {
    "TR": ("trading", 17),
    "DE": ("development", 9),
    "BR": ("brokerage", 32),
    "PM": ("property", 20),
    "AP": ("appraisal", 8),
    "SV": ("surveying", 6),
}
CATALOGUE = book("national").violations


def test_every_link_has_its_violations_numbered_without_a_gap():
    for prefix, (link, count) in LINKS.items():
        codes = [violation.code for violation in CATALOGUE if violation.link == link]
        assert codes == [f"{prefix}-{number:02}" for number in range(1, count + 1)]
    assert len(CATALOGUE) == sum(count for _, count in LINKS.values())


def test_every_violation_names_law_and_article():
    for violation in CATALOGUE:
        assert violation.basis, violation.code
        for basis in violation.basis:
            assert basis.law
            assert basis.article


def test_what_is_not_known_for_certain_is_marked_for_checking():
    for violation in CATALOGUE:
        uncertain = (
            violation.mark == "G"
            or any(basis.version is None or "待核" in basis.article for basis in violation.basis)
            or "待核" in violation.consequence
        )
        assert violation.needs_checking or not uncertain, violation.code


def test_classes_and_marks_are_those_of_the_catalogue():
    assert {violation.class_ for violation in CATALOGUE} == {"严重", "一般", "轻微"}
    assert {violation.mark for violation in CATALOGUE} == {"S", "F", "G"}


def test_amounts_are_written_in_full_yuan():
    for violation in CATALOGUE:
        assert "万元" not in violation.consequence, violation.code
        assert all(amount.endswith("000") for amount in re.findall(r"(\d+)元", violation.consequence))


def test_every_violation_has_words_people_use():
    for violation in CATALOGUE:
        assert 6 <= len(violation.words) <= 20, violation.code
        assert len(set(violation.words)) == len(violation.words), violation.code
        assert all(2 <= len(word) <= 16 for word in violation.words), violation.code


def test_the_presale_article_is_the_renumbered_one():
    (presale,) = [violation for violation in CATALOGUE if violation.code == "TR-01"]
    assert any(b.version == "2020-11-29修订" and "第三十六条" in b.article for b in presale.basis)
