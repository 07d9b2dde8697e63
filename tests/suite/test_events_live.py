"""The list of events as a console asks for it, over events that the live triggers listed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.core.roles import Role
from crm.firebase.staff import grant
from crm.repair.verify import verify
from crm.sync.catalogue import Catalogue
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import item, order
from testing.patience import eventually
from tests.support.events import listed, told, wrong
from tests.support.live import LiveWorld
from tests.support.shop import Shop
from tests.support.web import call

PAST = datetime(2024, 5, 1, 18, tzinfo=UTC)


def test_events_are_listed_by_their_orders_counted_and_called_as_the_newest_says(
    suite: Suite,
) -> None:
    viewer = sign_up()
    grant(viewer.email, Role.VIEWER)
    shop = Shop(suite)
    talk, gala = f"{shop.mark}/talk", f"gala-{shop.mark}"
    to_come = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)

    def ticket(event_id: str, name: str, start: datetime | None, **fields: Any) -> dict[str, Any]:
        return item(event_id, eventName=f"{name} {shop.mark}", eventStartsAt=start, **fields)

    def shown(**asked: object) -> list[dict[str, Any]]:
        (answer,) = call(suite, viewer, ("list_events", {"q": shop.mark, **asked}))
        events: list[dict[str, Any]] = answer["data"]["events"]
        return events

    def named(event_id: str, name: str) -> None:
        assert {one["eventId"]: one["name"] for one in shown()}[event_id] == f"{name} {shop.mark}"

    shop.customer("Ada", items=[ticket(talk, "Talk", PAST, checkedIn=True)])
    shop.customer("Bob", items=[ticket(talk, "Talk", PAST, checkedIn=False)], day=1)
    both = [ticket(talk, "Talk", PAST), ticket(gala, "Gala", to_come)]
    again = shop.order("Ada", items=[ticket(gala, "Gala", to_come)], day=2)
    shop.customer("Cyd", items=both, day=3)

    def counted() -> None:
        assert [
            (one["eventId"], one["holders"], one["attended"], one["checkedIn"], one["noShows"])
            for one in shown()
        ] == [(gala, 2, 0, 0, 0), (talk, 3, 2, 1, 1)]

    eventually(counted)
    assert [one["eventId"] for one in shown(when="past")] == [talk]
    assert [one["eventId"] for one in shown(when="upcoming")] == [gala]
    assert [one["startsAt"] for one in shown(q=f"talk {shop.mark}")] == ["2024-05-01T18:00:00Z"]
    assert talk in [one["eventId"] for one in shown(q="2024-05-01", pageSize=200)]

    # The newest order has the word; when it is cancelled, the one before.
    shop.order("Dan", items=[ticket(gala, "Grand Gala", to_come)], day=4)
    eventually(lambda: named(gala, "Grand Gala"))
    document = shop.documents.document(f"orders/{shop.mark}-{shop._orders}")
    document.update({"status": "cancelled"})
    eventually(lambda: named(gala, "Gala"))
    shop.documents.document(f"orders/{again}").update({"note": "nothing that is read"})

    answers = call(
        suite,
        viewer,
        ("get_event", {"eventId": gala}),
        ("get_event", {"eventId": f"no-{shop.mark}"}),
        ("get_event", {}),
        ("list_events", {"when": "now"}),
        ("list_events", {"q": f"{shop.mark}", "pageSize": 1}),
    )
    event = answers[0]["data"]["event"]
    assert (event["holders"], event["newcomers"], event["returning"]) == (2, 0, 2)
    assert (event["orders"], event["revenue"]) == (2, {"USD": 2 * 4990})
    assert answers[0]["data"]["documentsRead"] == 7 + 1 + 2  # and its orders
    reasons = [one["details"]["reason"] for one in answers[1:4]]
    assert reasons == ["no-such-event", "missing-key", "value-invalid"]
    token = answers[4]["data"]["nextPageToken"]
    rest, foreign = call(
        suite,
        viewer,
        ("list_events", {"q": shop.mark, "pageSize": 1, "pageToken": token}),
        ("list_events", {"q": "another", "pageToken": token}),
    )
    assert [one["eventId"] for one in rest["data"]["events"]] == [talk]
    assert rest["data"]["nextPageToken"] is None
    assert foreign["details"]["reason"] == "page-token"
    sold, compared, none = call(
        suite,
        viewer,
        ("get_event_sales", {"eventId": talk}),
        ("compare_events", {"eventIds": [gala, talk]}),
        ("compare_events", {"eventIds": [gala, f"no-{shop.mark}"]}),
    )
    sales = sold["data"]["sales"]
    assert [sales[key] for key in ("orders", "tickets", "people", "sharedOrders")] == [3, 3, 3, 1]
    assert (sales["revenue"], sales["truncated"]) == ({"USD": 3 * 4990}, False)
    assert [(one["orders"], one["tickets"]) for one in sales["days"]] == [(1, 1)] * 3
    assert compared["data"]["both"] == [[0, 0], [0, 2]]
    assert none["details"]["reason"] == "no-such-event"
    for name in ("list_events", "get_event", "get_event_sales", "compare_events"):
        nobody = call(suite, None, (name, {"eventId": gala} if name == "get_event" else {}))[0]
        assert nobody["code"] == "functions/unauthenticated"
        stranger = call(suite, sign_up(), (name, {}))[0]
        assert stranger["details"]["reason"] == "role"


def instance(live: LiveWorld) -> Sync:
    """Another process, of which nothing can be out of date."""
    return Sync(live.runner, catalogue=Catalogue(SeenEvents(age=timedelta(0))))


def test_instances_at_once_end_with_the_newest_name(live: LiveWorld) -> None:
    def handle(number: int) -> None:
        sync = instance(live)
        for turn in range(5):
            name = f"Name {(number + turn) % 3}"
            data = order(
                f"p{number}@example.com",
                items=[item("gala", eventName=name)],
                day=(number * 7 + turn * 5) % 11,
                status="cancelled" if turn == 3 else "paid",
            )
            live.host.put(f"orders/o{number}", data)
            sync.sync_order(f"o{number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(handle, range(6)))
    assert wrong(live.host) == []
    assert [fault for fault in verify(live.runner) if "crmEvents" in fault[0]] == []


def test_two_instances_take_in_a_thousand_long_named_events_at_once(live: LiveWorld) -> None:
    many = [item(f"{number}-" + "a-" * 120, eventName="b-c" * 66) for number in range(1_000)]
    for name in ("one", "two"):
        live.host.put(f"orders/{name}", order(f"{name}@example.com", items=many))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: instance(live).sync_order(name), ("one", "two")))
    assert wrong(live.host) == []
    # No more of them found room on either customer.
    assert listed(live.host).keys() == told(live.host).keys()
    assert len(listed(live.host)) > 500
