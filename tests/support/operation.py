"""What CRM-Lite does, as something that can be done, and done again."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from crm.sync.sync import Sync
from tests.support.stage import Process, shop


@dataclass(frozen=True)
class Operation:
    """Something that CRM-Lite does.

    Attributes:
        act: Does it; given what `host` gave.
        host: What the host has done before.
        again: Whether it is done again where it was not acknowledged. A lost event is not.
        over: Why a second call is refused when the first one was done.
        leaves: How the paths begin of what a second call leaves once more, and says otherwise.
    """

    act: Callable[[Process, Any], object]
    host: Callable[[Process], object] = lambda world: None
    again: bool = True
    over: str | None = None
    leaves: tuple[str, ...] = ()


def call(name: str, /, *, over: str | None = None, uid: str = "staff", **data: Any) -> Operation:
    """Somebody calls a callable; a value that is a function is given the customers' ids."""

    def act(world: Process, _given: object) -> object:
        said = {key: one(customer_id) if callable(one) else one for key, one in data.items()}
        return world.call(name, uid, **said)

    return Operation(act, over=over)


@functools.cache
def customer_id(name: str) -> str:
    return shop().id(name)


def undisturbed(world: Process) -> Process:
    """Return a process of the same database, to which nothing happens."""
    before = Process(store=world.store)
    before.runner = replace(before.runner, new_id=world.runner.new_id)
    before.sync = Sync(before.runner)
    return before
