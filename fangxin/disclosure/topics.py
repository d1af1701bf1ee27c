"""The rules that the committee is to set up, as 四（五） names them: 信息登记、审核、公示等管理制度."""

from collections.abc import Mapping

TOPICS: Mapping[str, str] = {
    "registration": "信息登记制度",
    "review": "信息审核制度",
    "publication": "信息公示制度",
    "others": "其他管理制度",
}
