"""`[orders]` and `[users]` of `crm.toml`: where the documents are, and where they hold what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, model_validator
from pydantic.alias_generators import to_camel

from crm.config.paths import (
    BUYER,
    ORDER_ID,
    WILDCARD,
    CollectionPath,
    OrdersPath,
    document_at,
    name_in,
    pattern_of,
    values_in,
)
from crm.config.sources import (
    Address,
    Amount,
    Answer,
    ItemAnswer,
    ItemName,
    Items,
    ItemWord,
    Name,
    NeededAmount,
    NeededWord,
    Source,
    Uid,
    Word,
    field_at,
)


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value):
        return tuple(value)
    raise ValueError('write a list of words such as ["paid", "completed"]')


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError('write one of the words, such as "refunded", or "" for none')


Words = Annotated[tuple[str, ...], PlainValidator(_words)]

OneWord = Annotated[str, PlainValidator(_word)]


class Table(BaseModel):
    """A table of `crm.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _FieldTable(BaseModel):
    # The keys of the file are the documents' own names, which are in camel case.
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class OrderFields(_FieldTable):
    """`[orders.fields]`: where an order holds what."""

    email: Address = field_at("email")
    user_id: Uid = field_at("userId")
    name: Name = field_at("name")
    phone: Name = field_at("phone")
    status: NeededWord = field_at("status")
    test: Answer = ()
    total: NeededAmount = field_at("total")
    refunded: Amount = field_at("refunded")
    paid: Amount = ()
    currency: NeededWord = field_at("currency")
    created_at: Word = field_at("createdAt")
    marketing_opt_in: Answer = field_at("marketingOptIn")
    items: Items = field_at("items")

    @model_validator(mode="after")
    def _somebody(self) -> OrderFields:
        if not (self.email or self.user_id):
            raise ValueError("name the field of the buyer's address (email), uid (userId), or both")
        if {one.path for one in self.email} & {one.path for one in self.user_id}:
            raise ValueError("one field cannot be address and uid: name two (email, userId)")
        return self


class ItemFields(_FieldTable):
    """`[orders.items]`: where an item of an order holds what."""

    event_id: ItemWord = field_at("eventId")
    event_name: ItemName = field_at("eventName")
    event_starts_at: ItemWord = field_at("eventStartsAt")
    quantity: ItemWord = field_at("quantity")
    checked_in: ItemAnswer = field_at("checkedIn")
    cancelled: ItemAnswer = field_at("cancelled")

    @model_validator(mode="before")
    @classmethod
    def _without_ticket_type(cls, table: object) -> object:
        """Pass over a key that every `crm.toml` had once, and that never did anything."""
        if isinstance(table, dict):
            return {key: value for key, value in table.items() if key != "ticketType"}
        return table


class StatusWords(Table):
    """`[orders.status]`: the host's words, compared exactly."""

    counted: Words = ("paid", "completed", "fulfilled", "partially_refunded")
    not_counted: Words = (
        "pending",
        "cancelled",
        "canceled",
        "failed",
        "expired",
        "refunded",
    )
    refunded_in_full: OneWord = ""

    @model_validator(mode="after")
    def _checked(self) -> StatusWords:
        if not self.counted:
            raise ValueError("counted: list at least one word, or no order ever counts")
        both = sorted(set(self.counted) & set(self.not_counted))
        if both:
            raise ValueError(f'put "{both[0]}" in counted or in not_counted, not in both')
        if self.refunded_in_full not in ("", *self.counted, *self.not_counted):
            raise ValueError(f'list "{self.refunded_in_full}" in not_counted (refunded_in_full)')
        return self


def _wildcards(sources: Sequence[Source]) -> list[str]:
    """Return the wildcards that a field is read from."""
    paths = (path for one in sources for path in (one.path, *one.join) if path)
    return [path[0] for path in paths if WILDCARD.fullmatch(path[0])]


class Orders(Table):
    """`[orders]`.

    Attributes:
        path: The collection, or a pattern of several (`crm.config.paths`).
        fields: Where an order holds what. Where the path has `{uid}` and no field names a wildcard
            of the buyer's, it is the buyer's uid, before any that the document holds: who may write
            there is for the host's rules to say.
        status: The host's words.
        items: Where an item of an order holds what.
    """

    path: OrdersPath = "orders"
    fields: OrderFields = OrderFields()
    status: StatusWords = StatusWords()
    items: ItemFields = ItemFields()

    @model_validator(mode="after")
    def _with_buyer(self) -> Orders:
        pattern = pattern_of(self.path)
        wildcards = pattern.open if pattern else ()
        for table in (self.fields, self.items):
            for name in (name for _, sources in table for name in _wildcards(sources)):
                if name not in wildcards:
                    raise ValueError(f"a field reads {name}, which path does not have: {self.path}")
        for table_field in ("email", "name", "phone"):
            if _wildcards(getattr(self.fields, table_field)):
                raise ValueError(
                    f"{table_field} is read from path, where no erasure can change it: name a field"
                )
        if BUYER in wildcards and not _wildcards(self.fields.user_id):
            buyer = (*field_at(BUYER), *self.fields.user_id)
            fields = self.fields.model_copy(update={"user_id": buyer})
            return self.model_copy(update={"fields": fields})
        return self

    @property
    def hold_uid(self) -> bool:
        """Whether the path of an order holds its buyer's uid."""
        return bool(_wildcards(self.fields.user_id))

    @property
    def documents(self) -> str:
        """The pattern of every order's path."""
        return f"{self.path}/{ORDER_ID}"

    def document(self, order_id: str) -> str:
        """Return the path of an order's document."""
        return document_at(self.path, order_id)

    def place(self, order_id: str) -> tuple[str, str]:
        """Return the collection in which an order's document is, and the document's own id there.

        These two are what people find it by.
        """
        collection, _, own = self.document(order_id).rpartition("/")
        return collection, own

    def named(self, collection: str, document_id: str) -> str | None:
        """Return the id of the order at a place; None where no order can be."""
        return name_in(self.path, f"{collection}/{document_id}")

    def placed(self, path: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an order's fields as the mapping reads them: with what its path says, in braces.

        What the path says goes before a field of such a name.
        """
        return {**data, **found} if (found := values_in(self.path, path)) else data


class UserFields(_FieldTable):
    """`[users.fields]`: where a user holds what."""

    email: Address = field_at("email")
    name: Name = field_at("name", "displayName")


class Users(Table):
    """`[users]`."""

    path: CollectionPath = "users"
    fields: UserFields = UserFields()
