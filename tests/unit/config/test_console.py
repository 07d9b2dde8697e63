"""`[console]`: where orders lead, how staff sign in, and what is told of a mistake."""

from __future__ import annotations

from typing import Any

import pytest

from crm.config.console import ConsoleSettings
from crm.config.settings import settings_of
from crm.core.errors import ConfigError


def console(**given: Any) -> ConsoleSettings:
    return settings_of({"console": given}).console


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://shop.example.com/admin/orders/{orderId}",
        "https://shop.example.com:8443/?order={orderId}&tab=all#top",
    ],
)
def test_the_page_of_an_order_has_its_id_in_it(url: str) -> None:
    assert console(order_url=url).order_url == url


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com/orders",
        "http://shop.example.com/{orderId}",
        "javascript:alert({orderId})",
        "https://{orderId}.example.com/",
        "https://{orderId}/",
        "https://shop.example.com{orderId}",
        "https://shop.example.com/{orderId}/{orderId}",
        "https://shop.example.com/{orderId}/{uid}",
        "https://shop.example.com/ {orderId}",
        'https://shop.example.com/{orderId}"onclick="',
        "//shop.example.com/{orderId}",
        5,
        None,
    ],
)
def test_what_is_no_page_of_an_order_is_told_what_to_write(url: object) -> None:
    with pytest.raises(ConfigError, match=r"console\.order_url: write an https address with"):
        console(order_url=url)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["password"], [("password", "")]),
        (["google.com", "password"], [("google.com", "Google"), ("password", "")]),
        (["saml.acme"], [("saml.acme", "acme")]),
        ([{"id": "saml.acme", "label": " ACME "}], [("saml.acme", "ACME")]),
        ([{"id": "oidc.x-1"}, "password"], [("oidc.x-1", "x-1"), ("password", "")]),
    ],
)
def test_ways_to_sign_in_have_names(written: object, expected: list[tuple[str, str]]) -> None:
    assert [(one.id, one.label) for one in console(sign_in=written).sign_in] == expected


@pytest.mark.parametrize(
    "written",
    [
        [],
        "password",
        ["facebook.com"],
        ["saml."],
        ["SAML.acme"],
        ["password", "password"],
        ["saml.acme", {"id": "saml.acme", "label": "ACME"}],
        [{"label": "ACME"}],
        [{"id": "saml.acme", "name": "ACME"}],
        [{"id": "saml.acme", "label": "two\nlines"}],
        [{"id": "saml.acme", "label": "x" * 61}],
        [{"id": "saml.acme", "label": 5}],
        [5],
        None,
    ],
)
def test_an_unknown_way_to_sign_in_is_told_what_to_write(written: object) -> None:
    with pytest.raises(ConfigError, match=r"console\.sign_in: (write a list out of|label: )"):
        console(sign_in=written)


@pytest.mark.parametrize("key", ["", "6Lc_a-B"])
def test_a_site_key_is_taken(key: str) -> None:
    assert console(app_check_key=key).app_check_key == key


@pytest.mark.parametrize("key", ["a b", '"', "<script>", 5, None, "x" * 101])
def test_what_is_no_site_key_is_told(key: object) -> None:
    with pytest.raises(ConfigError, match=r"console\.app_check_key: write the site key"):
        console(app_check_key=key)


@pytest.mark.parametrize("hours", [0, 721, 1.5, True, "12", None])
def test_a_session_lasts_whole_hours(hours: object) -> None:
    assert (console(session_hours=1).session_hours, console().session_hours) == (1, 12)
    with pytest.raises(ConfigError, match=r"console\.session_hours: write a whole number"):
        console(session_hours=hours)
