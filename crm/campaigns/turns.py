"""Sending a shard, turn after turn.

A turn is one commit, one batch of readings, and at most ten mails. The commit writes what became
of the ten before, and claims the next ten; so nothing is handed over that is not claimed, and what
is known is written before more is handed over. A worker that dies leaves a claim: when its lease is
over, the people of it are `uncertain`, and the others wait as before.

The last look at the next ten begins when the ten before are out, beside the commit that claims
them.

Others may write the shard meanwhile: an event that settles somebody `uncertain` changes its counts.
The worker then begins from what it finds, as long as the claim is still its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from crm.campaigns import claims
from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign, CampaignState, path_of
from crm.campaigns.checks import beat
from crm.campaigns.claims import AT_ONCE, Again, Outcome, Settled
from crm.campaigns.commit import Commit, Lost
from crm.campaigns.last_look import Ahead, Beside, Looked, Person, look
from crm.campaigns.states import halted
from crm.campaigns.totals import all_counts
from crm.composing.problems import CannotRender
from crm.core.errors import Conflict, CrmError, Transient, described
from crm.db.diff import replaced
from crm.db.documents import Snapshot, Write, read_one
from crm.db.runner import Runner
from crm.mail.backoff import Domains, again, gave_up
from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Mailer, Refused, Uncertain

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=3)
"""How long a claim of ten is good."""

ONE_MAIL: Final = timedelta(minutes=1)
"""What one mail may take at most, with room for clocks that differ: with less of the lease left,
none is handed over."""

HELD: Final = timedelta(seconds=15)
"""So soon at the latest a shard is looked at again that another worker is at: mostly that one is
done within moments, long before its lease is over."""

LOOK: Final = timedelta(seconds=1)
"""So old at most is what a worker knows of the campaign's state; it reads it in each turn, too."""

AHEAD: Final = timedelta(milliseconds=100)
"""So long before its claim is written a last look may have begun. An erasure waits for claims, so
that no record is written of whom it has taken: it takes longer than that from its first commit to
where it looks for them."""

REFUSED_ALL: Final = timedelta(hours=1)
"""How long who is sent to again waits where the server refuses the sender."""

DOMAIN_WAITS: Final = "domain-waits"
"""Why somebody waits whose domain put others off."""

CANNOT_RENDER: Final = "cannot-render"
"""Why somebody is `refused` with whose values the text cannot be made."""

WORKER_LOST: Final = "worker-lost"
"""Why somebody is `uncertain` whose worker died."""

SENDER_REFUSED: Final = "sender-refused"
"""Why a campaign is halted whose sender or login the server refuses."""


@dataclass(frozen=True)
class Post:
    """What mails are sent with.

    Attributes:
        runner: Reads and writes.
        job_id: The job at work: a campaign that another one sends is left alone.
        states: The campaign's states in which it is sent.
        mailer: Hands mails over; one for each thread.
        letter: Writes the mail to somebody.
        stopping: Whether the process has been told to end.
        unreachable: Told of the keys of addresses that the server says do not exist.
        beside: Begins work beside the caller's, and gives what waits for its outcome. Without it,
            the work is done when its outcome is asked for.
    """

    runner: Runner
    job_id: str
    states: frozenset[CampaignState]
    mailer: Mailer
    letter: Callable[[Person], Mail]
    stopping: Callable[[], bool]
    unreachable: Callable[[Runner, str], None]
    beside: Beside = lambda work: work


@dataclass(frozen=True)
class Ended:
    """How a worker leaves a shard.

    Attributes:
        why: `done`: nobody waits. `time`: it has done enough for now. `stopped`: the campaign is
            not to be sent any more, or the process ends. `held`: another worker is at it.
            `later`: who still waits is to be tried again later. `throttled`: everybody has to wait.
        not_before: Until when it is to be left alone.
        handed: How many mails were handed over.
        wait: The answer by which everybody has to wait.
    """

    why: Literal["done", "time", "stopped", "held", "later", "throttled"]
    not_before: datetime | None
    handed: int
    wait: Later | None = None


class Turns:
    """One run of a worker over one shard.

    Args:
        post: What it sends with.
        campaign: As it was read just now.
        until: No turn begins later.
        most: How many mails it hands over at most; None for any number.
    """

    def __init__(
        self, post: Post, campaign: Campaign, until: datetime, most: int | None = None
    ) -> None:
        self._post, self._campaign, self._until, self._most = post, campaign, until, most
        self._runner = post.runner
        self._run, self._turn = post.runner.new_id(), 0
        self._version = 0
        self._handed = 0
        self._looked = post.runner.now()
        self._stopped = not self._is_sent(campaign)
        self._wait: Later | None = None
        self._domains = Domains()
        self._put_off_once: set[str] = set()
        self._halt: Halt | None = None
        self._unknown: list[str] = []

    def send(self, found: Snapshot) -> Ended:
        """Send to who waits in a shard, until there is a reason to end.

        Raises:
            Conflict, Transient: Not done before the deadline; what is handed over and not written
                becomes `uncertain`.
        """
        shard, self._version = Shard.from_data(found.id, found.fields), found.version
        people: dict[int, Person] = {}
        known: dict[int, Outcome] = {}
        if shard.holder is not None:
            if shard.lease_until is not None and self._runner.now() < shard.lease_until:
                return Ended("held", min(shard.lease_until, self._runner.now() + HELD), 0)
            _, people = look(self._runner, shard, claims.claimed(shard))
            known = dict.fromkeys(people, Settled("uncertain", WORKER_LOST))
        try:
            while True:
                ahead = self._look_ahead(shard, known)
                shard = self._commit(shard, known, people)
                self._tell()
                if not claims.claimed(shard):
                    return self._ended(shard)
                people, known = {}, {}
                self._hand_over(shard, people, known, ahead)
        except Lost:
            return Ended("held", self._runner.now() + HELD, self._handed)

    # Handing over

    def _look_ahead(self, shard: Shard, known: Mapping[int, Outcome]) -> Ahead | None:
        """Begin the last look at who is claimed next, while the claim is written."""
        after, _ = claims.settle(shard, known)
        places = claims.claimed(self._next_claim(after, ""))
        if not places:
            return None
        now = self._runner.now()
        return Ahead(places, now, self._post.beside(lambda: look(self._runner, shard, places)))

    def _looked_at(self, shard: Shard, ahead: Ahead | None) -> Looked:
        """Return the last look at who is claimed: the one that was begun, where it still counts."""
        places = claims.claimed(shard)
        if ahead and ahead.places == places and self._runner.now() - ahead.begun < AHEAD:
            return ahead.outcome()
        return look(self._runner, shard, places)

    def _hand_over(
        self,
        shard: Shard,
        people: dict[int, Person],
        known: dict[int, Outcome],
        ahead: Ahead | None,
    ) -> None:
        """Hand the claimed people's mails over; what is known is written, whatever goes wrong."""
        try:
            campaign, found = self._looked_at(shard, ahead)
            self._know(campaign)
            people |= found
            letters: dict[int, Mail] = {}
            for one in people.values():
                if one.reason is not None:
                    known[one.place] = Settled("excluded", one.reason)
                    continue
                try:
                    letters[one.place] = self._post.letter(one)
                except CannotRender:
                    known[one.place] = Settled("refused", CANNOT_RENDER)
            self._send(shard, letters, people, known)
        except Exception:
            self._stopped = True
            try:
                self._commit(shard, known, people)
            except (CrmError, Lost) as error:
                log.error("shard %s: its claim stays: %s", shard.id, described(error))
            raise

    def _send(
        self,
        shard: Shard,
        letters: Mapping[int, Mail],
        people: Mapping[int, Person],
        known: dict[int, Outcome],
    ) -> None:
        ready = dict(letters)
        for place, letter in letters.items():
            until = self._domains.until(letter.to, self._runner.now())
            if until is not None:
                known[place] = Again(until, claims.attempts(shard, place), DOMAIN_WAITS)
                del ready[place]
        answers = iter(self._post.mailer.send([*ready.values()]))
        for place, letter in ready.items():
            if self._must_end(shard.lease_until):
                return
            try:
                answer = next(answers)
            except Exception:
                known[place] = Settled("uncertain", "internal")  # perhaps it has left
                raise
            outcome = self._outcome(answer, letter, claims.attempts(shard, place) + 1)
            if outcome is None:
                return
            known[place] = outcome
            self._handed += isinstance(outcome, Settled)
            if isinstance(answer, Refused) and answer.unreachable:
                self._unknown.append(people[place].address_key or "")

    def _outcome(self, answer: Answer, letter: Mail, attempts: int) -> Outcome | None:
        """Return what an answer means for its person; None where everybody waits."""
        match answer:
            case Accepted(provider_id):
                self._domains.taken(letter.to)
                self._put_off_once.discard(letter.to.rpartition("@")[2])
                return Settled("accepted", None, provider_id)
            case Refused(code):
                return Settled("refused", code)
            case Uncertain(code):
                return Settled("uncertain", code)
            case Later(whole=False):
                return self._put_off(answer, letter, attempts)
            case Later():
                self._wait = answer
            case Halt() if "sending" in self._post.states:
                self._halt = answer
            case Halt(code):  # a few that were sent again: nothing is to be halted
                self._wait = Later(code, whole=True, seconds=REFUSED_ALL.total_seconds())
        return None

    def _put_off(self, answer: Later, letter: Mail, attempts: int) -> Outcome:
        now, luck = self._runner.now(), self._runner.retry.jitter()
        ended = gave_up(attempts, None, now)
        if ended is not None:
            return Settled("refused", ended.code)
        # One mailbox that is full is no reason to leave its domain alone; two in a row are.
        domain = letter.to.rpartition("@")[2]
        if domain in self._put_off_once:
            self._domains.put_off(letter.to, answer, now, luck)
        self._put_off_once.add(domain)
        return Again(again(answer, attempts, now, luck), attempts, answer.code)

    def _tell(self) -> None:
        """Tell of addresses that do not exist, once the records say so; nothing waits for it."""
        while self._unknown:
            try:
                self._post.unreachable(self._runner, self._unknown.pop())
            except CrmError as error:
                log.error("an unreachable address was not noted: %s", described(error))

    # Going on or not

    def _must_end(self, lease_until: datetime | None) -> bool:
        """Return whether no other mail may be handed over now."""
        if not self._stopped and self._runner.now() - self._looked >= LOOK:
            self._look_at_campaign()
        self._stopped = self._stopped or self._post.stopping()
        late = lease_until is None or lease_until - self._runner.now() < ONE_MAIL
        return self._stopped or late

    def _look_at_campaign(self) -> None:
        try:
            self._know(read_one(self._runner.store, self._campaign.path))
        except (Conflict, Transient):
            self._stopped = True  # first what is known is written

    def _know(self, found: Snapshot) -> None:
        """Take up the campaign as it is now: it may have been stopped, or too much come back."""
        campaign = found.data and Campaign.from_data(found.id, found.data)
        self._stopped = self._stopped or not campaign or not self._is_sent(campaign)
        self._looked = self._runner.now()
        if campaign and not self._stopped and campaign.state == "sending":
            self._stopped = not beat(self._runner, found)

    def _is_sent(self, campaign: Campaign) -> bool:
        return campaign.state in self._post.states and campaign.job_id == self._post.job_id

    @property
    def _left(self) -> int:
        """How many may be claimed."""
        over = self._stopped or self._wait or self._halt or self._post.stopping()
        if over or self._runner.now() >= self._until:
            return 0
        return AT_ONCE if self._most is None else min(AT_ONCE, self._most - self._handed)

    def _ended(self, shard: Shard) -> Ended:
        if self._stopped or self._halt or self._post.stopping():
            return Ended("stopped", None, self._handed)
        if not shard.counts.waiting:
            return Ended("done", None, self._handed)
        if self._wait:
            return Ended("throttled", None, self._handed, self._wait)
        at = claims.next_due(shard)
        if shard.next == len(shard.people) and at is not None and at > self._runner.now():
            return Ended("later", at, self._handed)
        return Ended("time", None, self._handed)

    # Writing

    def _commit(
        self, shard: Shard, known: Mapping[int, Outcome], people: Mapping[int, Person]
    ) -> Shard:
        """Write what became of a claim, and claim the next ones.

        Raises:
            Lost: The claim is another worker's now.
            Conflict, Transient: Not written before the deadline.
        """
        self._turn += 1
        commit = Commit(
            self._runner,
            shard,
            self._version,
            known,
            people,
            holder=f"{self._run}-{self._turn}",
            next_claim=self._next_claim,
            besides=self._halting,
        )
        after = self._runner.retry.call(commit.attempt)
        self._version = commit.version
        return after

    def _next_claim(self, shard: Shard, holder: str) -> Shard:
        """Return a shard with the next people claimed, if any may be."""
        now = self._runner.now()
        return claims.claim(shard, now, self._left, holder, now + LEASE)

    def _halting(self) -> list[Write]:
        """Return what halts the campaign, where the server refuses whatever it is sent."""
        if self._halt is None:
            return []
        store, now = self._runner.store, self._runner.now()
        found = read_one(store, path_of(self._campaign.id))
        if found.data is None:
            return []
        campaign = Campaign.from_data(found.id, found.data)
        if campaign.state != "sending" or not self._is_sent(campaign):
            return []
        data = halted(campaign, now, SENDER_REFUSED, self._halt.message).to_data()
        return [replaced(found, {**data, "counts": all_counts(store, campaign.id)})]
