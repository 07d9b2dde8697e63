"""Finding, listing, merging and claiming customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.core.ids import CustomerId, Id
from crm.core.roles import Person, Role
from crm.customers import lookup, orders
from crm.entrypoints.answers.customers import Claimed, CustomerFound, Merged, OrdersPage, Unmerged
from crm.entrypoints.callables.call import Call, Caller, pager_of
from crm.entrypoints.callables.requests import NoArguments, PageRequest, Request, WhoRequest
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.runtime.services import Services
from crm.sync.claim import claim_orders


class OrdersRequest(PageRequest):
    """`list_orders`."""

    customer_id: CustomerId


class MergeRequest(Request):
    """`merge_customers`."""

    source_id: CustomerId
    target_id: CustomerId
    dry_run: bool | None = None
    allow_two_users: bool | None = None


class UnmergeRequest(Request):
    """`unmerge_customers`."""

    merge_id: Id


def _get_customer(services: Services, _caller: Caller, request: WhoRequest) -> Mapping[str, object]:
    return lookup.get_customer(services.runner, request.who)


def _list_orders(
    services: Services, caller: Caller, request: OrdersRequest
) -> Mapping[str, object]:
    pager = pager_of(services, caller, request)
    return orders.list_orders(services.runner, pager, request.customer_id)


def _merge(services: Services, caller: Caller, request: MergeRequest) -> Mapping[str, object]:
    plan, _ = services.runner.run(
        lambda tx: plan_merge(
            tx,
            request.source_id,
            request.target_id,
            dry_run=bool(request.dry_run),
            allow_two_users=bool(request.allow_two_users),
            by_admin=caller.role is Role.ADMIN,
        )
    )
    done = {"mergeId": plan.merge_id, "customer": plan.customer}
    if not request.dry_run:
        return done
    return {
        **done,
        "moves": plan.moves,
        "stops": _reasons(plan.stops),
        "warnings": _reasons(plan.warnings),
    }


def _reasons(reasons: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{"reason": reason, "message": message} for reason, message in reasons.items()]


def _unmerge(services: Services, _caller: Caller, request: UnmergeRequest) -> Mapping[str, object]:
    plan, _ = services.runner.run(lambda tx: plan_unmerge(tx, request.merge_id))
    return {"customers": plan.result}


def _claim(services: Services, caller: Caller, _request: NoArguments) -> Mapping[str, object]:
    return {"linked": claim_orders(services.runner, caller.uid, caller.address)}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_customer": Call(Role.VIEWER, WhoRequest, CustomerFound, _get_customer),
    "list_orders": Call(Role.VIEWER, OrdersRequest, OrdersPage, _list_orders),
    "merge_customers": Call(Role.EDITOR, MergeRequest, Merged, _merge),
    "unmerge_customers": Call(Role.EDITOR, UnmergeRequest, Unmerged, _unmerge),
    "claim_my_orders": Call(Person.VERIFIED, NoArguments, Claimed, _claim),
}
