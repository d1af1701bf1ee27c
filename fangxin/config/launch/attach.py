"""Commands find the installation's database: the one that runs, or one started for their own time."""

import atexit
import contextlib
import os

from fangxin.config.launch import postgres
from fangxin.config.launch.children import end_all
from fangxin.config.launch.home import Home
from fangxin.config.launch.postgres import ADMIN, OWNER, WEB, Cluster
from fangxin.config.launch.refusals import Refused


def attach() -> None:
    """DATABASE_URL and FANGXIN_OWNER_URL lead to a server that answers, until this program ends.

    An address given by the caller is left as it is. Refuses when the installation has no database yet.
    """
    if os.environ.get("DATABASE_URL"):
        return
    home = Home.of_environment()
    if not home.data.exists():
        raise Refused(
            f"{home.folder} 中尚无数据库；请先执行 make run，或设置 DATABASE_URL。",
            f"there is no database in {home.folder} yet; run `make run` first, or set DATABASE_URL.",
        )
    if not home.in_use():
        running = contextlib.ExitStack()
        running.enter_context(home.locked())
        atexit.register(running.close)
        atexit.register(end_all)
        postgres.check_data_folder(home)
        Cluster(home.data, home.socket_folder(), home.log, home.secret(f"{ADMIN}_password")).start()
    os.environ["DATABASE_URL"] = home.url(WEB)
    os.environ["FANGXIN_OWNER_URL"] = home.url(OWNER)
    os.environ["FANGXIN_HOME"] = str(home.folder)
