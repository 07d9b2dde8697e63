"""Who of the staff may do what."""

from typing import Literal

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Moment, Page


class StaffMember(TypedDict):
    """An account that has, or had, a role."""

    uid: str
    email: str | None
    name: str | None
    role: Literal["viewer", "editor", "admin"] | None
    verified: bool
    """Whether the address is; else the role opens nothing."""
    secondFactor: bool
    lastSignInAt: Moment | None
    disabled: bool
    you: bool
    actors: list[str]
    """What stands for the account in the audit trail, the latest last."""


class StaffPage(Page):
    """`list_staff`."""

    staff: list[StaffMember]


class RoleChanged(TypedDict):
    """`grant_role`, `revoke_role`."""

    staff: StaffMember
