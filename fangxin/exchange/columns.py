"""What the columns of other people's tables are called, and what they mean to us."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Field:
    """Something a work order can tell. Of a `sealed` field no value is ever shown again."""

    key: str
    title: str
    names: str
    longest: int
    sealed: bool = False
    prose: bool = False


# Each: key, title, other names, longest value.
_FIELDS = (
    Field(
        "external_number",
        "工单编号",
        "工单号 编号 热线工单编号 工单流水号 诉求编号 受理编号 受理单号 流水号 案件编号 留言编号 单号 工单ID",
        64,
    ),
    Field(
        "source",
        "来源",
        "工单来源 诉求来源 案件来源 渠道 受理渠道 来源渠道 诉求渠道 反映渠道",
        20,
    ),
    Field(
        "received_at",
        "创建时间",
        "来电时间 受理时间 登记时间 留言时间 诉求时间 投诉时间 反映时间 接收时间 收到时间 提交时间 "
        "建单时间 来件时间 工单时间 日期",
        40,
    ),
    Field(
        "title",
        "标题",
        "工单标题 诉求标题 主题 留言主题 事由 问题标题 工单主题 诉求主题",
        200,
        prose=True,
    ),
    Field(
        "text",
        "主要内容",
        "内容 诉求内容 工单内容 投诉内容 留言内容 留言详情 问题描述 反映内容 详细内容 诉求描述 "
        "诉求详情 描述 来电内容 正文 投诉事项",
        10_000,
        prose=True,
    ),
    Field(
        "caller_code",
        "来电人代号",
        "来电人编号 来电人编码 留言用户 用户编号 投诉人代号 诉求人代号",
        64,
    ),
    Field(
        "name",
        "来电人姓名",
        "来电人 姓名 投诉人 投诉人姓名 联系人 联系人姓名 反映人 诉求人 市民姓名 举报人",
        64,
        sealed=True,
    ),
    Field(
        "telephone",
        "来电人电话",
        "来电号码 联系电话 电话 手机 手机号 手机号码 电话号码 投诉人电话 联系方式 主叫号码 "
        "来电电话 联系人电话",
        32,
        sealed=True,
    ),
    Field(
        "email",
        "电子信箱",
        "邮箱 电子邮箱 电子邮件",
        120,
        sealed=True,
    ),
    Field(
        "id_kind",
        "证件名称",
        "证件类型 证件种类",
        40,
        sealed=True,
    ),
    Field(
        "id_number",
        "证件号码",
        "身份证号 身份证号码 证件号 身份证",
        64,
        sealed=True,
    ),
    Field(
        "address",
        "来电人地址",
        "通讯地址 联系地址 投诉人地址 来电人住址 家庭住址 住址",
        300,
        sealed=True,
    ),
    Field(
        "postcode",
        "邮政编码",
        "邮编",
        12,
        sealed=True,
    ),
    Field(
        "district",
        "被反映区",
        "所属区 区县 所在区 行政区 辖区 所在区县 事发区 区域 被反映区县 属地区",
        40,
    ),
    Field(
        "street",
        "被反映街乡镇",
        "街乡镇 街道 街道乡镇 所属街道 镇街",
        60,
    ),
    Field(
        "community",
        "社区",
        "村/社区 村社区 所属社区 居委会",
        60,
    ),
    Field(
        "project_address",
        "项目地址",
        "事发地址 问题地址 小区地址 事件地址 发生地址 事发地点 具体地址",
        300,
        prose=True,
    ),
    Field(
        "project_name",
        "项目名称",
        "小区点位 小区点位/项目 项目 小区 小区名称 楼盘 楼盘名称 点位",
        200,
    ),
    Field(
        "respondent_name",
        "企业名称",
        "被投诉单位 被投诉企业 涉事企业 被反映单位 公司名称 被诉单位 被投诉对象 涉及企业 被反映企业 单位名称",
        200,
    ),
    Field(
        "respondent_person",
        "被投诉人员",
        "被投诉人 被反映人",
        64,
    ),
    Field(
        "origin_document",
        "来文编号",
        "文号 来文号 转办文号 转办单号",
        120,
    ),
    Field(
        "earlier_answer",
        "原承办单位答复",
        "答复意见 答复内容 回复内容 原答复 承办单位答复 办理结果 回复意见 办理情况",
        20_000,
        prose=True,
    ),
    Field(
        "answered_at",
        "答复时间",
        "回复时间 办结时间 办理时间",
        40,
    ),
)
FIELDS: Mapping[str, Field] = {field.key: field for field in _FIELDS}
SEALED = frozenset(field.key for field in _FIELDS if field.sealed)
NEEDED = ("title", "text")


def plain(name: str) -> str:
    """The name as it is compared: without spaces, marks and what stands in brackets (“标题（必填）”)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|[\s*:_\"'“”\ufeff.、-]", "", folded)


@cache
def _known() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for field in _FIELDS:
        for name in (field.key, field.title, *field.names.split()):
            names.setdefault(plain(name), field.key)
    return names


def field_named(name: str) -> str:
    """The key of the field usually called so, "" when none is: 来电人电话/账号 is a telephone."""
    if found := _known().get(plain(name)):
        return found
    parts = [_known().get(plain(part), "") for part in re.split(r"[/|或和]", name)]
    return next((part for part in parts if part), "")


def recognised(header: Sequence[str]) -> int:
    """How many different fields these names speak of."""
    return len({key for name in header if (key := field_named(name))})


def guessed(header: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field → column (from 0). What was `chosen` before, by column name, goes before what a name suggests.

    A column chosen as "" stays unused. Of two columns that mean the same, the first is taken.
    """
    chosen = {plain(name): key for name, key in (chosen or {}).items()}
    columns: dict[str, int] = {}
    for at, name in enumerate(header):
        if (key := chosen.get(plain(name), "")) and key not in columns:
            columns[key] = at
    for at, name in enumerate(header):
        if plain(name) not in chosen and (key := field_named(name)) and key not in columns:
            columns[key] = at
    return columns


def signature(header: Sequence[str]) -> str:
    """The same for every table with these column names in this order."""
    return hashlib.sha256("\x1f".join(plain(name) for name in header).encode()).hexdigest()
