"""`crm.toml`: where the host keeps its orders and users, and what its fields and words mean.

The file is read over a preset, which is read over the defaults, key by key. `docs/mapping.md`
describes every key for the host's engineer.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, PlainValidator, ValidationError, model_validator
from pydantic_core import ErrorDetails

from crm.config.console import ConsoleSettings
from crm.config.emulators import CONTACTS, MAIL, contact_lines, mail_lines
from crm.config.erasure import ErasureSettings
from crm.config.fields import OwnFields
from crm.config.forms import Forms
from crm.config.jobs import JobSettings
from crm.config.mail import MailSettings
from crm.config.newsletter import Newsletter
from crm.config.orders import Orders, Table, Users
from crm.config.paths import pattern_of
from crm.config.places import project_file, shown
from crm.config.privacy import Notice
from crm.config.times import OwnZone, Times, Zone
from crm.config.values import Flag
from crm.core.errors import ConfigError
from crm.core.money import DIGITS, Unit

DEFAULT_FILE: Final = project_file()
"""The project's `crm.toml`, found once: a process works in one project."""

PRESETS: Final = Path(__file__).resolve().parent / "presets"


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


Digits = Annotated[Mapping[str, int], PlainValidator(_digits)]

Region = Annotated[str, PlainValidator(_region)]


class Settings(Table):
    """Everything `crm.toml` says.

    Attributes:
        preset: Whose order documents these are, where not the default mapping's.
        amounts: Whether totals are decimal major units or integer minor units.
        minor_digits: Currencies whose minor units the host counts with other digits than ISO 4217
            does; read where amounts are minor units.
        times: How times are written; a Firestore timestamp is understood always.
        times_zone: The zone of times that are written as text without one.
        time_zone: The zone of the organiser's days: of dates in questions, and of figures.
        email_trust: Who says that a user's address is proven: Firebase Auth or the document.
        region: Where the functions run: the Firestore database's own region, or the one that the
            Firebase documentation names for its multi-region.
        app_check: Whether callables demand an App Check token.
        orders: The orders.
        users: The users.
        erasure: What erasing a person does to them.
        privacy: What a person is told about the processing.
        newsletter: What newsletters carry.
        jobs: How much of the project long work may take.
        mail: Who mails are from, and how many go out at a time.
        console: How staff get into the console, and where its links lead.
        fields: Own fields of customers, by name.
        forms: Forms by which people ask for news, by name.
    """

    preset: str | None = None
    amounts: Unit = "major"
    minor_digits: Digits = Field(default_factory=dict)
    times: Times = ("timestamp",)
    times_zone: Zone = None
    time_zone: OwnZone = ZoneInfo("UTC")
    email_trust: Literal["auth", "document"] = "auth"
    region: Region = "us-central1"
    app_check: Flag = False
    orders: Orders = Orders()
    users: Users = Users()
    erasure: ErasureSettings = ErasureSettings()
    privacy: Notice = Notice()
    newsletter: Newsletter = Newsletter()
    jobs: JobSettings = JobSettings()
    mail: MailSettings = MailSettings()
    console: ConsoleSettings = ConsoleSettings()
    fields: OwnFields = Field(default_factory=dict)
    forms: Forms = Field(default_factory=dict)

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
    name = path.name if path else shown(DEFAULT_FILE)
    if path is None:
        path = DEFAULT_FILE
        if not path.exists():
            return Settings()
    return settings_of(_parse(path, name), name)


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
    """Return what the project's `crm.toml` says, read once in a process.

    On the emulators what `CRM_EMULATOR_MAIL` says stands over `[mail]`, and what
    `CRM_EMULATOR_CONTACTS` says over forms and fields.
    """
    return on_emulators(load())


def on_emulators(read: Settings) -> Settings:
    """Return settings with what a suite of emulators lays over them; elsewhere as they are."""
    mail, contacts = mail_lines(), contact_lines()
    if contacts:
        read = with_contacts(read, contacts, CONTACTS)
    return with_mail(read, mail, MAIL) if mail else read


def with_contacts(read: Settings, lines: str, file: str) -> Settings:
    """Return settings with the forms and fields of other lines in the place of their own.

    Args:
        read: The settings.
        lines: TOML with `[forms.NAME]` and `[fields.NAME]`.
        file: What errors call it.

    Raises:
        ConfigError: As `load`.
    """
    said = settings_of(_toml(lines, file), file)
    return read.model_copy(update={"forms": said.forms, "fields": said.fields})


def with_mail(read: Settings, lines: str, file: str) -> Settings:
    """Return settings with other lines in the place of those of `[mail]`.

    Args:
        read: The settings.
        lines: TOML, as below `[mail]`; keys that are not named stay as they are.
        file: What errors call it.

    Raises:
        ConfigError: As `load`.
    """
    over = read.mail.model_dump(by_alias=True) | _toml(lines, file)
    return read.model_copy(update={"mail": settings_of({"mail": over}, file).mail})


def _parse(path: Path, name: str) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from None
    return _toml(text, name)


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None


def _preset(name: object, file: str) -> dict[str, Any]:
    known = preset_names()
    if name not in known:
        raise ConfigError(f"{file}: preset: choose one of {', '.join(known)}, or leave it out")
    return _parse(PRESETS / f"{name}.toml", f"{name}.toml")


# The keys that hold further keys. Below them a value replaces the preset's whole value, so that
# { const = "USD" } over { path = "currency" } does not become a mixture.
_TABLES: Final = {
    (): ("orders", "users", "erasure", "privacy", "newsletter", "jobs", "mail", "console"),
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


_PLAINLY: Final = {
    "String should have": "write a text with",
    "a valid string": "a text",
    "a valid tuple": "a list",
}
"""Terms of pydantic's in the words of a file."""


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
    if error["type"] == "missing":
        return f"{key}: is missing: write it"
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "write")
    for term, plain in _PLAINLY.items():
        message = message.replace(term, plain)
    return f"{key}: {message}" if key else message


def _keys(where: list[str]) -> list[str]:
    """Return the keys that the table at `where` may hold, as the file spells them."""
    model: type[BaseModel] = Settings
    parts = iter(where)
    for part in parts:
        annotation = model.model_fields[part].annotation
        if get_origin(annotation) is Mapping:  # tables by names that the file chooses
            annotation = get_args(annotation)[1]
            next(parts)
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        model = annotation
    return [field.alias or name for name, field in model.model_fields.items()]
