"""`fangxin rotate-keys`: make, renew and list the keys that seal identities."""

import json
import os
import sys
from typing import Any

import click


@click.command()
@click.argument(
    "what", type=click.Choice(["status", "init", "data", "reseal", "master", "rewrap", "forget-old"])
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def command(what: str, as_json: bool) -> None:
    """封存密钥的生成、更换与查看。须能以数据库属主身份登录（FANGXIN_OWNER_URL）。

    \b
    status      列出密钥（不含内容）            list the keys, not their content
    init        生成密钥文件与第一把数据密钥      make secrets and the first data key
    data        换新数据密钥，并重新封存已有内容和附件   new data key, values and files sealed anew under it
    reseal      继续上次未完成的重新封存          go on where `data` was interrupted
    master      换新主密钥，并重新保护各数据密钥   new master key, data keys wrapped anew
    rewrap      主密钥在环境变量里更换之后运行     after the master key was changed in the environment
    forget-old  删去旧主密钥（旧备份将无法打开）   drop old master keys; older backups can no longer be opened
    """
    from fangxin.config.cli import with_django
    from fangxin.config.launch.attach import attach

    attach()
    # Only the owner writes the table of keys.
    os.environ["DATABASE_URL"] = os.environ.get("FANGXIN_OWNER_URL") or os.environ["DATABASE_URL"]
    with_django()
    from django.db.utils import ProgrammingError

    from fangxin.documents import key_rotation
    from fangxin.documents.sealing import SealBroken, SealingNotReady

    try:
        done, sentence = _do(what, key_rotation, as_json)
    except (SealingNotReady, SealBroken) as refused:
        click.echo(str(refused), err=True)
        sys.exit(2)
    except ProgrammingError as refused:
        if "permission denied" not in str(refused):
            raise
        click.echo("当前登录无权改动密钥表：请把 FANGXIN_OWNER_URL 设为数据库属主的连接。", err=True)
        sys.exit(2)
    click.echo(json.dumps(done, ensure_ascii=False, default=str) if as_json else sentence)


def _do(what: str, rotation: Any, as_json: bool) -> tuple[dict[str, Any], str]:
    match what:
        case "init":
            rotation.prepare()
            return {
                "keys": len(rotation.key_rows())
            }, "密钥已齐备。请把密钥文件另行备份：遗失即无法找回已封存的内容。"
        case "data":
            number = rotation.add_data_key()
            renewed = _reseal(rotation, as_json)
            return {
                "key": number,
                "resealed": renewed,
            }, f"第 {number} 号数据密钥已启用，重新封存 {renewed} 项。"
        case "reseal":
            renewed = _reseal(rotation, as_json)
            return {"resealed": renewed}, f"重新封存 {renewed} 项。"
        case "master":
            master = rotation.add_master_key()
            wrapped = rotation.rewrap()
            return {"master": master, "rewrapped": wrapped}, (
                f"新主密钥 {master} 已启用，{wrapped} 把数据密钥改由它保护。旧主密钥仍留在密钥文件中，"
                "供打开此前的数据库备份；不再需要时运行 fangxin rotate-keys forget-old。"
            )
        case "rewrap":
            wrapped = rotation.rewrap()
            return {"rewrapped": wrapped}, f"{wrapped} 把数据密钥改由第一把主密钥保护。"
        case "forget-old":
            gone = rotation.forget_old_master_keys()
            return {"forgotten": gone}, f"删去旧主密钥 {gone} 把。"
    rows = rotation.key_rows()
    lines = [
        f"第 {row['number']} 号  {row['suite']}  主密钥 {row['master']}  {row['made_at']:%Y-%m-%d %H:%M}"
        for row in rows
    ]
    return {"keys": rows}, "\n".join(lines) or "尚无封存密钥：请运行 fangxin rotate-keys init。"


def _reseal(rotation: Any, as_json: bool) -> int:
    in_all = rotation.under_older_keys()
    with click.progressbar(length=in_all, label="重新封存", file=sys.stderr, hidden=as_json) as bar:
        return int(rotation.reseal_all(bar.update))
