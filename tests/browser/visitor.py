"""What a visitor does on an upload page, and sees."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from uploads.models.pages import UploadPage


class Visitor:
    """A browser tab, with all that it requested and all that it complained of."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.requested: list[str] = []
        self.complaints: list[str] = []
        tab.on("request", lambda request: self.requested.append(f"{request.method} {request.url}"))
        tab.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, page: UploadPage) -> None:
        self.tab.goto(page.get_absolute_url())

    def choose(self, *files: Path | dict[str, str | bytes]) -> None:
        """Pick files in the browser's dialog."""
        self.tab.locator("input[type=file]").set_input_files(list(files))

    @property
    def rows(self) -> Locator:
        return self.tab.locator("li.file")

    def row(self, name: str) -> Locator:
        return self.rows.filter(has=self.tab.locator(f'.file__name[title="{name}"]'))

    def sees(self, name: str, state: str, *, timeout_ms: int = 10_000) -> None:
        """Wait until the file's row shows the state."""
        expect(self.row(name)).to_have_attribute("data-file-state", state, timeout=timeout_ms)

    def sees_queue(self, state: str, *, timeout_ms: int = 10_000) -> None:
        expect(self.tab.locator("[data-upload-state]")).to_have_attribute(
            "data-upload-state", state, timeout=timeout_ms
        )

    def requests_to(self, part: str) -> list[str]:
        return [request for request in self.requested if part in request]


def file(name: str, content: bytes = b"hello", content_type: str = "") -> dict[str, str | bytes]:
    """A file as `choose` takes it, from memory. Without a type the browser finds none."""
    return {"name": name, "mimeType": content_type, "buffer": content}
