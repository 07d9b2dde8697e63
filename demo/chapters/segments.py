"""Staff tag, ask, save and search; at the end everyone who attended the DevOps Workshop."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from demo.orders import opted_in
from demo.stage import Stage, usd

WORKSHOP: Final = "devops-workshop-1997-q2"
VIPS: Final = "total_spend >= 100 USD"
QUESTION: Final = f"tag:vip and attended:{WORKSHOP} and not subscribed"
SHOWN: Final = 5


def tags_and_questions(stage: Stage) -> None:
    """Tag everyone in a segment, ask a question by that tag, and have its answer explained."""
    stage.heading("Tags and segments (tag_customers, query_segment, count_segment)")
    done = stage.staff.call("tag_customers", add=["VIP"], segment=VIPS)
    if "jobId" in done:
        done = stage.until("the job", lambda: _result(stage, done["jobId"]))
    stage.say(f"VIP for {done['updated']} customers: {VIPS}", "tagged")
    (tag,) = stage.staff.call("list_tags")["tags"]
    stage.expect("the catalogue counts them", tag["customers"] == done["updated"])

    page = stage.staff.call("query_segment", segment=QUESTION, explain=True)
    explain = page["explain"]
    stage.say(QUESTION, "question")
    stage.say(f"{explain['plan']} {explain['documentsRead']} documents were read", "plan")
    counted = stage.staff.call("count_segment", segment=QUESTION)
    stage.say(f"{counted['count']} customers, by {counted['how']}", "count")
    wanted = [
        one
        for one in _customers(stage)
        if "vip" in one["tags"]
        and WORKSHOP in one["attendedEventIds"]
        and one["marketing"]["status"] != "subscribed"
    ]
    stage.expect("the count is that of all customers looked at", counted["count"] == len(wanted))
    found = {one["primaryEmail"] for one in page["customers"]}
    right = found <= {one["primaryEmail"] for one in wanted} and bool(found or not wanted)
    stage.expect("only who belongs is answered", right)


def searching(stage: Stage) -> None:
    """Find a customer by the start of two words of the name."""
    buyer = stage.regular(0)[0]
    typed = f"{buyer.customer} CUST"
    stage.heading(f'Somebody types "{typed}" (search_customers)')
    found = stage.staff.call("search_customers", q=typed)["customers"]
    stage.expect("the customer is found", buyer.email in {one["primaryEmail"] for one in found})
    for one in found[:SHOWN]:
        spent = usd(one["totalSpend"].get("USD", 0))
        stage.say(f"{one['name']}, {one['primaryEmail']}: {one['orderCount']} orders, {spent}")


def newsletter(stage: Stage) -> None:
    """Save the question of the decision record, and have its answer as a newsletter list."""
    stage.heading("Everyone who attended the DevOps Workshop, as a newsletter list")
    name, text = "DevOps Workshop, spring 1997", f"attended:{WORKSHOP}"
    saved = stage.staff.call("save_segment", name=name, segment=text)["segmentId"]
    attended = stage.staff.call("count_segment", segment={"segment": saved})["count"]
    (kept,) = stage.staff.call("list_segments")["segments"]
    stage.expect("the saved segment keeps its count", kept["lastCount"] == attended)
    stage.say(f'"{name}": {text}', "saved")

    rows = _list(stage, saved)
    stage.say(f"{attended} attended, {len(rows)} of them opted in and are on the list", "list")
    wanted = {
        one["primaryEmail"]
        for one in _customers(stage)
        if WORKSHOP in one["attendedEventIds"] and opted_in(one["primaryEmail"])
    }
    stage.expect("it has exactly those who came and opted in", set(rows) == wanted)
    columns = ("email", "tags", "spend", "orders", "last_order")  # of those there are
    table = stage.table(*columns, right=("spend", "orders"))
    for row in list(rows.values())[:SHOWN]:
        table.add_row(*(row[column] for column in columns))
    stage.show(table)

    leaving = next(iter(rows.values()))
    stage.staff.click(leaving["unsubscribe"])
    stage.expect("who left is not on the next list", leaving["email"] not in _list(stage, saved))
    stage.say(f"{leaving['email']} unsubscribes with one click and is not on the next", "leaving")


def _list(stage: Stage, segment_id: str) -> dict[str, dict[str, str]]:
    """Return the rows of a list, by address."""
    text = stage.staff.download("export_segment_csv", segmentId=segment_id)
    return {row["email"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def _customers(stage: Stage) -> list[dict[str, Any]]:
    """Read all customers, to look at each of them."""
    return [found.to_dict() or {} for found in stage.client.collection("customers").stream()]


def _result(stage: Stage, job_id: str) -> dict[str, Any] | None:
    """Return what a job has done once it is."""
    job = stage.staff.call("get_job", jobId=job_id)["job"]
    stage.expect("the job goes on", job["state"] != "failed")
    result: dict[str, Any] | None = job["result"] if job["state"] == "done" else None
    return result
