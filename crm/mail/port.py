"""What sends mails, and what it may answer. Pure: the adapters are beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person.

    Attributes:
        key: What it is known by: its `Message-ID` and, where the provider takes one, its
            idempotency key. Of letters, digits and `-`; it holds no address.
        sender: The address in `From`, with a name or without: `Events <news@example.com>`.
        to: The address that it goes to.
        subject: One line.
        text: The part for who reads no HTML.
        html: The HTML part; None for a mail of text alone.
        reply_to: The address in `Reply-To`; None for none.
        headers: Headers besides, such as `List-Unsubscribe`. They hold no address.
        campaign: What the mails of one campaign have in common, for `Feedback-ID` and the
            provider's own lists; None for a mail of no campaign.
    """

    key: str
    sender: str = field(repr=False)
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    reply_to: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has taken the mail over.

    Attributes:
        provider_id: What the provider calls it; None where it says nothing.
    """

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The mail is not sent, and trying again would not help.

    Attributes:
        code: Why, such as `550 5.1.1` or `invalid-address`. Never the server's text, which can
            hold the address.
        unreachable: Whether it says that there is no such mailbox.
    """

    code: str
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: the mail was not handed over, and can be tried again.

    Attributes:
        code: Why, such as `451 4.7.1`, `429`, `timeout`, `budget`.
        whole: Whether everybody has to wait, not only this mail's domain: a server that throttles,
            a budget that is used up, a server that cannot be reached.
        seconds: How long to wait, where that is known.
    """

    code: str
    whole: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The mail was handed over and nobody answered: sent or not, nobody knows.

    Attributes:
        code: What happened, such as `connection-lost`.
    """

    code: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Nobody's mail would be taken: the login or the sender is refused. The mail was not sent.

    Attributes:
        code: What the server said, such as `535 5.7.8`, `401`.
        message: A sentence for staff: what to mend, and where.
    """

    code: str
    message: str


Answer = Accepted | Refused | Later | Uncertain | Halt


class Mailer(Protocol):
    """Hands mails over.

    One is used by one thread at a time. It keeps its connection from call to call, and opens a new
    one where the server has ended it.
    """

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        """Hand mails over, one after the other, and yield each one's answer as it is known.

        Nothing of a mail leaves before its answer is asked for: who stops to ask, as a worker does
        that is told to end, has sent nothing else. After `Halt`, or `Later` that is `whole`, the
        same is answered for all that follow, without trying.

        Never raises for what a server does or does not.
        """

    def close(self) -> None:
        """End the connection, politely where it still is one. It can be used again."""
