"""The list of events as a console asks for it, over events that the live triggers listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import item
from testing.patience import eventually
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

    def listed(**asked: object) -> list[dict[str, Any]]:
        (answer,) = call(suite, viewer, ("list_events", {"q": shop.mark, **asked}))
        events: list[dict[str, Any]] = answer["data"]["events"]
        return events

    def named(event_id: str, name: str) -> None:
        assert {one["eventId"]: one["name"] for one in listed()}[event_id] == f"{name} {shop.mark}"

    shop.customer("Ada", items=[ticket(talk, "Talk", PAST, checkedIn=True)])
    shop.customer("Bob", items=[ticket(talk, "Talk", PAST, checkedIn=False)], day=1)
    both = [ticket(talk, "Talk", PAST), ticket(gala, "Gala", to_come)]
    again = shop.order("Ada", items=[ticket(gala, "Gala", to_come)], day=2)
    shop.customer("Cyd", items=both, day=3)

    def counted() -> None:
        assert [
            (one["eventId"], one["holders"], one["attended"], one["checkedIn"], one["noShows"])
            for one in listed()
        ] == [(gala, 2, 0, 0, 0), (talk, 3, 2, 1, 1)]

    eventually(counted)
    assert [one["eventId"] for one in listed(when="past")] == [talk]
    assert [one["eventId"] for one in listed(when="upcoming")] == [gala]
    assert [one["startsAt"] for one in listed(q=f"talk {shop.mark}")] == ["2024-05-01T18:00:00Z"]
    assert talk in [one["eventId"] for one in listed(q="2024-05-01", pageSize=200)]

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
    assert answers[0]["data"]["documentsRead"] == 7
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
    for name in ("list_events", "get_event"):
        nobody = call(suite, None, (name, {"eventId": gala} if name == "get_event" else {}))[0]
        assert nobody["code"] == "functions/unauthenticated"
        stranger = call(suite, sign_up(), (name, {}))[0]
        assert stranger["details"]["reason"] == "role"
