"""`crm.toml`: what it may say, how presets and defaults lie under it, and what it is told."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from crm.config.settings import DEFAULT_FILE, PRESETS, Settings, load, settings
from crm.config.sources import Condition, Source
from crm.core.errors import ConfigError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "crm.toml"


def given(toml: Path, text: str) -> Settings:
    toml.write_text(text, encoding="utf-8")
    return load(toml)


def keys(model: type[BaseModel]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        inner = field.annotation
        nested = isinstance(inner, type) and issubclass(inner, BaseModel)
        found[field.alias or name] = keys(inner) if nested else None  # type: ignore[arg-type]
    return found


NAMED_BY_THE_HOST = {"minor_digits", "fields", "forms"}


def spelled(table: dict[str, Any], *, top: bool = False) -> dict[str, Any]:
    named = NAMED_BY_THE_HOST if top else frozenset[str]()
    return {
        key: spelled(value) if isinstance(value, dict) and key not in named else None
        for key, value in table.items()
    }


def test_the_projects_file_spells_out_the_defaults() -> None:
    assert load(DEFAULT_FILE) == Settings()
    assert settings() == Settings()
    written = spelled(tomllib.loads(DEFAULT_FILE.read_text("utf-8")), top=True)
    # Whoever means UTC says so: `doctor` asks for the zone where nobody has.
    assert written | {"preset": None, "time_zone": None} == keys(Settings)


def test_settings_are_read_once_and_cannot_be_changed() -> None:
    assert settings() is settings()
    with pytest.raises(ValidationError):
        settings().amounts = "minor"  # type: ignore[misc]


def test_an_empty_file_is_the_defaults(toml: Path) -> None:
    assert given(toml, "") == Settings()


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.config.settings.DEFAULT_FILE", tmp_path / "crm.toml")
    assert load() == Settings()


def test_an_error_says_which_file_it_is_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one of the working folder goes by its name; any other is found by its whole path."""
    file = tmp_path / "crm.toml"
    file.write_text("amount = 1\n")
    monkeypatch.setattr("crm.config.settings.DEFAULT_FILE", file)
    with pytest.raises(ConfigError) as elsewhere:
        load()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as here:
        load()
    assert str(elsewhere.value).startswith(f"{file}: amount: unknown key")
    assert str(here.value).startswith("crm.toml: amount: unknown key")


def test_a_file_that_is_named_must_be_there(toml: Path) -> None:
    with pytest.raises(ConfigError, match=r"crm\.toml: cannot be read"):
        load(toml)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"mail"', (Source(("mail",)),)),
        ('"customer.e mail"', (Source(("customer", "e mail")),)),
        ("[]", ()),
        ('["a.b", "c"]', (Source(("a", "b")), Source(("c",)))),
    ],
)
def test_path(written: str, expected: tuple[Source, ...], toml: Path) -> None:
    assert given(toml, f"[orders.fields]\nemail = {written}").orders.fields.email == expected
    assert given(toml, f"[users.fields]\nemail = {written}").users.fields.email == expected
    assert given(toml, f"[orders.items]\neventId = {written}").orders.items.event_id == expected


ONE = (Condition(("k",), ("x",)),)


@pytest.mark.parametrize(
    ("field", "written", "expected"),
    [
        ("currency", '{ const = "x" }', (Source(const="x"),)),
        ("total", "{ const = 0 }", (Source(const=0),)),
        ("status", '["a", { const = "x" }]', (Source(("a",)), Source(const="x"))),
        ("test", '{ path = "a", is = "x" }', (Source(("a",), equals="x", const=True),)),
        (
            "status",
            '{ path = "a", is = true, const = "test" }',
            (Source(("a",), equals=True, const="test"),),
        ),
        (
            "status",
            '{ path = "paid_at", nonempty = true, const = "paid" }',
            (Source(("paid_at",), nonempty=True, const="paid"),),
        ),
        ("test", '{ path = "a.b", nonempty = true }', (Source(("a", "b"), nonempty=True),)),
        ("userId", '{ path = "a", uid = true }', (Source(("a",), uid=True),)),
        ("name", '{ join = ["a", "b.c"] }', (Source(join=(("a",), ("b", "c"))),)),
        ("refunded", '{ sum = "a.b" }', (Source(("a", "b"), summed=True),)),
        (
            "paid",
            '{ sum = "a.b", where = { k = "x" }, negative = true }',
            (Source(("a", "b"), summed=True, where=ONE, negative=True),),
        ),
        ("items", "{ document = true }", (Source(document=True),)),
        ("items", '{ path = "a", values = true }', (Source(("a",), values=True),)),
        ("phone", '{ path = "a.b", where = { k = "x" } }', (Source(("a", "b"), where=ONE),)),
        (
            "status",
            '{ path = "a.b", where = { "c.d" = [1, true] } }',
            (Source(("a", "b"), where=(Condition(("c", "d"), (1, True)),)),),
        ),
    ],
)
def test_form(field: str, written: str, expected: tuple[Source, ...], toml: Path) -> None:
    fields = given(toml, f"[orders.fields]\n{field} = {written}").orders.fields
    assert getattr(fields, "user_id" if field == "userId" else field) == expected


@pytest.mark.parametrize("which", ["key", "value"])
def test_an_item_itself(which: Any, toml: Path) -> None:
    items = given(toml, f'[orders.items]\neventId = {{ item = "{which}" }}').orders.items
    assert items.event_id == (Source(item=which),)


def test_a_caret_reads_an_items_field_from_the_order(toml: Path) -> None:
    items = given(toml, '[orders.items]\neventId = ["id", "^event.id"]').orders.items
    assert items.event_id == (Source(("id",)), Source(("event", "id"), from_order=True))


@pytest.mark.parametrize("path", ["sales", "shops/berlin/orders", "my-orders", "Customers"])
def test_collection_path(path: str, toml: Path) -> None:
    assert given(toml, f'[orders]\npath = "{path}"').orders.path == path


@pytest.mark.parametrize("path", ["users/{uid}/orders", "shops/{shop}/years/{_y1}/orders"])
def test_a_pattern_of_collections(path: str, toml: Path) -> None:
    orders = given(toml, f'[orders]\npath = "{path}"').orders
    assert orders.path == path
    assert orders.documents == f"{path}/{{orderId}}"


UID, OWN = Source(("{uid}",)), Source(("userId",))


@pytest.mark.parametrize(
    ("path", "user_id", "expected"),
    [
        ("orders", "", (OWN,)),
        ("users/{uid}/orders", "", (UID, OWN)),
        ("users/{uid}/orders", 'userId = "userId"', (UID, OWN)),
        ("users/{uid}/orders", "userId = []", (UID,)),
        ("users/{uid}/orders", 'userId = ["userId", "{uid}"]', (OWN, UID)),
        ("users/{member}/orders", "", (OWN,)),
        ("users/{member}/orders", 'userId = "{member}"', (Source(("{member}",)),)),
        ("users/{uid}/for/{buyer}/orders", 'userId = "{buyer}"', (Source(("{buyer}",)),)),
    ],
)
def test_the_uid_of_a_path_is_the_buyers(
    path: str, user_id: str, expected: tuple[Source, ...], toml: Path
) -> None:
    orders = given(toml, f'[orders]\npath = "{path}"\n[orders.fields]\n{user_id}').orders
    assert orders.fields.user_id == expected


def test_what_a_path_says_goes_before_a_field_of_that_name() -> None:
    orders = Settings.model_validate({"orders": {"path": "users/{uid}/orders"}}).orders
    placed = orders.placed("users/u1/orders/o1", {"{uid}": "victim", "total": 1})
    assert placed == {"{uid}": "u1", "total": 1}
    assert Settings().orders.placed("orders/o1", {"{uid}": "x"}) == {"{uid}": "x"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("x = y", r"not TOML: .*line 1"),
        ('colour = "red"', "colour: unknown key; known are preset, amounts"),
        ('[orders.fields]\nemial = "x"', 'orders.fields.emial: unknown key; did you mean "email"?'),
        ('[orders.fields]\nuser_id = "x"', 'orders.fields.user_id: .* did you mean "userId"?'),
        ('[orders.item]\nx = "x"', 'orders.item: unknown key; did you mean "items"?'),
        ('[users.fields]\nphone = "x"', "users.fields.phone: unknown key; known are email, name"),
        ("[orders.fields]\nstatus = []", "orders.fields.status: no order can be read without it"),
        ("[orders.fields]\ntotal = []", "orders.fields.total: no order can be read without it"),
        ("[orders.fields]\ncurrency = []", "orders.fields.currency: .* a constant"),
        ("[orders.fields]\nemail = []\nuserId = []", "orders.fields: name the field of the buyer"),
        ('[orders.fields]\nuserId = "email"', "orders.fields: one field cannot be address and uid"),
        ("[orders.status]\ncounted = []", "orders.status: counted: list at least one word"),
        ('amounts = "cents"', "amounts: write 'major' or 'minor'"),
        ('times = "iso8601"', "times: write 'timestamp', 'iso', 'unix' or 'unix_ms', or a list"),
        ("times = []", "times: write 'timestamp', 'iso', 'unix' or 'unix_ms', or a list"),
        ('times = ["unix", "unix_ms"]', "times: a number is seconds .* or milliseconds"),
        ('times = "iso"\ntimes_zone = "Berlin"', "times_zone: write a zone of the IANA database"),
        ('times = "iso"\ntimes_zone = 1', "times_zone: write a zone of the IANA database"),
        ('times = "iso"\ntimes_zone = "../passwd"', "times_zone: write a zone of the IANA"),
        ('times_zone = "Europe/Berlin"', "times_zone is the zone of times that are text"),
        ("email_trust = true", "email_trust: write 'auth' or 'document'"),
        ('app_check = "yes"', "app_check: write true or false"),
        ("app_check = 1", "app_check: write true or false"),
        ('region = "Europe"', "region: write a Google Cloud region"),
        ("region = 1", "region: write a Google Cloud region"),
        ("users = 1", r"users: write a table, \[users\]"),
        *(
            (
                f"[newsletter]\nunsubscribe_url = {value}",
                "newsletter.unsubscribe_url: write an https",
            )
            for value in (
                *("7", '"http://x.com/u"', '"https://x.com"', '"https://x.com/u?a=b"', '"x.com/u"'),
                *('"https://x.com/u#a"', '"https://a@x.com/u"', '"https://x.com/ü u"'),
            )
        ),
        ('[orders]\nfields = "x"', r"orders.fields: write a table, \[orders.fields\]"),
        ('preset = "shopify"', "preset: choose one of eventbrite, pretix, stripe, woocommerce"),
        ('preset = ["pretix"]', "preset: choose one of"),
        ('preset = "../presets/pretix"', "preset: choose one of"),
        ("minor_digits = { ISK = -1 }", "minor_digits: write ISO 4217 codes"),
        ("minor_digits = { ISK = 5 }", "minor_digits: write ISO 4217 codes"),
        ("minor_digits = { ISK = true }", "minor_digits: write ISO 4217 codes"),
        ("minor_digits = { isk = 2 }", "minor_digits: write ISO 4217 codes"),
        ("minor_digits = 2", "minor_digits: write ISO 4217 codes"),
        *(
            (f"[orders.fields]\nstatus = {value}", "orders.fields.status: write ")
            for value in (
                *('""', '"a..b"', '".a"', '"a."', "7", "true", "[[]]", "{}", "{ const = 1.5 }"),
                *('{ const = "x", extra = 1 }', '{ path = "a" }', '{ path = 1, is = "x" }'),
                *('{ path = "a", nonempty = false }', '{ path = "a", is = [] }', '{ is = "x" }'),
                *('{ path = "a", is = "x", const = [] }', '{ path = "a", where = { k = "x" } }'),
                *('{ path = "a.b", where = {} }', '{ path = "a.b", where = { k = 1.5 } }'),
                *('{ path = "a.b", where = { "k..l" = 1 } }', '{ path = "a.b", where = "k" }'),
                *('{ join = "a" }', '{ join = ["a"] }', '{ join = ["a", 7] }', '{ sum = "a" }'),
                *("{ sum = 7 }", '{ sum = "a.b", negative = false }', "{ document = false }"),
                *('{ item = "index" }', '{ path = "a", values = 1 }', '{ path = "a", uid = "x" }'),
            )
        ),
        *(
            (f"[orders.fields]\n{field} = {value}", f"orders.fields.{field}: {message}")
            for field, value, message in (
                ("email", '{ const = "a@x.com" }', "a constant would be the same for all"),
                ("email", '{ join = ["a", "b"] }', "a join makes one line of text"),
                ("email", '{ path = "a.b", where = { k = 1 } }', "an erasure writes its pseudonym"),
                ("userId", '{ const = "u1" }', "a constant would be the same for all orders"),
                ("userId", '{ path = "a", is = "b" }', "what is asked of a path is no value"),
                ("status", '{ path = "a", nonempty = true }', "whether there is anything is true"),
                ("status", '{ path = "a", uid = true }', "{ uid = true } belongs in userId only"),
                ("currency", '{ sum = "a.b" }', "a sum makes an amount"),
                ("total", '{ join = ["a", "b"] }', "a join makes one line of text"),
                ("total", '{ path = "a", nonempty = true }', "whether there is anything is true"),
                ("marketingOptIn", "{ const = true }", "a constant would be the same for all"),
                ("test", "{ const = true }", "a constant would be the same for all orders"),
                ("createdAt", "{ document = true }", "{ document = true } makes a list of items"),
                (
                    "name",
                    '{ path = "a", values = true }',
                    "{ values = true } makes a list of items",
                ),
                ("name", '{ item = "key" }', "{ item = … } is the element of a list"),
                ("items", '{ const = "x" }', "a constant would be the same for all orders"),
                ("items", '{ path = "a.b", where = { k = 1 } }', "the whole list is read"),
                ("phone", '{ join = ["^a", "^b"] }', r'"\^" means "read it from the order"'),
            )
        ),
        ('[orders.items]\nquantity = { sum = "a.b" }', "orders.items.quantity: a sum makes"),
        ("[orders.items]\neventId = { document = true }", "orders.items.eventId: { document"),
        (
            '[orders.items]\neventName = { join = ["^a", "b"] }',
            r'.*eventName: write "\^" before all',
        ),
        ('[orders.status]\nrefunded_in_full = "void"', 'orders.status: list "void" in not_counted'),
        ("[orders.status]\nrefunded_in_full = 7", "orders.status.refunded_in_full: write one of"),
        ('[orders.fields]\nemail = "^email"', r'orders.fields.email: "\^" means'),
        ('[users.fields]\nname = ["name", "^name"]', r'users.fields.name: "\^" means'),
        *(
            (f'[orders]\npath = "{path}"', "orders.path: write ")
            for path in ("", "orders/x", "/orders", "a//b", "a/*/b", "a/{id/b", "__x__", ".", "..")
        ),
        *(
            (f'[users]\npath = "{path}"', "users.path: choose a collection of the host's")
            for path in ("customers", "crm", "crmOrders", "customers/x/users")
        ),
        *(
            (f'[orders]\npath = "{path}"', f"orders.path: {message}")
            for path, message in (
                ("users/{uid}", "write the path of a collection"),
                ("users/{uid}/x/orders", "write the path of a collection"),
                ("{any}/u1/orders", "a wildcard stands for the id of a document"),
                ("users/{uid}/{any}", "a wildcard stands for the id of a document"),
                ("users/{document=**}/orders", "write plain names"),
                ("users/{**}/orders", "write plain names"),
                ("users/{}/orders", "write plain names"),
                ("users/x{uid}/orders", "write plain names"),
                ("a/{x}/b/{x}/orders", r"\{x\} stands for two ids"),
                ("users/{orderId}/orders", r"\{orderId\} stands for two ids"),
                ("customers/{uid}/orders", "choose a collection of the host's"),
                ("crmOrders/{uid}/orders", "choose a collection of the host's"),
            )
        ),
        ('[users]\npath = "shops/{shop}/users"', "users.path: write one collection, without"),
        (
            '[orders]\npath = "a/{x}/users"\n[users]\npath = "a/b/users"',
            "orders.path and users.path name the same collection",
        ),
        (
            '[orders.fields]\nuserId = "{uid}"',
            r"orders: a field reads \{uid\}, which path does not",
        ),
        (
            '[orders]\npath = "users/{uid}/orders"\n[orders.items]\neventId = "^{event}"',
            r"orders: a field reads \{event\}, which path does not",
        ),
        *(
            (
                f'[orders]\npath = "users/{{x}}/orders"\n[orders.fields]\n{field} = "{{x}}"',
                f"orders: {field} is read from path, where no erasure",
            )
            for field in ("email", "name", "phone")
        ),
        ("[orders]\npath = 7", "orders.path: write a collection path"),
        ('[orders]\npath = "users"', "orders.path and users.path name the same collection"),
        ('[orders.status]\ncounted = ["refunded"]', 'orders.status: put "refunded" in counted or'),
        ('[orders.status]\ncounted = "paid"', "orders.status.counted: write a list of words"),
        ('[orders.status]\nnot_counted = [""]', "orders.status.not_counted: write a list of words"),
        ("[orders.status]\nnot_counted = [0]", "orders.status.not_counted: write a list of words"),
    ],
)
def test_refused(written: str, message: str, toml: Path) -> None:
    with pytest.raises(ConfigError, match=rf"^crm\.toml: {message}"):
        given(toml, written)


def test_every_mistake_is_told_at_once(toml: Path) -> None:
    with pytest.raises(ConfigError) as error:
        given(toml, 'amounts = "cents"\ntimes = "x"\n[orders]\npath = "crm"')
    assert [line.split(": ")[1] for line in str(error.value).splitlines()] == [
        "amounts",
        "times",
        "orders.path",
    ]


def test_the_file_lies_over_the_preset_key_by_key(toml: Path) -> None:
    plain = given(toml, 'preset = "pretix"')
    own = given(
        toml,
        """
        preset = "pretix"
        amounts = "minor"
        [orders]
        path = "tickets"
        [orders.fields]
        currency = "event.currency"
        [orders.status]
        counted = ["p", "x"]
        """,
    )
    assert plain.preset == own.preset == "pretix"
    assert own.amounts == "minor"
    assert own.times == plain.times == ("iso",)
    assert own.orders.path == "tickets"
    assert own.orders.fields.currency == (Source(("event", "currency")),)
    assert own.orders.fields.created_at == plain.orders.fields.created_at
    assert own.orders.status.counted == ("p", "x")
    assert own.orders.status.not_counted == plain.orders.status.not_counted
    assert own.orders.items == plain.orders.items
    assert own.users == Settings().users


def test_a_file_from_before_with_a_ticket_type_is_understood(toml: Path) -> None:
    assert given(toml, '[orders.items]\nticketType = "kind"') == Settings()
    over = given(toml, 'preset = "stripe"\n[orders.items]\nticketType = { const = "x" }')
    assert over == given(toml, 'preset = "stripe"')


def test_a_source_replaces_the_presets_as_a_whole(toml: Path) -> None:
    own = given(toml, 'preset = "pretix"\n[orders.items]\ncheckedIn = { const = true }')
    assert own.orders.items.checked_in == (Source(const=True),)


def test_a_table_of_the_wrong_type_over_a_preset_is_refused(toml: Path) -> None:
    with pytest.raises(ConfigError, match=r"orders\.fields: write a table"):
        given(toml, 'preset = "pretix"\n[orders]\nfields = "email"')


def flat(table: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if value is not None else {f"{prefix}{key}"}
    return found


def test_the_manual_names_every_key_and_no_other() -> None:
    text = (ROOT / "docs" / "mapping.md").read_text("utf-8")
    section = text.partition("## Keys\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| `([A-Za-z_.]+)` \|", section, re.MULTILINE))
    assert named == flat(keys(Settings))


def test_the_manuals_examples_are_understood(toml: Path) -> None:
    text = (ROOT / "docs" / "mapping.md").read_text("utf-8")
    examples = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        given(toml, example)


def test_the_manual_names_every_preset() -> None:
    text = (ROOT / "docs" / "mapping.md").read_text("utf-8")
    for preset in PRESETS.glob("*.toml"):
        assert f"`{preset.stem}`" in text
