"""A person asks for their data, then to be forgotten; and stays forgotten."""

from __future__ import annotations

from typing import Any

from demo.staff import Staff, operate
from demo.stage import Stage

OFFICER = "privacy@example.com"


def export_and_erasure(stage: Stage) -> None:
    """Export a customer, erase it, and rebuild: nobody comes back, and the books stay."""
    orders = stage.regular(7)
    email = orders[0].email
    stage.heading(f"A person asks to be forgotten: {email}")
    officer = Staff.hire(stage.suite, OFFICER, "admin")
    archive = officer.call("export_customer", email=email)["archive"]
    stage.expect("the export holds every order", len(archive["orders"]) == len(orders))
    stage.say(f"{len(archive['orders'])} orders, as they are stored, and all else kept", "exported")
    before = _books(stage, orders)
    answer = officer.call("delete_customer", email=email, reason="asked by letter")
    stage.expect("the erasure is done", answer["status"] == "done")
    stage.changes.deleted.update(order.line for order in orders)  # for the sums, it is as if
    for kind in ("removed", "retained"):
        for entry in answer["report"][kind]:
            stage.say(f"{entry['count']} {entry['what']}: {entry['text']}", kind)
    stage.expect("nobody finds the person", officer.find(email=email) is None)
    kept = stage.client.collection("orders").document(orders[0].order_id).get().to_dict() or {}
    stage.expect("the order names nobody", kept["name"] is None and kept["email"] != email)
    stage.expect("the books are the same", _books(stage, orders) == before)
    stage.say(f"{orders[0].order_id} is of {kept['email'][:12]}… now, for the same sum", "kept")
    _rebuild(stage)
    stage.expect("nobody has come back", officer.find(email=email) is None)
    stage.say("python -m crm rebuild looks at everything again: nobody has come back", "stays so")


def _books(stage: Stage, orders: list[Any]) -> list[object]:
    documents = (stage.client.collection("orders").document(one.order_id).get() for one in orders)
    return [(one.get("total"), one.get("currency"), one.get("status")) for one in documents]


def _rebuild(stage: Stage) -> None:
    operate(stage.suite, "rebuild")
