"""A browser tab of somebody who has signed in as staff."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, Request


class StaffTab:
    """The tab, all that it asked of the server, and all that it complained of."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        tab.on("request", self._note)
        tab.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def live_requests(self) -> list[Request]:
        return [request for request in self.requests if "/grants/" in request.url]


@contextmanager
def signed_in(browser: Browser, base_url: str, user, **options) -> Iterator[StaffTab]:
    """As after the sign-in form, which has a test of its own."""
    client = Client()
    client.force_login(user)
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies["sessionid"].value, "url": base_url}
    context = browser.new_context(base_url=base_url, **options)
    context.add_cookies([session])
    try:
        yield StaffTab(context.new_page())
    finally:
        context.close()
