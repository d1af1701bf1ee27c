"""What the redactor finds, disguise by disguise, and what it leaves for the company to read."""

import random
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from fangxin.complaints.redaction import Kind, KnownKind, KnownString, find_marks, mask, propose_summary

GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国志红梅"
CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
FORMAL = str.maketrans("0123456789", "〇壹贰叁肆伍陆柒捌玖")
SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")
KEYCAPS = {d: f"{d}\ufe0f\u20e3" for d in "0123456789"}
CIRCLES = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")


def a_person(chance: random.Random) -> dict[str, str]:
    name = chance.choice([*"王李张刘陈杨黄赵吴周", "欧阳"]) + "".join(
        chance.sample(GIVEN, chance.choice([1, 2]))
    )
    phone = "1" + chance.choice("3578") + "".join(chance.choice("0123456789") for _ in range(9))
    born = f"{chance.randint(1950, 2005)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    return {
        "name": name,
        "telephone": phone,
        "id_number": f"350102{born}{chance.randint(0, 999):03d}{chance.choice('0123456789X')}",
        "email": f"u{chance.randint(1000, 9999)}@qq.com",
        "address": f"福州市鼓楼区五四路{chance.randint(1, 400)}号{chance.randint(1, 40)}栋"
        f"{chance.randint(101, 2999)}室",
        "postcode": "350001",
    }


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def in_words(number: int) -> str:
    """309 → 三百零九."""
    thousands, rest = divmod(number, 1000)
    hundreds, rest = divmod(rest, 100)
    tens, ones = divmod(rest, 10)
    digit = "零一二三四五六七八九"
    words = (digit[thousands] + "千" if thousands else "") + (
        digit[hundreds] + "百" if hundreds else "零" if thousands else ""
    )
    words += digit[tens] + "十" if tens else "零" if ones and words and not words.endswith("零") else ""
    return (words + (digit[ones] if ones else "")).rstrip("零")


def building_and_room(person: dict[str, str]) -> tuple[str, str]:
    building, room = person["address"].split("号")[1].rstrip("室").split("栋")
    return building, room


def dashed_room(person: dict[str, str]) -> str:
    building, room = building_and_room(person)
    return f"住{building}-2-{room}"


def born_on(person: dict[str, str]) -> str:
    born = person["id_number"][6:14]
    return f"{born[:4]}年{int(born[4:6])}月{int(born[6:])}日"


# How a complainant disguises himself, and the share that must be found. What is below 100 % stays below
# because no rule can tell it from ordinary words; the officer reads for it.
DISGUISES: dict[str, tuple[Callable[[dict[str, str]], str], float]] = {
    "电话": (lambda p: p["telephone"], 1.0),
    "电话 3-4-4": (lambda p: f"{p['telephone'][:3]}-{p['telephone'][3:7]}-{p['telephone'][7:]}", 1.0),
    "电话 3 4 4": (lambda p: f"{p['telephone'][:3]} {p['telephone'][3:7]} {p['telephone'][7:]}", 1.0),
    "电话逐位空格": (lambda p: " ".join(p["telephone"]), 1.0),
    "电话逐位加点": (lambda p: ".".join(p["telephone"]), 1.0),
    "电话逐位顿号": (lambda p: "、".join(p["telephone"]), 1.0),
    "电话全角": (lambda p: full_width(p["telephone"]), 1.0),
    "电话零宽字符": (lambda p: "\u200b".join(p["telephone"]), 1.0),
    "电话一三九": (lambda p: p["telephone"].translate(CHINESE), 1.0),
    "电话幺三九": (lambda p: p["telephone"].translate(SPOKEN), 1.0),
    "电话壹叁玖": (lambda p: p["telephone"].translate(FORMAL), 1.0),
    "电话一3九混写": (lambda p: p["telephone"][:5].translate(CHINESE) + p["telephone"][5:], 1.0),
    "电话圈码": (lambda p: p["telephone"].translate(CIRCLES), 1.0),
    "电话键帽表情": (lambda p: "".join(KEYCAPS[d] for d in p["telephone"]), 1.0),
    "电话+86": (lambda p: "+86" + p["telephone"], 1.0),
    "电话0086-": (lambda p: "0086-" + p["telephone"], 1.0),
    "电话倒写": (lambda p: "倒过来念 " + p["telephone"][::-1], 1.0),
    "电话后八位": (lambda p: "号码后面是 " + p["telephone"][3:], 1.0),
    "电话尾号": (lambda p: "尾号" + p["telephone"][-4:], 1.0),
    "电话尾号大写": (lambda p: "手机尾号是" + p["telephone"][-4:].translate(FORMAL), 1.0),
    "电话部分遮盖": (lambda p: f"{p['telephone'][:3]}****{p['telephone'][7:]}", 1.0),
    "姓名": (lambda p: p["name"], 1.0),
    "姓名空格": (lambda p: " ".join(p["name"]), 1.0),
    "姓名加点": (lambda p: "·".join(p["name"]), 1.0),
    "姓名零宽字符": (lambda p: "\u200d".join(p["name"]), 1.0),
    "姓名倒写": (lambda p: "署名 " + p["name"][::-1], 1.0),
    "某先生": (lambda p: surname(p) + "先生", 1.0),
    "某女士": (lambda p: surname(p) + " 女士", 1.0),
    "某某": (lambda p: surname(p) + "某某", 1.0),
    "姓名带星": (lambda p: surname(p) + "*" + p["name"][-1], 1.0),
    "老某": (lambda p: "，老" + surname(p), 1.0),
    "姓名拼音": (lambda p: pinyin(p["name"]), 0.9),
    "只写名": (lambda p: p["name"][len(surname(p)) :], 0.3),
    "身份证号": (lambda p: p["id_number"], 1.0),
    "身份证号分段": (lambda p: f"{p['id_number'][:6]} {p['id_number'][6:14]} {p['id_number'][14:]}", 1.0),
    "身份证号逐位": (lambda p: "-".join(p["id_number"]), 1.0),
    "身份证号全角": (lambda p: full_width(p["id_number"]), 1.0),
    "身份证号部分遮盖": (lambda p: f"{p['id_number'][:6]}********{p['id_number'][14:]}", 1.0),
    "出生日期": (born_on, 1.0),
    "邮箱": (lambda p: p["email"], 1.0),
    "邮箱 at": (lambda p: p["email"].replace("@", " at "), 1.0),
    "邮箱全角": (lambda p: full_width(p["email"]), 1.0),
    "邮箱[at]点": (lambda p: p["email"].replace("@", "[at]").replace(".", "点"), 1.0),
    "邮箱艾特": (lambda p: p["email"].replace("@", "艾特"), 1.0),
    "微信号": (lambda p: "微信号 wx" + p["telephone"][3:], 1.0),
    "VX": (lambda p: "VX：zhang_" + p["telephone"][3:], 1.0),
    "QQ": (lambda p: "QQ " + p["telephone"][2:], 1.0),
    "扣扣大写数字": (lambda p: "扣扣" + p["telephone"][2:].translate(CHINESE), 1.0),
    "地址": (lambda p: p["address"], 1.0),
    "地址一段": (lambda p: p["address"][6:], 1.0),
    "地址空格": (lambda p: " ".join(p["address"]), 1.0),
    "地址大写数字": (lambda p: p["address"].translate(CHINESE), 1.0),
    "栋和房号": (lambda p: p["address"][-7:], 1.0),
    "栋-单元-房号": (dashed_room, 1.0),
    "栋#房号": (lambda p: "#".join(building_and_room(p)), 1.0),
    "房号读作几百几": (lambda p: in_words(int(building_and_room(p)[1])) + "室", 1.0),
    "只写房号": (lambda p: "我家" + building_and_room(p)[1], 1.0),
    "邮编": (lambda p: "邮编" + p["postcode"], 1.0),
    "他人电话": (lambda p: a_person(random.Random(p["telephone"]))["telephone"], 1.0),
    "他人自我介绍": (lambda p: "我叫" + a_person(random.Random(p["telephone"]))["name"], 0.98),
    "谐音和拆字": (lambda p: "免贵弓长", 0.0),
}


def surname(person: dict[str, str]) -> str:
    return person["name"][: 2 if person["name"].startswith("欧阳") else 1]


def pinyin(name: str) -> str:
    from pypinyin import lazy_pinyin

    return " " + "".join(lazy_pinyin(name)) + " "


def known_of(person: dict[str, str]) -> list[KnownString]:
    return [KnownString(kind, text) for kind, text in person.items()]


PREFIXES = (
    "尾号",
    "手机尾号是",
    "倒过来念 ",
    "号码后面是 ",
    "署名 ",
    "微信号 ",
    "VX：",
    "QQ ",
    "扣扣",
    "邮编",
    "我家",
    "我叫",
    "，老",
    "住",
    "免贵",
)


def secret_part(said: str) -> str:
    """What must be gone: the words without what introduces them."""
    for prefix in PREFIXES:
        if said.startswith(prefix):
            return said[len(prefix) :].strip()
    return said.strip()


NUMERALS = set("零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖")


def recall(disguise: Callable[[dict[str, str]], str], rounds: int = 120) -> float:
    """The share in which nothing of the secret stays: no digit, no letter; of an address the region may."""
    chance = random.Random(5)
    found = 0
    for _ in range(rounds):
        person = a_person(chance)
        said = disguise(person)
        secret = secret_part(said)
        text = f"经纪公司不退押金,{said},请处理。"
        start = text.index(secret)
        hidden = {i for m in find_marks(text, known=known_of(person)) for i in range(m.start, m.end)}
        left = "".join(
            text[i] for i in range(start, start + len(secret)) if i not in hidden and text[i].isalnum()
        )
        found += not left.replace("福州市鼓楼区", "").replace("五四路", "")
    return found / rounds


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_is_found_at_least_as_often_as_promised(name: str) -> None:
    disguise, floor = DISGUISES[name]
    assert recall(disguise) >= floor


@pytest.mark.parametrize(
    "text",
    [
        "北京诚信房地产经纪有限公司收了我20000元定金，2019年5月27日16:04签的合同，至今123天。",
        "开发商北京建国房地产开发有限公司的阳光花园三期，预售证号京房售证字(2012)123号。",
        "依据最高人民法院法释〔2003〕7号和建房〔2016〕168号文件，请核实。",
        "预售许可证号 13520180012，面积120.45平方米，总价3650000元，首付1095000元。",
        "小区有14栋楼，3栋100户业主，2号楼1200平方米，6栋2019年交房，业主强烈要求整改。",
        "请拨打12345或400-810-1234，物业说0.5元每平方米每月。",
        "业主代表和开发商负责人面谈，业主方面要求公开，业主应当知情，物业费用由业主全体承担。",
        "统一社会信用代码911103027404017237，91350100MA0000001X，案号（2019）京0105民初12345号。",
        "销售经理王小姐承诺2020-12-31前交房，利率4.9%，13、14、15、16、17、1栋都一样。",
        "2019.11.13 14:30 至 2019.12.31，时间戳20190527160444，邮政业务照常。",
        "壹号公馆项目第三方检测，四层五楼，一户一表，九曲河路，五一广场。",
    ],
)
def test_what_a_company_needs_stays_readable(text: str) -> None:
    assert find_marks(text) == []


def test_the_company_and_the_project_stay_while_the_complainant_goes() -> None:
    known = [
        KnownString(KnownKind.NAME, "张敏"),
        KnownString(KnownKind.PHONE, "13900001234"),
        KnownString(KnownKind.ADDRESS, "北京市朝阳区百子湾路16号阳光花园3栋2单元301室"),
    ]
    text = (
        "我叫张敏，买了阳光花园的房子，住3栋二单元三〇一室，诚信房产的李经理不退押金，"
        "请打139 0000 1234找张女士。"
    )
    masked = propose_summary("阳光花园押金不退", text, known).text_masked
    assert masked.startswith(
        "阳光花园押金不退\n我叫［姓名］，买了阳光花园的房子，住［地址门牌］，诚信房产的李经理不退押金"
    )
    assert masked.endswith("请打［电话］找［姓名］。")


def test_a_region_or_a_project_of_the_address_is_not_masked_by_itself() -> None:
    known = [KnownString(KnownKind.ADDRESS, "北京市朝阳区百子湾路16号阳光花园小区3栋301室")]
    text = "北京市朝阳区的阳光花园小区一直漏水，北京市朝阳区住建部门没有来过。"
    assert find_marks(text, known=known) == []


def test_an_address_in_rare_characters_and_spelt_numbers_is_found() -> None:
    address = "泉州市鲤城区厵灥街三百零九号厦间十八层二〇三室"
    for said in (address, "厵灥街309号", "厵灥街三〇九号厦间18层203室", "厦间十八层203室"):
        text = f"本人住{said}，请回复。"
        masked = mask(text, find_marks(text, known=[KnownString(KnownKind.ADDRESS, address)]))
        assert said[-4:] not in masked
        assert "309" not in masked
        assert "203" not in masked


def test_a_paper_that_is_no_identity_card_is_found() -> None:
    known = [KnownString(KnownKind.ID_NUMBER, "军字第七七三五二"), KnownString(KnownKind.OTHER, "E91827364")]
    text = "军官证 军字第七七三五二，护照e9182 7364。"
    assert mask(text, find_marks(text, known=known)) == "军官证 ［身份证号］，护照［身份证号］。"


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("他的车京A·12345挡道", Kind.PLATE, "京A·12345"),
        ("新能源车粤BD12345", Kind.PLATE, "粤BD12345"),
        ("退到银行卡6222 0212 3456 7890 128", Kind.BANK, "6222 0212 3456 7890 128"),
        ("座机010-87654321转8", Kind.PHONE, "010-87654321"),
        ("固话(0591)87362514", Kind.PHONE, "(0591)87362514"),
        ("身份证号：*****************", Kind.ID_CARD, "*****************"),
        ("证件 110105********002X", Kind.ID_CARD, "110105********002X"),
        ("加我微信zhangmin_88", Kind.CHAT, "zhangmin_88"),
        ("我是业主李建华，2018年买的", Kind.NAME, "李建华"),
        ("业主高女士反映", Kind.NAME, "高女士"),
        ("联系人:谈俊 (业委会)", Kind.NAME, "谈俊"),
        ("投诉人：陈歌、李菲", Kind.NAME, "李菲"),
        ("房子在12栋307室漏水", Kind.ADDRESS, "12栋307室"),
        ("本人住5-2-301，漏水", Kind.ADDRESS, "5-2-301"),
        ("合同编号：HT-2026-18，未履行", Kind.OTHER, "HT-2026-18"),
    ],
)
def test_what_belongs_to_people_is_found_by_its_looks(text: str, kind: Kind, found: str) -> None:
    assert (kind, found) in [(mark.kind, mark.found) for mark in find_marks(text)]


def test_a_name_once_introduced_is_masked_where_it_returns() -> None:
    text = "我叫李建义，来自湖北。后来李建义去了售楼部。"
    assert "李建义" not in mask(text, find_marks(text))


def test_marks_count_in_the_original_and_do_not_overlap() -> None:
    text = "𠮷𠮷 电话：１３９\u200b００００\u200b１２３４\ufe0f，㎡面积，我叫𠮷田。"
    marks = find_marks(text, known=[KnownString("telephone", "13900001234")])
    assert [text[m.start : m.end] for m in marks] == [m.found for m in marks]
    assert all(a.end <= b.start for a, b in pairwise(marks))
    assert marks[0].found.startswith("１３９")
    assert mask(text, marks).startswith("𠮷𠮷 电话：［电话］，㎡面积")


def test_a_mark_taken_back_leaves_the_words() -> None:
    text = "请打13900001234，住12栋307室"
    first, second = find_marks(text)
    assert mask(text, [second]) == "请打13900001234，住［地址门牌］"
    assert first.why
    assert first.replacement == "［电话］"


def test_two_complainants_leave_the_same_summary() -> None:
    chance = random.Random(11)
    story = (
        "我叫{name}，电话{telephone}，身份证{id_number}，邮箱{email}，住{address}。"
        "中介扣押定金不退。{name}敬上"
    )
    summaries = {
        propose_summary("押金", story.format(**person), known_of(person)).text_masked
        for person in (a_person(chance) for _ in range(50))
    }
    assert len(summaries) == 1


HOSTILE = [
    "1 " * 6000,
    "139-" * 3000,
    "a" * 12000,
    "a@" * 6000,
    "@" * 12000,
    " at " * 3000,
    "王" * 12000,
    "我是" * 6000,
    "联系" * 6000,
    "1-1-" * 3000,
    "一" * 12000,
    "住" * 12000,
    "家住" * 6000,
    "\u200b" * 12000,
    "3栋2单元" * 2000,
    "*" * 12000,
    "13" + "*" * 12000,
    "微信" * 6000,
    "。" * 12000,
    " " * 12000,
    "\n" * 12000,
    "王 . " * 3000,
    "京A" * 6000,
    "福州市鼓楼区五四路" * 1300,
    "9" * 12000,
    "业主王、李、张、" * 1500,
    "合同编号" * 3000,
    "x" * 6000 + "@" + "y." * 3000,
    "🌸" * 12000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[h[:8].strip() or repr(h[:1]) for h in HOSTILE])
def test_no_text_takes_long(text: str) -> None:
    known = [
        *known_of(a_person(random.Random(1))),
        KnownString("address", "五四路" * 100),
        KnownString("name", "王王"),
    ]
    # The quickest of three: what else the machine does is no fault of the text.
    assert min(seconds(text, known) for _ in range(3)) < 0.5


def test_ten_thousand_ordinary_characters_take_a_blink() -> None:
    story = (
        "我叫张敏，买了阳光花园的房子，2019年5月交了20000元，诚信房产的李经理不退押金，"
        "电话13900001234。物业说再等。"
    )
    text = (story * 250)[:12000]
    known = known_of(a_person(random.Random(1)))
    assert min(seconds(text, known) for _ in range(3)) < 0.15


def seconds(text: str, known: list[KnownString]) -> float:
    began = time.process_time()
    find_marks(text, known=known)
    return time.process_time() - began


def test_a_known_string_does_not_print_itself() -> None:
    assert "张敏" not in repr(KnownString("name", "张敏"))
