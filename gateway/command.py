"""The `livsrytme` command: offers what is installed here, and says what to install for the rest."""

from importlib.metadata import EntryPoint, entry_points

import click
from typing_extensions import override

# The extra that brings each group of commands.
_EXTRA_OF = {"gateway": "gateway", "server": "server", "models": "models", "sim": "sims", "demo": "sims"}


class _InstalledGroups(click.Group):
    """Loads a group only when it is asked for: `livsrytme gateway` on a small machine never imports the server."""

    def _found(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group="livsrytme.commands")}

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._found())

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        point = self._found().get(cmd_name)
        if point is None:
            return None
        try:
            command = point.load()
        except ModuleNotFoundError as missing:
            return _not_installed(cmd_name, str(missing.name))
        return command if isinstance(command, click.Command) else None


def _not_installed(name: str, module: str) -> click.Command:
    extra = _EXTRA_OF.get(name, "server")

    @click.command(
        name, context_settings={"ignore_unknown_options": True}, help=f"Not installed here (extra: {extra})."
    )
    @click.argument("arguments", nargs=-1)
    def explain(arguments: tuple[str, ...]) -> None:
        del arguments
        raise click.ClickException(
            f"'livsrytme {name}' is not installed on this machine ({module} is missing). "
            f"Install it with: pip install 'livsrytme[{extra}]'"
        )

    return explain


@click.group(cls=_InstalledGroups)
@click.version_option(package_name="livsrytme")
def main() -> None:
    """Livsrytme: watching over people who live at home, without cameras."""


if __name__ == "__main__":
    main()
