"""The folder FANGXIN_HOME: who may use it, what lies in it, and the secrets it keeps."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from fangxin.config.launch.refusals import Refused

PROJECT = Path(__file__).resolve().parents[3]
NEEDED_TO_BEGIN = 500 * 1024**2  # bytes: cluster 50 MB, write-ahead log, demonstration data, room to work
NEEDED_TO_GO_ON = 100 * 1024**2
LONGEST_SOCKET_PATH = 107  # bytes; sun_path in unix(7) holds 108 with the closing NUL
SOCKET_NAME = ".s.PGSQL.5432"


class Home:
    """Where one installation keeps its database, files, secrets and logs."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).absolute()
        self.data = self.folder / "data"
        self.unfinished = self.folder / "data.new"
        self.secrets = self.folder / "secrets"
        self.log = self.folder / "log"
        self.static = self.folder / "static"
        self.accounts = self.folder / "accounts.txt"
        self.schema = self.folder / "schema.json"

    @classmethod
    def of_environment(cls) -> "Home":
        """The folder FANGXIN_HOME names; `var` beside the program by default."""
        return cls(os.environ.get("FANGXIN_HOME") or PROJECT / "var")

    def made(self) -> "Home":
        """This home; its folder and rooms exist, readable by their owner only.

        Refuses a folder that cannot be written to.
        """
        try:
            for folder in (self.folder, self.secrets, self.log, self.folder / "files"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.secrets.chmod(0o700)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise Refused(
                f"不能写入 FANGXIN_HOME 文件夹 {self.folder}（{error.strerror}）；"
                "请换一个文件夹，或改正其权限。",
                f"cannot write to FANGXIN_HOME {self.folder} ({error.strerror}); "
                "choose another folder or correct its permissions.",
            ) from None
        owner = self.folder.stat().st_uid
        if os.geteuid() == 0 and owner != 0:
            # Root in a user namespace cannot enter what is another's, and must not leave its own files there.
            name = user_name(owner)
            raise Refused(
                f"{self.folder} 属于用户 {name}，请以该用户身份启动。",
                f"{self.folder} belongs to user {name}; start as that user.",
            )
        return self

    def ask_for_room(self, needed: int) -> None:
        """Refuses when the disk has fewer than `needed` bytes left."""
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            left, least = f"{free // 1024**2} MB", f"{needed // 1024**2} MB"
            raise Refused(
                f"磁盘空间不足：{self.folder} 所在磁盘剩余 {left}，至少需要 {least}。",
                f"the disk is full: {left} left at {self.folder}, {least} are needed.",
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One launcher at a time; the lock ends with the process, however it ends."""
        with (self.folder / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self.refused_in_use() from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def in_use(self) -> bool:
        """Whether a launcher holds this folder now."""
        try:
            with (self.folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def refused_in_use(self) -> Refused:
        """The refusal that names who holds the folder."""
        owner = (self.folder / "lock").read_text().strip() or "?"
        return Refused(
            f"已有另一个实例（进程号 {owner}）在使用 {self.folder}；"
            "请先停止它，或另设 FANGXIN_HOME 与 PORT。",
            f"another instance (pid {owner}) is using {self.folder}; "
            "stop it, or set another FANGXIN_HOME and PORT.",
        )

    def secret(self, name: str, make: str | None = None) -> str:
        """The secret of that name, made on first use (32 random bytes in hexadecimal) with mode 0600."""
        path = self.secrets / name
        if not path.exists():
            write_whole(path, make or secrets.token_hex(32))
        return path.read_text().strip()

    def socket_folder(self) -> Path:
        """Where the database listens: in the home, or in a short private folder when its path is too long.

        Refuses a folder of that name which belongs to somebody else.
        """
        inside = self.folder / "sock"
        if len(os.fsencode(inside / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            inside.mkdir(mode=0o700, exist_ok=True)
            return inside
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        short = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"fangxin-{os.geteuid()}-{mark}"  # noqa: S108 - owner and mode are checked below
        with contextlib.suppress(FileExistsError):
            short.mkdir(mode=0o700)
        found = short.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise Refused(
                f"套接字文件夹 {short} 不属于当前用户；请将 FANGXIN_HOME 设到较短的路径。",
                f"the socket folder {short} is not this user's own; set FANGXIN_HOME to a shorter path.",
            )
        return short

    def url(self, role: str, database: str = "fangxin") -> str:
        """The address by which `role` reaches the embedded server; it contains the role's password."""
        password = quote(self.secret(f"{role}_password"), safe="")
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.socket_folder()), safe='/')}"


def user_name(uid: int) -> str:
    """The name of that user, or its number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def write_whole(path: Path, text: str) -> None:
    """The file holds exactly this text with mode 0600, or, when the disk is full, is as it was before."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
