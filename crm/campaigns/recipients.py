"""A campaign's people by name, each with what became of the mail.

Who was dealt with has a record; who waits, or was left out while the audience was fixed, is listed
from the shards. The list is the one and the other at one moment, so it adds up to the counts of
that moment however many mails go out while somebody turns its pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from crm.campaigns.audience import Shard
from crm.campaigns.counts import PersonState
from crm.campaigns.mails import MailRecord
from crm.campaigns.saving import find_campaign
from crm.customers.customer import mail_address
from crm.customers.merged_ids import resolve
from crm.db.collections import AUDIENCES, MAILS
from crm.db.documents import BY_ID, Clause, Query, Snapshot, Store
from crm.db.paging import Pager
from crm.db.runner import Runner

MOMENT_LASTS: Final = timedelta(minutes=55)
"""Firestore reads at moments of the last hour; a page that is asked for later is of its own."""

SHARDS: Final = 20
"""Shards that are read at a time."""

READINGS: Final = 10
"""Readings of shards for one page. Of a large audience that is nearly through, few have anybody who
waits: then a page can have fewer people than asked for, or none, and the next one goes on."""


SETTLED: Final = ("accepted", "refused", "excluded", "uncertain")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person of a campaign.

    Attributes:
        customer_id: As the customer was called then; None of somebody who was erased.
        state: What became of the mail.
        reason: Why, where it needs a reason.
        at: When that was settled; None of who waits, and of who was left out from the beginning.
    """

    customer_id: str | None
    state: PersonState
    reason: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class _Place:
    """Where a page ends: behind a record, or behind a person of a shard.

    Attributes:
        part: `records`, then `shards`.
        name: The id of the record or shard; None for the beginning.
        after: The last person of that shard who was listed; None when it is through.
    """

    part: str = "records"
    name: str | None = None
    after: str | None = None


def list_recipients(
    runner: Runner, pager: Pager, campaign_id: str, state: PersonState | None = None
) -> dict[str, object]:
    """Return a page of a campaign's people.

    Args:
        runner: Reads.
        pager: Which page.
        campaign_id: The campaign.
        state: Only those in this state; None for all.

    Raises:
        Refusal: `not-found` (`no-such-campaign`); `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_recipients", {"campaign": campaign_id, "state": state})
    find_campaign(runner, campaign_id)
    place, view = _begin(runner, pager, cursor.position)
    rows: list[tuple[Recipient, _Place]] = []
    if place.part == "records" and state != "waiting":
        rows = pager.retry.call(
            partial(_records, view, campaign_id, state, place.name, pager.size + 1)
        )
    if place.part == "records" and len(rows) <= pager.size:
        place = _Place("shards")
    over = place.part == "shards"
    if over and state in (None, "waiting", "excluded"):
        few = pager.size + 1 - len(rows)
        more, rest = pager.retry.call(partial(_of_shards, view, campaign_id, state, place, few))
        rows += more
        over = rest is None
        place = rest or place
    page = rows[: pager.size]
    if len(rows) > pager.size:
        place, over = page[-1][1], False
    assert view.moment is not None
    token = cursor.next_token([view.moment.isoformat(), place.part, place.name, place.after])
    emails = pager.retry.call(partial(_addresses, runner, [one for one, _ in page]))
    return {
        "recipients": [
            {
                "customerId": one.customer_id,
                "email": emails.get(one.customer_id or ""),
                "state": one.state,
                "reason": one.reason,
                "at": one.at,
            }
            for one, _ in page
        ],
        "nextPageToken": None if over else token,
    }


def _begin(runner: Runner, pager: Pager, position: list[Any] | None) -> tuple[_Place, Store]:
    """Return where a page begins, and the database at the moment that the list is of."""
    if position is None:
        return _Place(), pager.retry.call(runner.store.at)
    moment, part, name, after = position
    at = datetime.fromisoformat(moment)
    known = runner.now() - at < MOMENT_LASTS
    return _Place(part, name, after), pager.retry.call(
        lambda: runner.store.at(at) if known else runner.store.at()
    )


def _records(
    view: Store, campaign_id: str, state: PersonState | None, after: str | None, most: int
) -> list[tuple[Recipient, _Place]]:
    # Who has proven no address has a record from the beginning, which holds the place of others'.
    settled: Clause = ("state", "in", SETTLED) if state is None else ("state", "==", state)
    where: tuple[Clause, ...] = (("campaignId", "==", campaign_id), settled)
    start = None if after is None else (None, after)
    found = view.find(Query(MAILS, where, BY_ID, most, start))
    return [(_recipient(one), _Place("records", one.id)) for one in found]


def _recipient(found: Snapshot) -> Recipient:
    record = MailRecord.from_data(found.id, found.fields)
    return Recipient(record.customer_id, record.state, record.reason, record.at)


def _of_shards(
    view: Store, campaign_id: str, state: PersonState | None, place: _Place, most: int
) -> tuple[list[tuple[Recipient, _Place]], _Place | None]:
    """Return people who are listed from shards, and where to go on; None at the end."""
    rows: list[tuple[Recipient, _Place]] = []
    # The shard that a page ended in is read again: behind its last person there may be others.
    if place.name is not None and place.after is not None:
        (found,) = view.read([f"{AUDIENCES}/{place.name}"]).values()
        rows += _of_shard([found], state, place.after)
        if len(rows) >= most:
            return rows[:most], rows[most - 1][1]
    name = place.name
    for _ in range(READINGS):
        start = None if name is None else (None, name)
        query = Query(AUDIENCES, (("campaignId", "==", campaign_id),), BY_ID, SHARDS, start)
        found_now = view.find(query)
        rows += _of_shard(found_now, state)
        if len(rows) >= most:
            return rows[:most], rows[most - 1][1]
        if len(found_now) < SHARDS:
            return rows, None
        name = found_now[-1].id
    return rows, _Place("shards", name)


def _of_shard(
    found: Sequence[Snapshot], state: PersonState | None, after: str | None = None
) -> Iterator[tuple[Recipient, _Place]]:
    for one in found:
        if one.data is None:
            continue
        shard = Shard.from_data(one.id, one.data)
        for person in from_shard(shard):
            assert person.customer_id is not None
            if (after is None or person.customer_id > after) and state in (None, person.state):
                yield person, _Place("shards", shard.id, person.customer_id)


def from_shard(shard: Shard) -> list[Recipient]:
    """Return the people of a shard with whom nothing was tried, in the order of their ids."""
    waiting = [
        Recipient(customer_id, "waiting")
        for place, customer_id in enumerate(shard.people)
        if place >= shard.next or str(place) in shard.later
    ]
    left_out = [Recipient(one, "excluded", why) for one, why in shard.excluded.items()]
    return sorted((*waiting, *left_out), key=lambda one: one.customer_id or "")


def _addresses(runner: Runner, people: Sequence[Recipient]) -> dict[str, str | None]:
    """Return the addresses that customers have now, by the ids that they had then."""
    ids = [one.customer_id for one in people if one.customer_id is not None]
    if not ids:
        return {}
    found = runner.evaluate(lambda tx: resolve(tx, ids))
    return {one: mail_address(survivor.snapshot.fields) for one, survivor in found.items()}
