"""The overview follows what the shop sells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from crm.core.roles import Role
from suite.running import Suite
from tests.browser.conftest import Hire
from tests.support.shop import Shop


@pytest.fixture
def shop(suite: Suite) -> Shop:
    return Shop(suite)


def test_an_order_arrives_while_somebody_looks(hire: Hire, shop: Shop) -> None:
    """The latest order is on top, and the sums follow."""
    desk = hire(Role.VIEWER)
    page = desk.open("/", "Home")
    shop.order("Gil Newest", createdAt=datetime.now(UTC) + timedelta(days=360))
    expect(
        page.get_by_test_id("latest").filter(has_text=shop.mark).filter(has_text="Gil Newest")
    ).to_be_visible()
    expect(page.get_by_test_id("People")).not_to_have_text("…")
    expect(page.get_by_role("heading", name="Newcomers and returning buyers")).to_be_visible()
