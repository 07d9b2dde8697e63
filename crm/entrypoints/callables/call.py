"""What a callable is made of; the modules beside this one hold them by topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from crm.core.email import canonical_or_none
from crm.core.errors import Refusal
from crm.core.roles import Person, Role
from crm.db.paging import Pager
from crm.entrypoints.callables.requests import PageRequest, Request
from crm.runtime.services import Services

R = TypeVar("R", bound=Request)

HEAVY: Final = 60
"""Calls a minute of what can take seconds: work on many customers, archives, erasures."""


@dataclass(frozen=True)
class Caller:
    """Who calls.

    Attributes:
        uid: The Firebase Auth uid.
        role: The staff role, if any.
        claims: The verified ID token, decoded.
    """

    uid: str
    role: Role | None
    claims: Mapping[str, Any]

    @property
    def address(self) -> str:
        """The canonical address that the token proves, of a caller who must have one.

        Raises:
            Refusal: `permission-denied` (`address-not-verified`): it is none that can be mailed to.
        """
        address = canonical_or_none(self.claims.get("email"))
        if address is None:
            raise Refusal(
                "permission-denied",
                "address-not-verified",
                "The account's e-mail address is not one plain address: give it another one.",
            )
        return address


@dataclass(frozen=True)
class Call(Generic[R]):
    """A callable.

    Attributes:
        role: The lowest role that may call it, or what the caller's own account must be.
        request: The model of its arguments.
        answer: The model of what it answers, a `TypedDict` of `crm.entrypoints.answers`. It checks
            nothing here: tests check every answer that they get.
        run: Its use case. What it changes through these services is changed in the caller's name.
        per_minute: How many calls of one caller an instance answers in any 60 seconds.
        recent: Whether the caller must have signed in a moment ago (see `roles.RECENTLY`).
    """

    role: Role | Person
    request: type[R]
    answer: type
    run: Callable[[Services, Caller, R], Mapping[str, object]]
    per_minute: int = 1_200
    recent: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether Firebase Auth is asked if the token is still good.

        It is for what gives away or destroys a person's data, and for all else that admins do.
        """
        return isinstance(self.role, Person) or self.role is Role.ADMIN


def pager_of(services: Services, caller: Caller, request: PageRequest) -> Pager:
    """Return which page of a list is asked for."""
    return Pager(services.page_tokens, caller.uid, request.size, request.page_token)
