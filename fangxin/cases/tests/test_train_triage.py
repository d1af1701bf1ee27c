"""Training the suggestions: what is learned, measured, kept and adopted. All messages are made up."""

import csv
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection

from fangxin.cases.actions import dispatch_case, keep_training
from fangxin.cases.models import Case
from fangxin.cases.triage import current_model, load_model, suggest
from fangxin.cases.triage_examples import Example, FileRefused, corrected, labelled, same_grievances
from fangxin.cases.triage_model import ModelBroken, document, sequences
from fangxin.cases.triage_training import TooFewExamples, adopt, keep, train
from fangxin.cases.triage_words import plain, words
from fangxin.config.commands.train_triage import command
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry

# Words the rulebook's list does not have, so that only learning can tell the links apart.
SAID = {
    "trading": ["飞檐", "斗拱", "藻井", "月台", "抱鼓石"],
    "development": ["青苔", "溪涧", "竹笋", "蕨草", "苍鹭"],
    "property": ["琵琶", "笙箫", "编钟", "二胡", "唢呐"],
    "none": ["砂锅", "馄饨", "烧卖", "米线", "凉皮"],
}
FILLING = ["昨天", "去年春天", "领导您好", "我们一家", "附近的人", "听说", "已经很久", "盼望回音", "多谢关心"]


def made_up(count: int, *, seed: int = 1, links: dict[str, list[str]] = SAID) -> list[Example]:
    """So many different messages of each link, in words of its own."""
    draw = random.Random(seed)
    return [
        Example(
            draw.choice(said) + draw.choice(FILLING),
            "，".join(draw.sample(FILLING, 5) + draw.sample(said, 2) + [chr(draw.randrange(0x4E00, 0x9FA5)) * 3 for _ in range(6)]),
            link,
            sure=bool(at % 3),
        )
        for link, said in links.items()
        for at in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    return train(made_up(30), threshold=0.8)


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    return load_model(keep(trained, tmp_path_factory.mktemp("home")))


def test_it_learns_words_the_list_does_not_know(trained, model):
    assert trained.macro_f1 > 0.9 > trained.incumbent_macro_f1
    assert trained.better
    assert suggest("琵琶", "唢呐", model=model).link == "property"
    assert suggest("馄饨", "凉皮", model=model).link == "none"


def test_the_figures_are_those_of_unseen_messages(trained):
    figures = trained.figures
    assert figures["messages"] == 120
    assert figures["sure"] == 80
    assert set(figures["all"]["links"]) == set(SAID)
    assert set(figures["all"]["links"]["none"]) == {"precision", "recall", "f1", "messages"}
    assert figures["sure_ones"]["links"]["none"]["messages"] == 20
    for key in ("decided_share", "decided_accuracy", "calibration_error"):
        assert 0 <= figures[key] <= 1
    mixed = [Example(e.title, e.text, link) for e, link in zip(made_up(30), list(SAID) * 30, strict=True)]
    assert train(mixed, threshold=0.8).macro_f1 < 0.5


def test_plain_python_and_scikit_learn_say_the_same(trained, model):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    from fangxin.cases import triage_training

    lot = triage_training._Lot(made_up(30))
    kept = list(model.vocabulary)
    vectors = TfidfVectorizer(analyzer=sequences, vocabulary=kept, sublinear_tf=True)
    judge = LogisticRegression(C=triage_training.REGULARISATION, class_weight="balanced", max_iter=2000)
    judge.fit(vectors.fit_transform(e.whole for e in lot.examples), lot.links)
    for title, text in [
        ("琵琶", "去年春天的米线，馄饨"),
        ("", ""),
        ("斗拱月台", "盼望回音" * 50),
        ("😀", "\ud800竹笋"),
    ]:
        whole = document(plain(title), plain(text))
        expected = dict(
            zip(judge.classes_, judge.decision_function(vectors.transform([whole]))[0], strict=True)
        )
        for link, leaning in model.leanings(whole).items():
            assert leaning == pytest.approx(expected[link], abs=2e-3)


def test_two_links_alone_are_learned_as_well(tmp_path):
    two = {link: SAID[link] for link in ("trading", "none")}
    model = load_model(keep(train(made_up(20, links=two), threshold=0.8), tmp_path))
    assert suggest("飞檐", "藻井", model=model).link == "trading"
    assert suggest("馄饨", "米线", model=model).link == "none"


def test_the_same_examples_and_seed_give_the_same_file_in_any_order(trained):
    again = train(reversed(made_up(30)), threshold=0.8)
    assert again.content == trained.content
    assert train(made_up(30), threshold=0.8, seed=7).name != trained.name


def test_a_link_too_rare_to_learn_is_still_suggested_from_its_words(model):
    assert "appraisal" not in model.links
    suggestion = suggest("评估报告造假", "评估公司的估价师没到现场，虚假评估", model=model)
    assert suggestion.link == "appraisal"
    assert suggest("中介费不退", "中介公司收了佣金，吃差价", model=model).link == "brokerage"


def test_the_reasons_of_a_model_are_readable_pieces_of_the_text(model):
    reasons = suggest("编钟坏了", "二胡没有人修", model=model).reasons
    assert "二胡" in reasons
    assert "编钟" in reasons


def test_a_name_that_few_messages_share_is_not_in_the_model():
    examples = made_up(30)
    for at in range(3):
        examples[at] = Example(examples[at].title, examples[at].text + "欧阳锦绣", examples[at].link)
    learned = json.loads(train(examples, threshold=0.8).content)["sequences"]
    assert not any("锦" in sequence for sequence in learned)
    assert not any("1" in sequence or "3" in sequence for sequence in learned)


def test_a_model_file_holds_no_message(trained):
    content = json.loads(trained.content)
    assert max(map(len, content["sequences"])) <= 3
    assert all(len(mark) == 16 for mark in content["seen"])


def test_the_same_grievance_told_twice_is_one():
    told = "去年三月在东湖一号买了一套房，合同写明十月底交付，至今没有动静，多次询问无人答复。"
    other = "小区门口的饭馆每天凌晨还在营业，油烟和噪音让全楼的老人孩子都睡不好，盼有人来看看。"
    assert same_grievances([told, other, told + "恳请领导过问。"]) == [0, 1, 0]


def test_a_correction_outweighs_the_first_label():
    examples = made_up(12)
    changed = Example(examples[0].title, examples[0].text, "none")
    assert train([*examples, changed], threshold=0.8).figures["all"]["links"]["none"]["messages"] == 13


def test_too_few_examples_are_refused_with_what_is_there():
    with pytest.raises(TooFewExamples, match="trading 1 条"):
        train([Example("飞檐", "斗拱", "trading")], threshold=0.8)
    with pytest.raises(TooFewExamples, match="没有例子"):
        train([], threshold=0.8)


def test_a_model_that_measures_worse_is_kept_but_not_adopted(tmp_path, trained):
    keep(trained, tmp_path)
    adopt(trained, tmp_path)
    incumbent = current_model(tmp_path)
    fewer = train(made_up(30)[::2], threshold=0.8, incumbent=incumbent)
    assert fewer.incumbent == trained.name
    assert not fewer.better
    keep(fewer, tmp_path)
    assert len(list((tmp_path / "triage" / "models").iterdir())) == 2
    assert current_model(tmp_path).name == trained.name


def test_a_model_of_more_examples_replaces_one_of_fewer(tmp_path):
    small = {link: said[:2] for link, said in SAID.items()}
    first = train(made_up(20, links=small), threshold=0.8)
    keep(first, tmp_path)
    adopt(first, tmp_path)
    more = train(
        [*made_up(20, links=small), *made_up(40, seed=5)], threshold=0.8, incumbent=current_model(tmp_path)
    )
    assert more.better


def test_an_adopted_model_is_read_again_only_after_a_change(tmp_path, trained):
    assert current_model(tmp_path) is None
    keep(trained, tmp_path)
    adopt(trained, tmp_path)
    model = current_model(tmp_path)
    assert model is current_model(tmp_path)
    adopt(trained, tmp_path)
    assert model is not current_model(tmp_path)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"model": "../../etc/passwd"}', '{"model": "gone"}'])
def test_a_damaged_adoption_counts_as_none(tmp_path, trained, damage, caplog):
    keep(trained, tmp_path)
    (tmp_path / "triage" / "adopted.json").write_text(damage)
    assert current_model(tmp_path) is None
    assert "暂按词表" in caplog.text


def test_a_damaged_model_is_refused_with_its_name(tmp_path, trained):
    path = keep(trained, tmp_path)
    content = json.loads(path.read_text())
    for wrong in ({"format": 99}, {"weights": content["weights"][1:]}, {"rarity": []}, {"links": ["?"] * 4}):
        path.write_text(json.dumps(content | wrong))
        with pytest.raises(ModelBroken, match=path.name):
            load_model(path)


# ── the files and the command ──


def table(path: Path, header: list[str], rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def files(tmp_path, db):
    examples = made_up(20)
    return (
        table(tmp_path / "消息.csv", ["工单编号", "标题", "主要内容"], [[str(at), e.title, e.text] for at, e in enumerate(examples)], "utf-8-sig"),
        table(tmp_path / "标注.csv", ["id", "link", "confidence"], [[str(at), e.link, "high" if e.sure else "low"] for at, e in enumerate(examples)]),
    )  # fmt: skip


def run(home: Path, monkeypatch: pytest.MonkeyPatch, *options: object) -> Result:
    monkeypatch.setenv("FANGXIN_HOME", str(home))
    return CliRunner().invoke(command, [str(option) for option in options])


def test_the_command_trains_adopts_and_then_sees_no_change(files, tmp_path, monkeypatch):
    given = ("--messages", files[0], "--labels", files[1])
    first = run(tmp_path, monkeypatch, *given)
    assert first.exit_code == 0, first.output
    for said in ("准确率", "macro-F1", "召回率", "把握达到 0.8", "已启用"):
        assert said in first.stdout
    again = run(tmp_path, monkeypatch, *given, "--json")
    report = json.loads(again.stdout)
    assert again.exit_code == 0
    assert not report["adopted"]
    assert "没有变化" in report["decision"]
    assert current_model(tmp_path).name == report["model"]
    assert report["incumbent"]["macro_f1"] == report["figures"]["all"]["macro_f1"]


def test_without_a_model_the_comparison_is_with_the_word_list(files, tmp_path, monkeypatch):
    report = json.loads(
        run(tmp_path, monkeypatch, "--messages", files[0], "--labels", files[1], "--json").stdout
    )
    assert report["incumbent"]["model"] == f"words-{words().version}"


def test_rows_that_cannot_be_used_are_named_and_the_others_are_used(files, tmp_path, monkeypatch):
    with files[1].open("a") as file:
        file.write("no-such-message,trading,high\n0,飞船,high\n1,交易,低\n")
    result = run(tmp_path, monkeypatch, "--messages", files[0], "--labels", files[1])
    assert result.exit_code == 1
    assert "第82行" in result.stderr
    assert "no-such-message" in result.stderr
    assert "飞船" in result.stderr
    assert "已启用" in result.stdout


def test_corrections_are_learned_too(files, tmp_path, monkeypatch):
    corrections = table(
        tmp_path / "更正.csv",
        ["环节", "标题", "内容"],
        [["测绘", e.title.replace("飞檐", "罗盘"), "罗盘，经纬，" + e.text] for e in made_up(40, seed=3, links={"surveying": ["罗盘", "经纬"]})],
        "gb18030",
    )  # fmt: skip
    result = run(
        tmp_path,
        monkeypatch,
        "--messages",
        files[0],
        "--labels",
        files[1],
        "--corrections",
        corrections,
        "--json",
    )
    assert result.exit_code == 0, result.output
    assert "surveying" in json.loads(result.stdout)["figures"]["all"]["links"]
    assert suggest("罗盘", "经纬", model=current_model(tmp_path)).link == "surveying"


def test_a_file_without_the_columns_is_refused_and_nothing_is_kept(files, tmp_path, monkeypatch):
    wrong = table(tmp_path / "wrong.csv", ["甲", "乙"], [["1", "2"]])
    result = run(tmp_path, monkeypatch, "--messages", wrong, "--labels", files[1])
    assert result.exit_code == 2
    assert "工单编号" in result.stderr
    assert not (tmp_path / "triage").exists()


def test_files_of_other_encodings_and_spellings_are_read(tmp_path):
    messages = table(tmp_path / "m.csv", ["标题", "编号", "内容"], [["漏水", "a1", "楼板"]], "gb18030")
    labels = table(tmp_path / "l.csv", ["编号", "环节"], [["a1", "开发环节"]], "utf-8-sig")
    reading = labelled(messages, labels)
    assert reading.examples == [Example("漏水", "楼板", "development", sure=True)]
    assert reading.wrong == []


def test_each_training_stands_in_the_journal_adopted_or_not(files, tmp_path, monkeypatch):
    given = ("--messages", files[0], "--labels", files[1], "--json")
    first, again = (json.loads(run(tmp_path, monkeypatch, *given).stdout) for _ in range(2))
    rows = Entry.objects.filter(kind=Kind.TRIAGE_TRAIN).order_by("id")
    assert [row.subject_id for row in rows] == [first["model"], again["model"]]
    assert [row.details["adopted"] for row in rows] == [True, False]
    assert rows[0].details == {
        "model": first["model"],
        "messages": 80,
        "macro_f1": first["figures"]["all"]["macro_f1"],
        "accuracy": first["figures"]["all"]["accuracy"],
        "adopted": True,
        "previous": f"words-{words().version}",
    }
    assert rows[0].actor_label == "系统（命令行）"


def test_a_model_that_cannot_be_adopted_is_not_in_the_journal(trained, tmp_path, monkeypatch, db):
    (tmp_path / "triage" / "adopted.json").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        keep_training(trained, tmp_path, by=Actor.system("命令行"))
    assert not Entry.objects.filter(kind=Kind.TRIAGE_TRAIN).exists()


def test_before_there_is_a_database_it_trains_all_the_same_and_says_that_nothing_was_journalled(
    files, tmp_path, monkeypatch
):
    monkeypatch.delenv("DATABASE_URL")
    result = run(tmp_path, monkeypatch, "--messages", files[0], "--labels", files[1])
    assert result.exit_code == 0, result.output
    assert "已启用" in result.stdout
    assert "尚无数据库，没有记入日志" in result.stdout


def test_what_dispatchers_decided_is_learned_in_the_role_of_the_office(stage, files, tmp_path, monkeypatch):
    for told in made_up(20, links={"brokerage": ["罗盘", "经纬"]}):
        case = stage.registered(title=told.title, text=told.text)
        Case.objects.filter(pk=case.pk).update(suggested_link="trading", suggestion={"certainty": 0.4})
        dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    with connection.cursor() as cursor:
        # As the web's login, which may read nothing before it has taken a role.
        cursor.execute("set local session authorization fangxin_web")
    result = run(
        tmp_path, monkeypatch, "--messages", files[0], "--labels", files[1], "--from-cases", "--json"
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["figures"]["all"]["links"]["brokerage"]["messages"] == 20
    assert report["adopted"]
    assert suggest("罗盘", "经纬", model=current_model(tmp_path)).link == "brokerage"


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "没有可学的例子"), (("--labels",), "须一并给出"), (("--messages",), "须一并给出")],
)
def test_without_examples_it_says_what_to_give(files, tmp_path, monkeypatch, options, said):
    given = [word for option in options for word in (option, files[0])]
    result = run(tmp_path, monkeypatch, *given)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xff\xff\xff\x80\x81" * 10)
    with pytest.raises(FileRefused, match="UTF-8"):
        corrected(tmp_path / "x.csv")
