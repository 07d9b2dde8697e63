"""Staff merge two customers, and take it back."""

from __future__ import annotations

from typing import Any

from demo.stage import Stage, usd


def merge_and_undo(stage: Stage) -> None:
    """Preview a merge, make it, and undo it exactly."""
    source, target = (
        stage.staff.call("get_customer", email=stage.regular(place)[0].email)["customer"]
        for place in (5, 6)
    )
    stage.heading(f"Staff merge {source['primaryEmail']} into {target['primaryEmail']}")
    stage.say(f"{_line(source)}; {_line(target)}", "before")
    pair = {"sourceId": source["customerId"], "targetId": target["customerId"]}
    preview = stage.staff.call("merge_customers", **pair, dryRun=True)["customer"]
    stage.expect("a preview changes nothing", _now(stage, source) == source)
    stage.say(f"{_line(preview)}; nothing is changed", "preview")
    merge_id = stage.staff.call("merge_customers", **pair, dryRun=False)["mergeId"]
    merged = _now(stage, source)
    stage.expect("the old id leads to the survivor", merged["customerId"] == target["customerId"])
    stage.expect("the merge is as previewed", _lasting(merged) == _lasting(preview))
    stage.say(f"{_line(merged)}; the old id leads here", "merged")
    stage.staff.call("unmerge_customers", mergeId=merge_id)
    for before in (source, target):
        kept = _lasting(_now(stage, before)) == _lasting(before)
        stage.expect(f"{before['primaryEmail']} is as before the merge", kept)
    stage.say("both are exactly as they were", "undone")


def _now(stage: Stage, customer: dict[str, Any]) -> dict[str, Any]:
    answer = stage.staff.call("get_customer", customerId=customer["customerId"])
    found: dict[str, Any] = answer["customer"]
    return found


def _line(customer: dict[str, Any]) -> str:
    spent = usd(customer["totalSpend"]["USD"])
    return f"{' + '.join(customer['emails'])}: {customer['orderCount']} orders, {spent}"


def _lasting(customer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in customer.items() if key != "updatedAt"}
