"""Brings database and static files up to the program: `python -m fangxin.config.launch.ready migrate static`.

Runs as a program of its own, so that the launcher stays small and never loads Django.
"""

import os
import sys

DISK_FULL = 28  # exit status; the number of ENOSPC, easy to recognise


def migrate() -> None:
    """Tables, row policies and grants are those of this program, and there are keys to seal with."""
    from django.core.management import call_command

    from fangxin.config import database_roles
    from fangxin.documents import key_rotation

    call_command("migrate", interactive=False, verbosity=0)
    database_roles.grant(os.environ["FANGXIN_OWNER_URL"])
    key_rotation.prepare()


def static() -> None:
    """Static files lie under STATIC_ROOT, compressed and named by their contents."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, clear=True)


def main() -> int:
    import errno

    from fangxin.config.cli import with_django

    with_django()
    import psycopg

    from fangxin.documents.secret_keys import SealingNotReady

    steps = {"migrate": migrate, "static": static}
    try:
        for step in sys.argv[1:]:
            steps[step]()
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return DISK_FULL
    except SealingNotReady as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        causes: list[BaseException] = [error]
        while (cause := causes[-1].__cause__ or causes[-1].__context__) and cause not in causes:
            causes.append(cause)
        if any(isinstance(one, psycopg.errors.DiskFull) for one in causes):
            return DISK_FULL
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
