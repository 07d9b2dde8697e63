"""What every command has: a project, one sentence where it fails, text on any terminal."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from crm.core.errors import Conflict, CrmError, Refusal, Transient, described

_PROJECT: Final = "GCLOUD_PROJECT"

_TRACEBACK: Final = "CRM_TRACEBACK"
"""Set, an unexpected error is shown in full."""


ANSWERED: Final = "crm.answered"
"""Where a context notes that its command has given its answer in JSON."""


HELP: Final[Any] = {"help_option_names": ["-h", "--help"]}
"""Of every command by itself: click keeps the option that it makes first, whoever asks for it."""


class Command(click.Command):
    """A command that takes `--project`, as the group before it does.

    With `--json` it gives one object also where it fails before it has an answer: `error`, with the
    sentence that people read, and a stable `reason` where there is one.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"context_settings": HELP, **more})
        self.params.append(project_option())

    def invoke(self, ctx: click.Context) -> Any:
        """Run it.

        Raises:
            ClickException: It failed; the message is for people.
        """
        try:
            return told_in_one_sentence(lambda: super(Command, self).invoke(ctx))
        except (click.ClickException, OSError) as error:
            if ctx.params.get("as_json") and not ctx.meta.get(ANSWERED):
                cause = error.__cause__
                reason = {"reason": cause.reason} if isinstance(cause, Refusal) else {}
                message = error.message if isinstance(error, click.ClickException) else str(error)
                click.echo(json.dumps({"error": {"message": message, **reason}}, indent=2))
            raise


class Group(click.Group):
    """Commands whose errors end in one sentence, on terminals of any encoding."""

    command_class = Command

    def main(self, *args: Any, **more: Any) -> Any:
        """Run a command, printing with escapes what the terminal cannot show."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command.

        Raises:
            ClickException: It failed; the message is for people.
        """
        return told_in_one_sentence(lambda: super(Group, self).invoke(ctx))


def told_in_one_sentence(run: Callable[[], Any]) -> Any:
    """Run something whose errors people are to read.

    Raises:
        ClickException: It failed.
    """
    try:
        return run()
    except CrmError as error:
        raise click.ClickException(sentence(error)) from error
    except (click.ClickException, click.exceptions.Exit, click.Abort, OSError):
        raise
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        raise click.ClickException(
            f"This should not have happened: {described(error)}. It is a defect of CRM-Lite,"
            f" and nothing is half done: {_TRACEBACK}=1 shows where it comes from."
        ) from error


def sentence(error: CrmError) -> str:
    """Return what an error is to people."""
    if isinstance(error, Conflict):
        return "Others kept changing the same documents: run it again."
    if isinstance(error, Transient) and " " not in str(error):
        return (
            f"Firestore did not answer ({error}) at {firestore()}: check the network, the project's"
            " id and, for the emulator, FIRESTORE_EMULATOR_HOST; then run it again."
        )
    lines = str(error).splitlines()
    if len(lines) > 1:
        return "\n- ".join([f"{len(lines)} settings are missing or wrong.", *lines])
    return str(error)


def firestore() -> str:
    """Return where Firestore is, for people."""
    project = os.environ.get(_PROJECT) or os.environ.get("GOOGLE_CLOUD_PROJECT") or "no project"
    return f"{os.environ.get('FIRESTORE_EMULATOR_HOST') or 'firestore.googleapis.com'} ({project})"


def auth() -> str:
    """Return where Firebase Auth is, for people."""
    return os.environ.get("FIREBASE_AUTH_EMULATOR_HOST") or "identitytoolkit.googleapis.com"


def project_option() -> click.Option:
    """Return the option that names the project, for as long as the command runs."""
    return click.Option(
        ["--project"],
        metavar="ID",
        expose_value=False,
        callback=_take_project,
        help="The Firebase project; else the one that GCLOUD_PROJECT names.",
    )


def _take_project(ctx: click.Context, _option: click.Parameter, project: str | None) -> None:
    if project is None:
        return
    ctx.call_on_close(_restoring(_PROJECT))
    os.environ[_PROJECT] = project


def _restoring(name: str) -> Callable[[], None]:
    before = os.environ.get(name)

    def restore() -> None:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before

    return restore
