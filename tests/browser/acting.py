"""What several tests do on a person's page."""

from __future__ import annotations

from playwright.sync_api import Page


def act(page: Page, action: str) -> None:
    """Choose one of the actions at the head of a person's page."""
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name=action).click()
