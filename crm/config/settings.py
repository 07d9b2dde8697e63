"""`crm.toml`: where the host keeps its orders and users, and what its fields and words mean.

The file is read over a preset, which is read over the defaults, key by key. `docs/mapping.md`
describes every key for the host's engineer.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from crm.config.erasure import ErasureSettings
from crm.config.newsletter import Newsletter
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
from crm.config.privacy import Notice
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
from crm.config.times import Times, Zone
from crm.config.values import Flag
from crm.core.errors import ConfigError
from crm.core.money import DIGITS, Unit

DEFAULT_FILE: Final = Path(__file__).resolve().parents[2] / "crm.toml"

PRESETS: Final = Path(__file__).resolve().parent / "presets"


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value):
        return tuple(value)
    raise ValueError('write a list of words such as ["paid", "completed"]')


def _digits(value: object) -> dict[str, int]:
    if isinstance(value, dict) and all(
        code in DIGITS and type(digits) is int and 0 <= digits <= 4
        for code, digits in value.items()
    ):
        return value
    raise ValueError("write ISO 4217 codes and how many digits the host gives them: { ISK = 2 }")


def _region(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z]+-[a-z]+[0-9]+", value):
        return value
    raise ValueError('write a Google Cloud region such as "europe-west1"')


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError('write one of the words, such as "refunded", or "" for none')


Words = Annotated[tuple[str, ...], PlainValidator(_words)]

OneWord = Annotated[str, PlainValidator(_word)]

Digits = Annotated[Mapping[str, int], PlainValidator(_digits)]

Region = Annotated[str, PlainValidator(_region)]


class _Table(BaseModel):
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


class StatusWords(_Table):
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


class Orders(_Table):
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


class Users(_Table):
    """`[users]`."""

    path: CollectionPath = "users"
    fields: UserFields = UserFields()


class Settings(_Table):
    """Everything `crm.toml` says.

    Attributes:
        preset: Whose order documents these are, where not the default mapping's.
        amounts: Whether totals are decimal major units or integer minor units.
        minor_digits: Currencies whose minor units the host counts with other digits than ISO 4217
            does; read where amounts are minor units.
        times: How times are written; a Firestore timestamp is understood always.
        times_zone: The zone of times that are written as text without one.
        email_trust: Who says that a user's address is proven: Firebase Auth or the document.
        region: Where the functions run: the Firestore database's own region, or the one that the
            Firebase documentation names for its multi-region.
        app_check: Whether callables demand an App Check token.
        orders: The orders.
        users: The users.
        erasure: What erasing a person does to them.
        privacy: What a person is told about the processing.
        newsletter: What newsletters carry.
    """

    preset: str | None = None
    amounts: Unit = "major"
    minor_digits: Digits = {}
    times: Times = ("timestamp",)
    times_zone: Zone = None
    email_trust: Literal["auth", "document"] = "auth"
    region: Region = "us-central1"
    app_check: Flag = False
    orders: Orders = Orders()
    users: Users = Users()
    erasure: ErasureSettings = ErasureSettings()
    privacy: Notice = Notice()
    newsletter: Newsletter = Newsletter()

    @model_validator(mode="after")
    def _two_collections(self) -> Settings:
        pattern = pattern_of(self.orders.path)
        if self.orders.path == self.users.path or (pattern and pattern.fits(self.users.path)):
            raise ValueError("orders.path and users.path name the same collection: make them two")
        return self

    @model_validator(mode="after")
    def _texts_alone_have_a_zone(self) -> Settings:
        if self.times_zone is not None and "iso" not in self.times:
            raise ValueError('times_zone is the zone of times that are text: write times = "iso"')
        return self


def load(path: Path | None = None) -> Settings:
    """Read a `crm.toml`.

    Args:
        path: The file; None for the project's own, or the defaults where there is none.

    Raises:
        ConfigError: The file cannot be read or says something that is not understood. The message
            names the keys and says what to write.
    """
    if path is None:
        path = DEFAULT_FILE
        if not path.exists():
            return Settings()
    return settings_of(_parse(path), path.name)


def settings_of(document: dict[str, Any], file: str = "crm.toml") -> Settings:
    """Return what the text of a `crm.toml` says, once it is read as TOML.

    Args:
        document: The text's keys.
        file: What errors call it.

    Raises:
        ConfigError: As `load`.
    """
    preset = document.get("preset")
    if preset is not None:
        document = _over(_preset(preset, file), document)
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        lines = [_explain(one) for one in error.errors(include_url=False, include_input=False)]
        raise ConfigError("\n".join(f"{file}: {line}" for line in lines)) from None


def preset_names() -> list[str]:
    """Return the names of all presets."""
    return sorted(one.stem for one in PRESETS.glob("*.toml"))


@functools.cache
def settings() -> Settings:
    """Return what the project's `crm.toml` says, read once in a process."""
    return load()


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path.name}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: not TOML: {error}") from None


def _preset(name: object, file: str) -> dict[str, Any]:
    known = preset_names()
    if name not in known:
        raise ConfigError(f"{file}: preset: choose one of {', '.join(known)}, or leave it out")
    return _parse(PRESETS / f"{name}.toml")


# The keys that hold further keys. Below them a value replaces the preset's whole value, so that
# { const = "USD" } over { path = "currency" } does not become a mixture.
_TABLES: Final = {
    (): ("orders", "users", "erasure", "privacy", "newsletter"),
    ("orders",): ("fields", "status", "items"),
    ("users",): ("fields",),
}


def _over(base: dict[str, Any], own: dict[str, Any], where: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return `base` with the keys of `own` in place of its own, table by table."""
    merged = base | own
    for key in _TABLES.get(where, ()):
        if isinstance(base.get(key), dict) and isinstance(own.get(key), dict):
            merged[key] = _over(base[key], own[key], (*where, key))
    return merged


def _explain(error: ErrorDetails) -> str:
    where = [str(part) for part in error["loc"]]
    key = ".".join(where)
    if error["type"] == "extra_forbidden":
        known = _keys(where[:-1])
        close = difflib.get_close_matches(where[-1], known, n=1)
        hint = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(known)}"
        return f"{key}: unknown key; {hint}"
    if error["type"] in {"model_type", "model_attributes_type"}:
        return f"{key}: write a table, [{key}]"
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "write")
    return f"{key}: {message}" if key else message


def _keys(where: list[str]) -> list[str]:
    """Return the keys that the table at `where` may hold, as the file spells them."""
    model: type[BaseModel] = Settings
    for part in where:
        annotation = model.model_fields[part].annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        model = annotation
    return [field.alias or name for name, field in model.model_fields.items()]
