"""What several tests do on a person's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, Route


def act(page: Page, action: str) -> None:
    """Choose one of the actions at the head of a person's page."""
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name=action).click()


def panel(page: Page, tab: str) -> Locator:
    """Open a tab, and give what is under it."""
    page.get_by_role("tab", name=tab).click()
    return page.get_by_role("tabpanel", name=tab)


def answered(page: Page, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Let a callable's answers be changed on their way to the page."""

    def answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        response = route.fetch()
        told: dict[str, Any] = response.json()
        change(told["result"])
        route.fulfill(response=response, json=told)

    page.route(f"**/{name}", answer)


def with_order_pages(page: Page) -> None:
    """Let the settings name where the host shows its orders."""
    url = "https://shop.example.com/orders/{orderId}?of=crm"
    answered(page, "get_settings", lambda told: told["settings"].update(orderUrl=url))
