"""`python -m suite`: run a command inside a fresh suite, or leave one running."""

import importlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import click

from suite.errors import SuiteError
from suite.launch import DEFAULT_CONFIG, DEFAULT_PROJECT, start_suite
from suite.processes import end_family
from suite.running import Suite

UNDO_SECONDS = 30
"""In a suite that people try things on a campaign can be called back for as long as by default."""

_COMMAND_STEPS = ((signal.SIGTERM, 5.0), (signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0))


class _Terminated(BaseException):
    """The wrapper got a signal; like KeyboardInterrupt, this unwinds everything."""


def _ports(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, int]:
    ports = {}
    for text in given:
        name, _, number = text.partition("=")
        if not number.isdigit():
            raise click.BadParameter(f"{text!r} is not like firestore=8080.")
        ports[name] = int(number)
    return ports


def _suite_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--project", default=DEFAULT_PROJECT, show_default=True, help="Project id."),
        click.option(
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            default=DEFAULT_CONFIG,
            help="The firebase.json to run.",
        ),
        click.option(
            "--port",
            "ports",
            multiple=True,
            callback=_ports,
            help="A service's port, like firestore=8080; free ones are picked otherwise.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def cli() -> None:
    """Run the Firebase emulator suite with this project's functions."""


@cli.command(name="exec", context_settings={"ignore_unknown_options": True})
@_suite_options
@click.option("--shell", metavar="TEXT", help="A command line for the shell, instead of words.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def exec_command(
    project: str,
    config: Path,
    ports: dict[str, int],
    shell: str | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND inside a fresh, empty suite and exit with its status."""
    words = ["sh", "-c", shell] if shell else list(command)
    if not words:
        raise click.UsageError("Give a command: python -m suite exec -- COMMAND.")
    with _clear_errors(), start_suite(project, config=config, ports=ports) as suite:
        status = _run(words, suite)
    sys.exit(status)


@cli.command()
@_suite_options
@click.option(
    "--seed",
    metavar="MODULE:FUNCTION",
    help="Called with the running suite before it is announced.",
)
def up(project: str, config: Path, ports: dict[str, int], seed: str | None) -> None:
    """Start a suite and leave it running until Ctrl-C."""
    with (
        _clear_errors(),
        start_suite(project, config=config, ports=ports, undo_seconds=UNDO_SECONDS) as suite,
    ):
        if seed:
            module, _, function = seed.partition(":")
            getattr(importlib.import_module(module), function)(suite)
        for name, value in suite.env.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        if suite.hosting_origin:
            click.echo(f"The staff console: {suite.hosting_origin}")
        click.echo(_where_mails_go(suite))
        click.echo("The suite is running; Ctrl-C ends it.")
        # For this command Ctrl-C is the ordinary end, so that it is no failure.
        with suppress(KeyboardInterrupt):
            signal.pause()


def _where_mails_go(suite: Suite) -> str:
    if suite.mailbox_origin:
        return f"The mails that it sends: {suite.mailbox_origin}"
    if suite.mail:
        return "The mails that it sends go where CRM_MAIL of your environment says."
    return "It sends no mails: it runs no functions."


def _run(words: list[str], suite: Suite) -> int:
    try:
        process = subprocess.Popen(words, env=os.environ | suite.env)
    except OSError as error:
        raise SuiteError(f"{words[0]} cannot be run ({error.strerror}): name a command.") from error
    try:
        status = process.wait()
    except BaseException:
        end_family(process.pid, steps=_COMMAND_STEPS)
        process.wait()
        raise
    # A shell's way to tell the signal that ended a command.
    return status if status >= 0 else 128 - status


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn the errors meant for people into one sentence, and signals into a quiet end."""
    # A shell starts background commands with SIGINT ignored; this one ends by it all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_terminated)
    try:
        yield
    except SuiteError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except _Terminated as terminated:
        sys.exit(128 + terminated.args[0])


def _raise_terminated(number: int, _frame: FrameType | None) -> None:
    raise _Terminated(number)


if __name__ == "__main__":
    cli(prog_name="python -m suite")
