"""Holding what a page asks of the server, until a test lets it go."""

from __future__ import annotations

from playwright.sync_api import Page, Request, Route


class Gate:
    """Holds the requests of a callable until it is opened, or broken.

    What Playwright sees of a page it tells while something is asked of it, and at no other time: a
    test that only sleeps until a request has come waits for ever. So use `wait`, or expect
    something of the page.

    Attributes:
        asked: The calls so far.
    """

    def __init__(self, page: Page, name: str) -> None:
        self._page, self._name = page, name
        self._held: list[Route] = []
        self._way: str | None = None
        self.asked: list[Request] = []
        page.on("request", self._see)
        page.route(f"**/{name}", self._through)

    def _is_call(self, request: Request) -> bool:
        return request.url.endswith(f"/{self._name}") and request.method == "POST"

    def _see(self, request: Request) -> None:
        if self._is_call(request):
            self.asked.append(request)

    def _through(self, route: Route) -> None:
        if self._way is None:
            self._held.append(route)
        else:
            self._let(route)

    def _let(self, route: Route) -> None:
        if self._way == "on":
            route.continue_()
        else:
            route.abort()

    def wait(self) -> None:
        """Wait until there has been a call."""
        if not self.asked:
            self._page.wait_for_event("request", self._is_call)

    def open(self) -> None:
        """Let what is held, and whatever comes, go on to the server."""
        self._end("on")

    def cut(self) -> None:
        """Let what is held, and whatever comes, come to nothing."""
        self._end("nowhere")

    def _end(self, way: str) -> None:
        held, self._held, self._way = self._held, [], way
        for route in held:
            self._let(route)
