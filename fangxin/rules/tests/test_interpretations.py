import re
import unicodedata

from fangxin.rules.reader import rulebook_folder

FOLDER = rulebook_folder()
TEXT = (FOLDER / "interpretations.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in sorted((FOLDER / "sources").glob("*.txt")))


def letters(text: str) -> str:
    """Without white space, and with one kind of comma."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_every_open_question_has_its_section():
    found = re.findall(r"^## (AMB-\d\d) ", TEXT, re.MULTILINE)
    assert set(found) >= {f"AMB-{n:02}" for n in range(1, 47)}
    assert len(found) == len(set(found)), "a number twice"


def test_every_section_says_what_was_chosen_why_and_where():
    for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        for part in ("**原文**", "**选择**", "**理由**", "**在哪里生效**"):
            assert part in body, heading


def test_every_reference_from_the_rulebook_leads_to_a_section():
    for path in sorted(FOLDER.rglob("*.yaml")):
        for code in re.findall(r"settled_in: (\S+)", path.read_text(encoding="utf-8")):
            assert f"## {code} " in TEXT, f"{path.name}: {code}"


def test_what_is_quoted_as_the_text_stands_in_the_text():
    known = letters(SOURCES)
    for line in TEXT.splitlines():
        if line.startswith("* **原文**"):
            for quotation in re.findall(r"“([^”]+)”", line):
                for part in quotation.split("……"):
                    assert letters(part) in known, part


def test_every_link_within_the_page_has_a_heading():
    headings = {
        re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    for anchor in re.findall(r"\]\(#([^)]*)\)", TEXT):
        assert anchor in headings


def test_every_file_named_as_the_place_of_effect_is_in_the_rulebook():
    for name in re.findall(r"`((?:beijing|fujian|national)/\w+\.yaml)`", TEXT):
        assert (FOLDER / name).is_file(), name
