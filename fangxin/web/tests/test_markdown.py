"""Our own texts become HTML, and nothing else does."""

from fangxin.web.markdown import render, slug


def test_headings_paragraphs_and_lists():
    assert (
        render("# 一\n\n话。\n\n* 甲\n* 乙")
        == '<h1 id="一">一</h1>\n<p>话。</p>\n<ul><li>甲</li><li>乙</li></ul>'
    )


def test_a_numbered_list_and_a_rule():
    assert render("1. 甲\n2. 乙\n\n---") == "<ol><li>甲</li><li>乙</li></ol>\n<hr>"


def test_a_wrapped_line_of_chinese_continues_without_a_space():
    assert render("* 甲，\n  乙。") == "<ul><li>甲，乙。</li></ul>"
    assert render("one\ntwo") == "<p>one\ntwo</p>"


def test_a_heading_that_begins_with_a_code_can_be_reached_by_it():
    assert render("## AMB-01 期限") == '<h2 id="amb-01-期限"><span id="AMB-01"></span>AMB-01 期限</h2>'
    assert slug("J6-01 与 J7-04：合同") == "j6-01-与-j7-04合同"


def test_bold_code_and_links():
    assert (
        render("**甲**`<b>`[乙](#丙)")
        == '<p><strong>甲</strong><code>&lt;b&gt;</code><a href="#丙">乙</a></p>'
    )


def test_a_table_has_a_head():
    shown = render("| 甲 | 乙 |\n| --- | --- |\n| 1 | **2** |")
    assert '<thead><tr><th scope="col">甲</th><th scope="col">乙</th></tr></thead>' in shown
    assert "<tr><td>1</td><td><strong>2</strong></td></tr>" in shown


def test_no_html_passes_through():
    shown = render('<script>alert(1)</script>\n\n# <img src=x onerror=y>\n\n* "<i>"\n\n|<b>|')
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<i>" not in shown
    assert "<b>" not in shown


def test_a_link_to_anywhere_else_is_only_words():
    for url in (
        "javascript:alert(1)",
        "//evil.example",
        "data:text/html,x",
        "http://plain.example",
        'https://a"b',
    ):
        assert 'href="javascript' not in render(f"[甲]({url})")
    assert render("[甲](javascript:x)") == "<p>甲</p>"
    assert render("[甲](//evil.example)") == "<p>甲</p>"
    assert "a&quot;b" in render('[甲](https://a"b)')


def test_a_page_with_its_own_heading_lowers_ours():
    assert render("# 一\n\n###### 六", lowered_by=1) == '<h2 id="一">一</h2>\n<h6 id="六">六</h6>'
