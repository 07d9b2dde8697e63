"""Staff look at events and months: who came, what was sold, who was new."""

from __future__ import annotations

from calendar import monthrange
from typing import Any

from demo.chapters.segments import WORKSHOP
from demo.independent import Month, months
from demo.orders import SAMPLE
from demo.stage import Stage, day, usd


def events(stage: Stage) -> None:
    """List the events that the orders named, and look at one."""
    stage.heading("The events, as the orders name them (list_events, get_event)")
    listed = stage.staff.call("list_events", when="past")["events"]
    table = stage.table("event", "holders", "attended", right=("holders", "attended"))
    for one in listed:
        table.add_row(one["name"], str(one["holders"]), str(one["attended"]))
    stage.show(table)
    event = stage.staff.call("get_event", eventId=WORKSHOP)["event"]
    customers = [one.to_dict() or {} for one in stage.client.collection("customers").stream()]
    held = {key for one in customers for key in one["eventIds"]}
    stage.expect("every event is listed", {one["eventId"] for one in listed} == held)
    came = sum(WORKSHOP in one["attendedEventIds"] for one in customers)
    stage.expect("the event tells who came", event["attended"] == came)
    stage.say(f"{came} attended, {event['holders']} held a ticket", event["name"])


def figures(stage: Stage) -> None:
    """Tell what was sold month by month, and compare it with the file."""
    stage.heading("Month by month (get_figures)")
    text = SAMPLE.read_text(encoding="ascii")
    wanted = months(text, len(stage.purchases), stage.changes)
    first, last = min(wanted), max(wanted)
    _, days = monthrange(*map(int, last.split("-")))
    span = {"from": f"{first}-01", "to": f"{last}-{days}"}
    answer = stage.staff.call("get_figures", **span, by="month")
    table = stage.table(
        "month", "orders", "revenue", "new", "came again", right=("orders", "revenue", "new")
    )
    for one in answer["figures"]:
        sold, new, again = (
            one["revenue"].get("USD", 0),
            one["newCustomers"],
            one["returningCustomers"],
        )
        table.add_row(day(one["start"])[:7], str(one["orders"]), usd(sold), str(new), str(again))
    stage.show(table)
    said = {one["start"][:7]: _month(one) for one in answer["figures"] if one["orders"]}
    stage.expect("every month is what the file says", said == wanted)
    stage.say(f"{answer['documentsRead']} reads; every month is what the file says", "cost")


def _month(figure: dict[str, Any]) -> Month:
    sold = figure["revenue"].get("USD", 0)
    return Month(figure["orders"], sold, figure["newCustomers"], figure["returningCustomers"])
