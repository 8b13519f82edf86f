"""The real page on a pretended engine, for what takes long with a real one: large files, many files, slow lines."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

_FAKE = Path(__file__).resolve().parent.parent / "js" / "fake-queue.js"


def pretend(tab: Page) -> None:
    """Let the pages of this tab load tests/js/fake-queue.js for their engine; it is `queue` there."""
    tab.route("**/engine/queue*.js", lambda route: route.fulfill(path=_FAKE, content_type="text/javascript"))


def enter(tab: Page, *uploads: dict) -> None:
    """Put uploads into the pretended queue. `count` makes as many of one kind, with numbers after their names."""
    tab.evaluate(
        """(uploads) => queue.enter(uploads.flatMap(({ count, name = "file", ...facts }) => count
             ? Array.from({ length: count }, (_, number) => ({ name: `${name}-${number}`, ...facts }))
             : [{ name, ...facts }]))""",
        uploads,
    )


def change(tab: Page, name: str, **facts: object) -> None:
    """Change the upload of this name."""
    tab.evaluate(
        "([name, facts]) => queue.change([...queue.uploads].find((upload) => upload.name === name), facts)",
        [name, facts],
    )


def asked(tab: Page) -> list[list[str]]:
    """What was asked of the pretended queue: the method and the name of the upload, if there was one."""
    return tab.evaluate("queue.asked.map(([method, upload]) => [method, upload?.name ?? ''])")
