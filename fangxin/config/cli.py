"""The command line: `fangxin …`. Each command is a file in `commands/`, loaded only when it is called."""

import importlib
import os
import pkgutil

import click

from fangxin.config import commands


class Commands(click.Group):
    """Finds commands by file name, so that a command without a database never waits for Django."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"fangxin.config.commands.{cmd_name.replace('-', '_')}")
        found: click.Command = module.command
        return found


def with_django() -> None:
    """Django is set up and the database answers; call it at the head of every command that needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxin.config.settings")
    from fangxin.config.launch.attach import attach

    attach()
    import django

    django.setup()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """房信 Fangxin 命令行。

    The command line of Fangxin. `fangxin COMMAND --help` explains each command.
    """
