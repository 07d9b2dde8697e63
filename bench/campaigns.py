"""A campaign beside a bare loop of smtplib: `venv/bin/python -m bench.campaigns [PEOPLE]`.

One worker sends to everybody who attended, on the Firestore emulator, to a mail server that takes
every mail and keeps none. Beside it a loop hands the very same messages over on one connection that
is kept, with nothing around it: no database, no rendering, no consent. Once they are bytes already
(`sendmail`), and once as who writes such a loop has them, `EmailMessage`s (`send_message`). The
loops run before, half-way and after, as the machine's speed changes; the medians count.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import smtplib
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any, Final

from google.cloud.firestore import Client
from rich.console import Console

from bench.bill import Bill, Counting
from bench.peers.ours import runner_on
from bench.place import fresh, put_all, shop
from bench.report import Table
from bench.sink import HOST, sink
from crm.campaigns import jobs
from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign, path_of
from crm.campaigns.composed import compose
from crm.campaigns.control import send
from crm.campaigns.last_look import look
from crm.campaigns.letters import letters
from crm.config.settings import Settings
from crm.core.keyring import random_id
from crm.db.collections import AUDIENCES, CUSTOMERS
from crm.db.documents import BY_ID, Query, read_one
from crm.entrypoints.sending import beside
from crm.jobs import fan_out
from crm.jobs.slices import parsed
from crm.mail.dsn import SmtpDsn
from crm.mail.dsn import parsed as dsn_of
from crm.mail.message import Message, built
from crm.mail.port import Answer, Mail
from crm.mail.smtp import SmtpMailer
from suite import start_suite

KEPT: Final = Path(__file__).with_name("campaigns.json")

PEOPLE: Final = 10_000

EVENT: Final = "devops-workshop"

SAMPLE: Final = 1_000
"""Messages of the bare loop, each time it runs."""

BEGIN: Final = datetime(2024, 5, 4, 9, tzinfo=UTC)

LANDING: Final = "https://example.com/unsubscribe"

MILLION: Final = 1_000_000

REGIONAL: Final = 0.5
"""What us-central1 costs of what nam5 does (the list of prices in `bench/bill.py`)."""

ASKED: Final = {"ratio": 0.5, "reads": 2.0, "writes": 1.5}

SETTINGS: Final = Settings.model_validate(
    {
        "email_trust": "document",
        "newsletter": {"unsubscribe_url": LANDING},
        "mail": {
            "from": "Example Events <news@example.com>",
            "postal_address": "Example Events, 1 Main Street, Berlin",
            "undo_seconds": 0,
        },
        "jobs": {"workers": 1},
    }
)

SOURCE: Final = """# Thank you for coming, {{ first_name | default: "friend" }}

It was a full house at the **DevOps Workshop**, and you asked more questions than there was time
for. Here is what we promised:

- the [slides](https://example.com/slides) of all four talks,
- the [recordings](https://example.com/recordings), without the breaks,
- the answers that we owe you.

{% if order_count > 1 %}You have been with us {{ order_count }} times by now. Thank you!{% endif %}

The next one is in autumn. [Get a ticket](https://example.com/autumn) while they last.
"""


def people(number: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the documents of customers who attended, and said yes to news."""
    item = {"eventId": EVENT, "eventName": "DevOps Workshop", "eventStartsAt": BEGIN}
    for begin in range(0, number, SAMPLE):
        names = [f"p{one:06}" for one in range(begin, min(number, begin + SAMPLE))]
        made = shop(dict.fromkeys(names, 1), marketingOptIn=True, items=[item])
        customers = (one for path, one in made.items() if path.startswith(f"{CUSTOMERS}/"))
        yield from ((f"{CUSTOMERS}/{random_id()}", one) for one in customers)


class Watched:
    """A mailer that notes when mails were taken, and calls somebody after each."""

    def __init__(self, mailer: SmtpMailer, after: Callable[[int], None]) -> None:
        self._mailer, self._after = mailer, after
        self.first = self.last = 0.0
        self.taken = 0

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        """Hand mails over."""
        for answer in self._mailer.send(mails):
            self.taken += 1
            self.last = time.perf_counter()
            self.first = self.first or self.last
            self._after(self.taken)
            yield answer

    def close(self) -> None:
        """End the connection."""
        self._mailer.close()


@dataclass
class Bench:
    """A campaign and what is measured of it.

    Attributes:
        client: The emulator's project.
        port: The mail server's.
        number: How many people get it.
    """

    client: Client
    port: int
    number: int

    def __post_init__(self) -> None:
        self.bill = Bill()
        of = runner_on(self.client)
        self.runner = replace(of, settings=SETTINGS, store=Counting(of.store, self.bill))
        dsn = dsn_of(f"smtp://{HOST}:{self.port}")
        assert isinstance(dsn, SmtpDsn)
        self.mailer = Watched(SmtpMailer(dsn), self._after)
        self.memory: list[float] = []
        self.bytes: list[float] = []
        self.messages: list[float] = []
        self.paused = 0.0

    def run(self) -> dict[str, Any]:
        """Send it, and return the figures."""
        put_all(self.client, people(self.number))
        now = self.runner.now()
        body = {"format": "markdown", "source": SOURCE}
        text = ("Thanks", "Thank you, {{ first_name | default: 'friend' }}", "Slides and videos")
        segment = {"attended": EVENT}
        sender = SETTINGS.mail.from_
        campaign = Campaign("bench", *text, body, segment, sender, now, now)
        self.client.document(campaign.path).set(dict(campaign.to_data()))
        queue: list[str] = []
        begin = time.perf_counter()
        send(self.runner, queue.append, "bench", self.number)
        self._work(queue)
        took = time.perf_counter() - begin - self.paused
        found = Campaign.from_data("bench", read_one(self.runner.store, path_of("bench")).fields)
        assert (found.state, found.counts["accepted"]) == ("done", self.number), found.counts
        self.mailer.close()
        return self._figures(took)

    def _work(self, queue: list[str]) -> None:
        kinds = jobs.kinds(
            lambda _: self.mailer, compose, lambda: False, lambda _: LANDING, beside=beside
        )
        while queue:
            fan_out.work(self.runner, kinds, queue.append, parsed(queue.pop(0)), 240.0)

    def _after(self, taken: int) -> None:
        """Note the memory in use now and then, and let the bare loop run half-way."""
        if taken % (self.number // 10) == 0:
            gc.collect()
            self.memory.append(_memory())
        if taken in (1, self.number // 2, self.number):
            begin = time.perf_counter()
            bill = Bill(**asdict(self.bill))
            self._bare()
            self.bill.__init__(**asdict(bill))  # type: ignore[misc]
            self.paused += time.perf_counter() - begin

    def _bare(self) -> None:
        """Note how many mails a second loops of smtplib hand over."""
        made = list(itertools.islice(self._messages(), SAMPLE))
        with smtplib.SMTP(HOST, self.port) as server:
            begin = time.perf_counter()
            for one in made:
                server.sendmail(one.sender, [one.to], one.data)
            self.bytes.append(len(made) / (time.perf_counter() - begin))
        read = [message_from_bytes(one.data, policy=SMTP) for one in made]
        with smtplib.SMTP(HOST, self.port) as server:
            begin = time.perf_counter()
            for message in read:
                server.send_message(message)
            self.messages.append(len(read) / (time.perf_counter() - begin))

    def _messages(self) -> Iterator[Message]:
        """Yield messages as the campaign sends them."""
        campaign = Campaign.from_data("bench", read_one(self.runner.store, path_of("bench")).fields)
        letter = letters(self.runner, campaign, compose, LANDING)
        for found in self.runner.store.find(Query(AUDIENCES, order=BY_ID, limit=4)):
            shard = Shard.from_data(found.id, found.fields)
            _, met = look(self.runner, shard, range(len(shard.people)))
            for one in met.values():
                message = built(letter(one), self.runner.now())
                assert isinstance(message, Message)
                yield message

    def _figures(self, took: float) -> dict[str, Any]:
        sending = self.mailer.last - self.mailer.first - self.paused
        bare, common = statistics.median(self.bytes), statistics.median(self.messages)
        rate = self.number / sending
        dollars = self.bill.per_million / self.number
        each = {name: count / self.number for name, count in asdict(self.bill).items()}
        return {
            "people": self.number,
            "seconds": round(took, 1),
            "mails a second": round(rate, 1),
            "mails a second, fixing the audience included": round(self.number / took, 1),
            "bare loop of bytes, mails a second": [round(one, 1) for one in self.bytes],
            "bare loop of messages, mails a second": [round(one, 1) for one in self.messages],
            "ratio to bytes": round(rate / bare, 2),
            "ratio to messages": round(rate / common, 2),
            "reads a mail": round(each["reads"] + each["aggregations"], 3),
            "writes a mail": round(each["writes"], 3),
            "round trips a mail": round(each["trips"], 3),
            "memory, MiB, after each tenth": [round(one) for one in self.memory],
            "a million": {
                "Firestore in nam5, US dollars": round(dollars, 2),
                "Firestore in us-central1, US dollars": round(dollars * REGIONAL, 2),
                "hours, one worker": round(MILLION / rate / 3600, 1),
                "shards": -(-MILLION // 250),
            },
        }


def _memory() -> float:
    """Return what the process has in memory, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def table(found: Mapping[str, Any]) -> Table:
    """Return the figures, beside what is asked of them."""
    asked = {
        "ratio to bytes": f"at least {ASKED['ratio']}",
        "ratio to messages": f"at least {ASKED['ratio']}",
        "reads a mail": f"at most {ASKED['reads']:g}",
        "writes a mail": f"at most {ASKED['writes']:g}",
        "memory, MiB, after each tenth": "flat",
    }
    flat = {**found, **{f"a million: {name}": one for name, one in found["a million"].items()}}
    rows = [
        (name, _told(value), asked.get(name, ""))
        for name, value in flat.items()
        if value is not found["a million"]
    ]
    return Table("A campaign", ("", "seen", "asked"), rows)


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else f"{value:,}"


def main() -> int:
    """Measure, print, keep."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("people", nargs="?", type=int, default=PEOPLE)
    number = arguments.parse_args().people
    with start_suite("demo-bench", functions=False) as suite, sink() as port:
        os.environ.update(suite.env)
        found = Bench(fresh(), port, number).run()
    table(found).show(Console(width=None if sys.stdout.isatty() else 140))
    if number == PEOPLE:
        KEPT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
