"""On a phone, with the longest names and money in many currencies: nothing leaves its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.core.roles import Role
from suite.running import Suite
from testing.hosts import item
from testing.patience import eventually
from tests.browser.acting import act
from tests.browser.conftest import Hire
from tests.support.shop import Shop

NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley Ltd"
"""A name that cannot be broken at a space."""

TOTALS = {
    "EUR": "123456789.00",
    "USD": "99999999.99",
    "IDR": "9876543210.00",
    "HUF": "8765432100.00",
    "KWD": "7654321.987",
    "JPY": "9876543210",
    "COP": "98765432100.00",
}

OUTSIDE = """() => {
    const found = [];
    const apart = '.unseen, svg, select, option, .bars, .scrolls';
    for (const text of document.querySelectorAll('main *, [role=dialog] *')) {
        const own = [...text.childNodes].some(one => one.nodeType === 3 && one.data.trim());
        if (!own || text.closest(apart)) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        if (!box.width || getComputedStyle(text).visibility === 'hidden') continue;
        const card = text.closest('.mantine-Paper-root');
        const edge = card ? card.getBoundingClientRect().right : innerWidth;
        const name = text.textContent.slice(0, 60);
        if (box.right > edge + 1) found.push(`${name}: ${box.right} > ${edge}`);
        const label = text.closest('.mantine-Badge-label, .mantine-Button-label');
        if (label && label.scrollWidth > label.clientWidth + 1) found.push(`cut: ${name}`);
    }
    return found;
}"""
"""The texts that leave their card, or the page; what scrolls by itself does not count."""

OVERLAPPING = """() => {
    const found = [];
    const meet = (one, two) => one.left < two.right && two.left < one.right
        && one.top < two.bottom && two.top < one.bottom;
    for (const chart of document.querySelectorAll('.bars')) {
        const edge = chart.getBoundingClientRect().right;
        const labels = [...chart.querySelectorAll('.bars-label, .bars-scale > span')]
            .filter(one => one.textContent && getComputedStyle(one).visibility !== 'hidden')
            .map(one => {
                const range = document.createRange();
                range.selectNodeContents(one);
                return [one.textContent, range.getBoundingClientRect()];
            });
        labels.forEach(([name, box], at) => {
            const scrolls = chart.scrollWidth > chart.clientWidth;
            if (box.left < 0 || (box.right > edge + 1 && !scrolls)) found.push(`cut: ${name}`);
            for (const [other, next] of labels.slice(at + 1))
                if (meet(box, next)) found.push(`${name} on ${other}`);
        });
    }
    return found;
}"""
"""The labels of charts that lie on each other, or leave their chart."""


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """One customer with everything that is long, whose orders are the latest of all."""
    shop = Shop(suite)
    now = datetime.now(UTC)
    event = item(f"{shop.mark}-{'long' * 20}", eventName=f"The{'Very' * 15}LongConference")
    for currency, total in TOTALS.items():
        fields: dict[str, Any] = {"currency": currency, "total": total, "items": [event]}
        shop.order(NAME[:60], createdAt=now, **fields)

    def all_counted() -> None:
        assert len(shop.find(NAME[:60]).get("totalSpend")) == len(TOTALS)

    eventually(all_counted)
    return shop


def stays_inside(page: Page) -> None:
    """Where everything is once it is drawn: on its way there it may be anywhere."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    eventually(lambda: _is_inside(page))


def is_no_wider(page: Page) -> None:
    """Than its window, once it is drawn."""
    eventually(lambda: _is_no_wider(page))


def _is_inside(page: Page) -> None:
    assert page.evaluate(OUTSIDE) == []
    _is_no_wider(page)


def _is_no_wider(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url


def _lies_apart(page: Page) -> None:
    assert page.evaluate(OVERLAPPING) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_leaves_its_place(hire: Hire, shop: Shop, width: int) -> None:
    desk = hire(Role.ADMIN, width=width)
    name = NAME[:60]
    event = f"{shop.mark}-{'long' * 20}"
    segment = json.dumps(event)
    question = (
        f"has_ticket:{segment} and last_order_at <= 2030-11-27 and total_spend >= 7000 HUF"
        " and not email_domain:example.org and order_count >= 1"
    )
    screens = {
        f"/people/{shop.id_of(name)}": name,
        f"/people?q={shop.mark}": "People",
        f"/events/event?id={event}": f"The{'Very' * 15}LongConference",
        f"/events?when=all&q={shop.mark}": "Events",
        f"/segments/new?segment={question}": "New segment",
        "/": "Home",
    }
    for path, heading in screens.items():
        page = desk.open(path, heading)
        stays_inside(page)
        if path == "/":
            expect(page.locator(".bars-label").first).to_be_visible()
            eventually(lambda: _lies_apart(page))


@pytest.mark.parametrize("width", [390])
def test_no_dialog_is_too_wide(hire: Hire, shop: Shop, width: int) -> None:
    desk = hire(Role.ADMIN, width=width)
    page = desk.open(f"/people/{shop.id_of(NAME[:60])}", NAME[:60])
    act(page, "Erase…")
    expect(page.get_by_role("dialog")).to_be_visible()
    stays_inside(page)
    assert desk.barriers() == []
