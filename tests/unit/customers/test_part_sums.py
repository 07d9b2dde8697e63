"""A part is what its orders add up to, in whatever order they come, change and leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.customers.attendance import Attendance, NameSource
from crm.customers.decision import Decision
from crm.customers.ledger import Contribution
from crm.customers.part import Contact, Part, Spend
from crm.host.order import Tickets
from testing.hosts import DAY

SHOW = Tickets("Show", DAY + timedelta(days=30), 3, 1, 1)
ORDER = Contribution(
    "paid",
    True,
    "EUR",
    5_000,
    500,
    DAY,
    name="Ada",
    opted_in=True,
    events={"show": SHOW, "bare": Tickets(None, None, 1, 0, 1)},
    typed="ada@example.com",
    day="2024-03-01",
)


class Ledger:
    """The rows of one part, looked through as the database does.

    Attributes:
        rows: Order id to contribution.
        asked: What was looked for.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Contribution] = {}
        self.asked: list[str] = []

    def put(self, part: Part, order_id: str, new: Contribution | None, **how: bool) -> Part:
        """Replace an order, or take it away."""
        old = self.rows.get(order_id)

        def search(term: str, direction: Literal["asc", "desc"]) -> tuple[str, Contribution] | None:
            self.asked.append(f"{term} {direction}")
            found = [
                (one.created_at, key, one)
                for key, one in self.rows.items()
                if key != order_id and term in one.index_terms
            ]
            if not found:
                return None
            _, key, one = (min if direction == "asc" else max)(found, key=lambda row: row[:2])
            return key, one

        changed = part.apply(order_id, old, new, search, **how)
        if new is None:
            self.rows.pop(order_id, None)
        else:
            self.rows[order_id] = new
        return changed


def test_an_order_is_all_that_a_part_of_one_is() -> None:
    source = NameSource(DAY, "o1")
    ledger = Ledger()
    part = ledger.put(Part("k", 2, uid="u"), "o1", ORDER)
    assert part == Part(
        "k",
        2,
        uid="u",
        orders=1,
        counted=1,
        spend={"EUR": Spend(4_500, 1)},
        first=DAY,
        last=DAY,
        name="Ada",
        name_source=source,
        events={
            "show": Attendance(1, 3, 1, 1, "Show", SHOW.starts_at, source),
            "bare": Attendance(1, 1, 0, 1),
        },
        opted_in_at=DAY,
        typed=Contact("ada@example.com", DAY, "o1"),
        days={"2024-03-01": 1},
    )
    assert ledger.asked == []


def test_an_order_that_does_not_count_is_one_and_says_its_name_and_its_address() -> None:
    part = Ledger().put(Part("k"), "o1", replace(ORDER, counted=False, status="pending"))
    assert part == Part(
        "k",
        orders=1,
        name="Ada",
        name_source=NameSource(DAY, "o1"),
        typed=Contact("ada@example.com", DAY, "o1"),
    )


def test_an_opt_in_stays_when_its_order_leaves_and_goes_along_when_that_moves() -> None:
    ledger = Ledger()
    part = ledger.put(Part("k"), "o1", ORDER)
    assert part.apply("o1", ORDER, None, lambda *_: None).opted_in_at == DAY
    assert part.apply("o1", ORDER, replace(ORDER, opted_in=False), lambda *_: None).opted_in_at == (
        DAY
    )
    assert part.apply("o1", ORDER, None, lambda *_: None, moves=True).opted_in_at is None
    later = replace(ORDER, created_at=DAY + timedelta(days=1))
    both = ledger.put(part, "o2", later)
    assert both.opted_in_at == later.created_at
    assert ledger.put(both, "o2", None, moves=True) == part
    assert sorted(ledger.asked) == [
        "counted desc",
        "event:show desc",
        "named desc",
        "opted-in desc",
        "typed desc",
    ]


def test_who_has_gone_is_looked_for_only_where_others_are_left() -> None:
    ledger = Ledger()
    part = ledger.put(Part("k"), "o1", ORDER)
    silent = replace(ORDER, counted=False, name=None, typed=None, events={})
    part = ledger.put(part, "o2", silent)
    assert ledger.put(part, "o1", None).last is None
    # It was the only one that counted; of those that do not, one may have a name or an address.
    assert sorted(ledger.asked) == ["named desc", "typed desc"]


MOMENTS = st.integers(0, 3).map(lambda days: DAY + timedelta(days=days))
SOME_TICKETS = st.builds(
    Tickets,
    st.sampled_from([None, "Show", "Gala"]),
    st.sampled_from([None, DAY, DAY + timedelta(days=9)]),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(0, 2),
)
ORDERS = st.builds(
    Contribution,
    st.just("paid"),
    st.booleans(),
    st.sampled_from(["EUR", "USD"]),
    st.integers(0, 3),
    st.integers(0, 1),
    MOMENTS,
    name=st.sampled_from([None, "Ada", "Bob"]),
    opted_in=st.booleans(),
    events=st.dictionaries(st.sampled_from("xyz"), SOME_TICKETS, max_size=2),
    over_limit=st.sampled_from([(), ("x",)]),
    typed=st.sampled_from([None, "a@example.com", "b@example.com"]),
    day=st.sampled_from([None, "2024-03-01", "2024-03-02"]),
    day_over_limit=st.booleans(),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["o1", "o2", "o3"]), st.none() | ORDERS), min_size=1, max_size=8
)


def summed(rows: Mapping[str, Contribution]) -> Part:
    """What orders add up to, each looked at once; the opt-in aside."""
    ordered = sorted(rows.items(), key=lambda row: (row[1].created_at, row[0]))
    counted = [(key, one) for key, one in ordered if one.counted]
    spend: dict[str, Spend] = {}
    days: dict[str, int] = {}
    events: dict[str, Attendance] = {}
    for key, one in counted:
        was = spend.get(one.currency, Spend(0, 0))
        spend[one.currency] = Spend(was.net + one.total - one.refunded, was.orders + 1)
        if one.day and not one.day_over_limit:
            days[one.day] = days.get(one.day, 0) + 1
        for event_id, tickets in one.events.items():
            if event_id in one.over_limit:
                continue
            held = events.get(event_id, Attendance(0, 0, 0, 0))
            told: dict[str, Any] = {}
            if tickets.name or tickets.starts_at:
                source = NameSource(one.created_at, key)
                told = {"name": tickets.name, "starts_at": tickets.starts_at, "source": source}
            events[event_id] = replace(
                held,
                orders=held.orders + 1,
                tickets=held.tickets + tickets.tickets,
                checked_in=held.checked_in + tickets.checked_in,
                unrecorded=held.unrecorded + tickets.unrecorded,
                **told,
            )
    named = [(key, one) for key, one in ordered if one.name][-1:]
    typed = [(key, one) for key, one in ordered if one.typed][-1:]
    return Part(
        "k",
        orders=len(rows),
        counted=len(counted),
        spend=spend,
        days=days,
        events=events,
        first=counted[0][1].created_at if counted else None,
        last=counted[-1][1].created_at if counted else None,
        name=named[0][1].name if named else None,
        name_source=NameSource(named[0][1].created_at, named[0][0]) if named else None,
        typed=Contact(str(typed[0][1].typed), typed[0][1].created_at, typed[0][0])
        if typed
        else None,
    )


@settings(max_examples=40)
@given(STEPS)
def test_whatever_comes_and_goes_a_part_is_the_sum_of_what_is_there(
    steps: list[tuple[str, Contribution | None]],
) -> None:
    ledger, part = Ledger(), Part("k")
    for order_id, new in steps:
        part = ledger.put(part, order_id, new)
        assert replace(part, opted_in_at=None) == summed(ledger.rows)


@settings(max_examples=40)
@given(STEPS)
def test_where_every_order_that_leaves_takes_its_opt_in_along_the_newest_of_those_left_holds(
    steps: list[tuple[str, Contribution | None]],
) -> None:
    ledger, part = Ledger(), Part("k")
    for order_id, new in steps:
        part = ledger.put(part, order_id, new, moves=True)
        opted = [one.created_at for one in ledger.rows.values() if one.opted_in and one.counted]
        assert part.opted_in_at == max(opted, default=None)


# --- Addresses to reach its user by --------------------------------------------------------------

TYPED = Contact("t@example.com", DAY, "o1", free=False, withdrawn=DAY, unreachable=DAY)
CLAIMED = Contact("c@example.com", free=False, withdrawn=DAY)


def test_what_is_known_of_an_address_is_told_to_the_contact_that_is_it() -> None:
    part = Part("u", typed=Contact("a@example.com", DAY, "o1"), claimed=Contact("b@example.com"))
    told: Any = {"free": False, "withdrawn": DAY, "unreachable": DAY + timedelta(days=1)}
    assert part.contacts == [part.typed, part.claimed]
    assert part.with_contact("c@example.com", **told) == part
    assert part.with_contact("a@example.com", **told) == replace(
        part, typed=Contact("a@example.com", DAY, "o1", **told)
    )
    assert part.with_contact("b@example.com", **told) == replace(
        part, claimed=Contact("b@example.com", **told)
    )
    both = replace(part, claimed=Contact("a@example.com"))
    assert both.with_contact("a@example.com", **told) == Part(
        "u",
        typed=Contact("a@example.com", DAY, "o1", **told),
        claimed=Contact("a@example.com", **told),
    )
    assert both.with_contact("a@example.com", free=True, withdrawn=None) == both


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, None),
        ("c@example.com", CLAIMED),
        ("t@example.com", Contact("t@example.com", free=False, withdrawn=DAY, unreachable=DAY)),
        ("new@example.com", Contact("new@example.com")),
    ],
)
def test_a_claimed_address_comes_with_what_was_known_of_it(
    address: str | None, expected: Contact | None
) -> None:
    part = Part("u", typed=TYPED, claimed=CLAIMED)
    assert part.claiming(address) == replace(part, claimed=expected)


def test_an_order_that_is_read_again_forgets_nothing_of_its_address() -> None:
    ledger = Ledger()
    part = replace(ledger.put(Part("u"), "o1", replace(ORDER, typed="t@example.com")), typed=TYPED)
    assert ledger.put(part, "o1", replace(ORDER, typed="t@example.com", refunded=9)).typed == TYPED
    changed = ledger.put(part, "o1", replace(ORDER, typed="x@example.com"))
    assert changed.typed == Contact("x@example.com", DAY, "o1")


def test_an_opt_in_and_a_decision_are_held_by_their_dates() -> None:
    granted = Decision("subscribed", DAY, "order")
    withdrawn = Decision("unsubscribed", DAY, "staff")
    later = replace(withdrawn, at=DAY + timedelta(days=1))
    assert Part("k").held_decision is None
    assert Part("k", opted_in_at=DAY).held_decision == granted
    assert Part("k", decision=withdrawn).held_decision == withdrawn
    assert Part("k", opted_in_at=DAY, decision=withdrawn).held_decision == withdrawn
    assert Part("k", opted_in_at=later.at, decision=withdrawn).held_decision == Decision(
        "subscribed", later.at, "order"
    )
    assert Part("k", opted_in_at=DAY, decision=later).held_decision == later
