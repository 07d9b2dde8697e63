"""The life of a shop, as a state machine: the host, its events, and what goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from firebase_functions import https_fn
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from crm.core.errors import Conflict, Transient, Unfinished
from crm.sync.told import Told
from testing.hosts import item, order, user
from testing.told import told
from tests.support.faults import Fault, Killed
from tests.support.stage import Process

PEOPLE = {
    "ada@example.com": "Serinus Canaria",
    "bob@example.com": "Pica Pica",
    "cyd@example.com": "Corvus Corax",
    "dan@example.com": "Apus Apus",
}
UIDS = ("u1", "u2", "u3")
VISITOR = "visitor"
ORDERS = tuple(f"o{number}" for number in range(8))

WAITS = {("delete_my_data", "merged-by-staff"), ("delete_my_data", "held")}
"""Refusals that leave a request for staff; asked again they leave nothing more."""

DONE: Counter[str] = Counter()
"""What really happened, over all sequences."""

address = st.sampled_from(tuple(PEOPLE))
uid = st.sampled_from(UIDS)
order_id = st.sampled_from(ORDERS)
pick = st.integers(0, 99)


class Sent(NamedTuple):
    """An event: of which document, the version that is gone, and what it carries."""

    collection: str
    name: str
    gone: int | None
    told: Told | None = None


class Host(RuleBasedStateMachine):
    """What the host does, and what becomes of the events of it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = self.opened()
        self.noon = self.world.store.now() + timedelta(hours=12)
        """Of the first day: far from any moment at which something else is done."""
        self.events: list[Sent] = []
        self.books: dict[str, dict[str, Any]] = {}
        """The host's orders as the host wrote them."""
        self.due: set[tuple[str, str]] = set()
        """Ids of customers, and tags that they were given for good."""
        self.unsure: set[str] = set()
        """Tags that a job which lost its worker may still take away."""
        self.granted: dict[str, datetime] = {}
        self.withdrawn: dict[str, datetime] = {}
        """By address and uid: when staff recorded it last; a grant at the latest, a withdrawal at
        the earliest."""
        self.opted: dict[str, datetime] = {}
        """By address and uid: the newest order with an opt-in that named it; it stays when the
        order is edited or deleted."""
        self.gone: dict[str, str] = {}
        """Erased addresses that nothing has named again, with the erasure."""
        for number, email in enumerate(PEOPLE):
            starts = self.noon + timedelta(days=number)
            items = [item("e1", eventStartsAt=starts), item("e2")]
            self.write_order(f"o{number}", email, fresh=False, items=items)
            self.deliver_all()
        DONE["sequences"] += 1

    def opened(self) -> Process:
        """Return a shop without a past."""
        return Process()

    # --- The host ---

    def write(self, collection: str, name: str, data: dict[str, Any] | None) -> None:
        path = f"{collection}/{name}"
        if data is None:
            event = Sent(collection, name, self.world.store.delete(path))
        else:
            is_new = name not in self.world.store.all(collection)
            self.world.store.put(path, data)
            event = Sent(collection, name, None, told(self.world.store, path, is_new=is_new))
        self.events.append(event)

    def write_order(self, name: str, email: str, *, fresh: bool, **fields: Any) -> None:
        data = order(email, **{"name": PEOPLE[email], **fields})
        if fresh:
            data["createdAt"] = self.world.store.now() + timedelta(milliseconds=1)
            self.gone.pop(email, None)
        self.write("orders", name, data)
        self.books[name] = data
        if data.get("marketingOptIn"):
            for key in {email, data["userId"]} - {None}:
                self.opted[key] = max(data["createdAt"], self.opted.get(key, data["createdAt"]))

    @rule(
        name=order_id,
        email=address,
        of=st.none() | uid,
        fresh=st.booleans(),
        status=st.sampled_from(["paid", "completed", "pending", "cancelled", "refunded"]),
        total=st.integers(0, 9_999),
        opts_in=st.booleans(),
        events=st.lists(st.sampled_from(["e1", "e2"]), max_size=2, unique=True),
        day=st.none() | st.integers(0, 3),
        checked_in=st.sampled_from([None, None, True, 0]),
    )
    def buys_or_edits(
        self,
        name: str,
        email: str,
        of: str | None,
        fresh: bool,
        status: str,
        total: int,
        opts_in: bool,
        events: list[str],
        day: int | None,
        checked_in: object,
    ) -> None:
        starts = None if day is None else self.noon + timedelta(days=day)
        self.write_order(
            name,
            email,
            fresh=fresh,
            userId=of,
            status=status,
            total=f"{total / 100:.2f}",
            items=[item(one, eventStartsAt=starts, checkedIn=checked_in) for one in events],
            marketingOptIn=opts_in,
        )

    @rule(name=order_id, email=address)
    def writes_nonsense(self, name: str, email: str) -> None:
        self.write_order(name, email, fresh=False, status="unheard of", odd=True)

    @precondition(lambda self: self.books)
    @rule(number=pick, refunded=st.booleans())
    def refunds_or_cancels(self, number: int, refunded: bool) -> None:
        name = sorted(self.books)[number % len(self.books)]
        now = self.world.store.all("orders")[name]
        if not now.get("odd"):
            change = {"refunded": now["total"]} if refunded else {"status": "cancelled"}
            self.write("orders", name, now | change)
            self.books[name] |= change

    @precondition(lambda self: self.books)
    @rule(number=pick)
    def deletes_an_order(self, number: int) -> None:
        name = sorted(self.books)[number % len(self.books)]
        del self.books[name]
        self.write("orders", name, None)

    @rule(who=uid, email=address, verified=st.booleans())
    def registers_or_changes_address(self, who: str, email: str, verified: bool) -> None:
        self.world.accounts.of[who] = email if verified else None
        self.gone.pop(email, None)
        profile = {"city": f"City of {email[:3]}"}
        self.write("users", who, user(email, name=PEOPLE[email], profile=profile))

    @rule(who=uid)
    def verifies(self, who: str) -> None:
        """Of which there is no event: a claim or the sweep finds out."""
        document = self.world.store.all("users").get(who)
        if document and who in self.world.accounts.of:
            self.world.accounts.of[who] = document["email"]

    @rule(who=uid)
    def loses_the_verification(self, who: str) -> None:
        if self.world.accounts.of.get(who):
            self.world.accounts.of[who] = None
            DONE["unverified"] += 1

    @rule(who=uid)
    def deletes_the_account(self, who: str) -> None:
        if who in self.world.accounts.of:
            del self.world.accounts.of[who]
            DONE["accounts deleted"] += 1

    @rule(name=order_id, email=address, document=st.booleans())
    def visits(self, name: str, email: str, document: bool) -> None:
        """Signed in anonymously: a guest, whatever `users` says."""
        self.world.accounts.anonymous.add(VISITOR)
        if document:
            self.write("users", VISITOR, user(email, name=PEOPLE[email]))
            self.gone.pop(email, None)
        self.write_order(name, email, fresh=False, userId=VISITOR)
        DONE["visits"] += 1

    @rule(who=uid)
    def deletes_a_user(self, who: str) -> None:
        if who in self.world.store.all("users"):
            self.write("users", who, None)

    @rule()
    def a_day_passes(self) -> None:
        self.world.store.wait(timedelta(days=1))
        now = self.world.store.now()
        due = (one["nextStartAt"] for one in self.world.customers())
        DONE["begun"] += sum(start is not None and start <= now for start in due)

    # --- Events ---

    def handle(self, event: Sent) -> bool:
        sync = self.world.sync
        handler = sync.sync_order if event.collection == "orders" else sync.sync_user
        return self.tried(lambda: handler(event.name, event.gone, event.told))

    def deliver_all(self) -> None:
        while self.events:
            self.handle(self.events.pop(0))

    @precondition(lambda self: self.events)
    @rule(number=pick, twice=st.booleans())
    def delivers(self, number: int, twice: bool) -> None:
        at = number % len(self.events)
        DONE["reordered"] += at > 0
        event = self.events[at]
        if self.handle(event):
            DONE["duplicated"] += twice
            if not twice:
                self.events.pop(at)

    @precondition(lambda self: self.events)
    @rule()
    def delivers_everything(self) -> None:
        for event in list(self.events):
            if self.handle(event):
                self.events.remove(event)

    @precondition(lambda self: self.events)
    @rule(number=pick)
    def drops(self, number: int) -> None:
        self.events.pop(number % len(self.events))
        DONE["dropped"] += 1

    # --- Faults ---

    @rule(ahead=st.integers(1, 14), fault=st.sampled_from((Fault.KILLED, Fault.KILLED, *Fault)))
    def arms(self, ahead: int, fault: Fault) -> None:
        """The next operation meets a fault at one of its calls."""
        faults = self.world.faults
        faults.at, faults.fault, faults.hit = faults.calls + ahead, fault, False

    def tried(self, work: Callable[[], object]) -> bool:
        """Do something, and what the queue does then; say whether it was acknowledged."""
        faults = self.world.faults
        try:
            work()
            self.world.deliver()
            acknowledged = True
        except (Killed, Transient, Conflict, Unfinished):
            acknowledged = False
        if faults.hit:
            DONE["crashed" if "KILLED" in faults.fault.name else "failed"] += 1
            faults.hit = False
            faults.over()
        return acknowledged

    def settled(self) -> bool:
        """Have the queue work off what a killed worker has left: it changes customers, too."""
        return not self.world.queue or self.tried(lambda: None)

    # --- Calls ---

    def call(self, name: str, who: str = "staff", /, **data: object) -> Any:
        """Return the answer; None where it was refused or nobody answered."""
        answers: list[Any] = []
        armed = bool(self.world.faults.at)
        writes = self.world.store.writes

        def work() -> None:
            try:
                answers.append(self.world.call(name, who, **data))
            except https_fn.HttpsError as error:
                code = error.code.value
                assert code != "internal", f"{name}: {error.message}"
                if code in {"unavailable", "aborted"}:
                    raise Transient(code) from None
                reason = error.details["reason"]  # type: ignore[index]
                DONE[f"refused {reason}"] += 1
                if (name, reason) in WAITS:
                    return  # with what was proven meanwhile linked, and a request left for staff
                if not armed:
                    assert self.world.store.writes == writes, f"{name} was refused and wrote"

        self.tried(work)
        return answers[0] if answers else None
