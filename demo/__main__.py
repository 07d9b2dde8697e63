"""`python -m demo`: real orders become customers on a fresh emulator suite."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import AbstractContextManager
from types import FrameType
from typing import Final

import click
import firebase_admin
from rich.console import Console

from demo.chapters import CHAPTERS
from demo.errors import DemoError
from demo.independent import differences, expected
from demo.orders import SAMPLE, read_purchases
from demo.post import Post
from demo.replay import replay
from demo.staff import Staff
from demo.stage import Stage
from suite import Suite, SuiteError, start_suite
from testing.client import PatientClient

LEAST: Final = 100  # orders: fewer hold no five people who came back
DEFAULT: Final = "1000"
LOG_TAIL: Final = 15  # lines


def _orders(_context: click.Context, _option: click.Parameter, given: str) -> int | None:
    if given == "all":
        return None
    if not given.isdecimal() or int(given) < LEAST:
        raise click.BadParameter(f"give a number from {LEAST}, or `all`.")
    return int(given)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--orders",
    default=DEFAULT,
    show_default=True,
    callback=_orders,
    help=f"How many of the file's orders to replay, from {LEAST}; or `all`.",
)
def main(orders: int | None) -> None:
    """Replay real orders through the live triggers, show the customers, check every sum."""
    begun = time.monotonic()
    console = Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        console.print("[bold]CRM-Lite[/]: an event host's orders become customers, by themselves")
        console.print("  Starting the Firebase emulators on this machine ...")
        with Post() as post, _started(post) as suite:
            os.environ.update(suite.env)
            firebase_admin.initialize_app(options={"projectId": suite.project})
            took = time.monotonic() - begun
            console.print(f"  ready after {took:.0f} s, every function loaded")
            try:
                _play(suite, post, console, orders, begun)
            except DemoError as error:
                # Here, because the log goes with the suite.
                tail = "\n".join(f"  {line}" for line in suite.logs().splitlines()[-LOG_TAIL:])
                raise DemoError(f"{error}\nThe suite's log ends:\n{tail}") from error
    except SuiteError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _started(post: Post) -> AbstractContextManager[Suite]:
    """Have a suite started whose functions mail to the demo, wherever a developer's own would."""
    os.environ.update(post.variables)
    return start_suite()


def _play(suite: Suite, post: Post, console: Console, orders: int | None, begun: float) -> None:
    client = PatientClient(project=suite.project)
    purchases = list(read_purchases())[:orders]
    people = len({purchase.customer for purchase in purchases})
    stage = Stage(suite, client, console, purchases, Staff.hire(suite), post)
    stage.heading(f"{len(purchases):,} real orders of {people:,} people, written as the host does")
    seconds = replay(client, console, purchases)
    pace = len(purchases) / seconds
    stage.say(f"in {seconds:.1f} s through the live triggers: {pace:.1f} a second")
    stage.say(f"{_check(stage)} customers' sums compared with the file's: equal")
    for chapter in CHAPTERS:
        chapter(stage)
    stage.heading("Checked")
    checked = _check(stage)
    console.print(
        f"[green]{checked} customers are as the file says (orders, spend, first and last day), "
        f"also after all of this; {time.monotonic() - begun:.0f} s in all.[/]",
    )


def _check(stage: Stage) -> int:
    """Compare every customer with the file, counted by code of its own.

    Raises:
        DemoError: They differ.
    """
    text = SAMPLE.read_text(encoding="ascii")
    wanted = expected(text, len(stage.purchases), stage.changes)
    customers = [found.to_dict() or {} for found in stage.client.collection("customers").stream()]
    wrong = differences(wanted, customers)
    if wrong:
        raise DemoError("The customers differ from the file:\n  " + "\n  ".join(wrong))
    return len(customers)


def _terminated(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)  # unwinds, so that the suite ends


if __name__ == "__main__":
    main(prog_name="python -m demo")
