"""Who sends files in the benchmark of uploads: this page, plain `fetch` one file after the other, and curl."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import requests

from tests.rig.chromium import Chromium
from tests.rig.installation import Installation

_VISITOR = "0" * 32
_BATCH = 100

# The least that anybody would write: ask for a URL, send, next. It reports nothing and checks nothing.
_PLAIN = """
const input = document.createElement("input");
Object.assign(input, { type: "file", multiple: true });
document.documentElement.append(input);
const ask = async (file) => {
  const { name, size, type } = file;
  const body = JSON.stringify({ files: [{ id: crypto.randomUUID(), name, size, type }] });
  const headers = { "Content-Type": "application/json", "X-Upload-Key": "VISITOR" };
  const answer = await (await fetch("PAGEgrants", { method: "POST", headers, body })).json();
  return answer.grants[0];
};
const sendAll = async () => {
  const begun = performance.now();
  for (const file of input.files) {
    const { method, url, headers } = await ask(file);
    const response = await fetch(url, { method, headers, body: file, credentials: "omit" });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }
  return performance.now() - begun;
};
window.bench = new Promise((resolve) => { input.onchange = () => resolve(sendAll()); });
"""

# From the moment that the files are chosen until the last one has its tick, which needs the server's own look.
_ENGINE = """
window.bench = new Promise((resolve, reject) => {
  let begun = 0;
  const stored = new Set();
  document.addEventListener("change", () => { begun ||= performance.now(); }, true);
  const dispatch = EventTarget.prototype.dispatchEvent;
  EventTarget.prototype.dispatchEvent = function (event) {
    const upload = event.type.startsWith("upload:") ? event.detail?.upload : null;
    if (upload?.state === "stored") stored.add(upload);
    if (stored.size === COUNT) resolve(performance.now() - begun);
    if (upload?.state === "failed") reject(new Error(JSON.stringify(upload.cause)));
    return dispatch.call(this, event);
  };
});
"""
# Modules run after the document has been read.
_NO_WORKER = """
document.addEventListener("readystatechange", () => {
  document.querySelector("[data-checksum-worker]")?.removeAttribute("data-checksum-worker");
});
"""
_HAS_WORKER = "return document.querySelector('[data-checksum-worker]') !== null;"


class Contestant(Protocol):
    """Sends files to a fresh page and says how many seconds it took."""

    name: str

    def send(self, files: Sequence[Path]) -> float: ...


class PlainFetch:
    name = "plain fetch, one file after the other"

    def __init__(self, browser: Chromium, site: Installation) -> None:
        self._browser, self._site = browser, site

    def send(self, files: Sequence[Path]) -> float:
        tab = self._browser.new_tab()
        # Any page of the site's origin would do; this one has no script. Its policy would forbid ours.
        tab.call("Page.setBypassCSP", enabled=True)
        tab.open(f"{self._site.origin}/robots.txt")
        tab.run(_PLAIN.replace("VISITOR", _VISITOR).replace("PAGE", self._site.take_page()))
        tab.choose(files)
        seconds = tab.run("return await window.bench") / 1000
        tab.close()
        return seconds


class Engine:
    """The real page. Without CRC-64 it is the same page that is given no worker."""

    def __init__(self, browser: Chromium, site: Installation, *, has_checksum: bool = True) -> None:
        self._browser, self._site = browser, site
        self._has_checksum = has_checksum
        self.name = "this page" if has_checksum else "this page without CRC-64"

    def send(self, files: Sequence[Path]) -> float:
        tab = self._browser.new_tab()
        if not self._has_checksum:
            tab.call("Page.enable")
            tab.call("Page.addScriptToEvaluateOnNewDocument", source=_NO_WORKER)
        tab.open(self._site.origin + self._site.take_page())
        if tab.run(_HAS_WORKER) != self._has_checksum:
            raise RuntimeError(f"This would not measure {self.name}.")
        tab.run(_ENGINE.replace("COUNT", str(len(files))))
        tab.choose(files)
        seconds = tab.run("return await window.bench") / 1000
        tab.close()
        return seconds


class Curl:
    """One process, which keeps its connection; its URLs are asked for by the hundred."""

    name = "curl, one process"

    def __init__(self, site: Installation) -> None:
        self._site = site
        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, files: Sequence[Path]) -> float:
        page = self._site.origin + self._site.take_page()
        began = time.perf_counter()
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            options = "next\n".join(self._options(page, batch))
            subprocess.run(["curl", "--config", "-"], input=options, text=True, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began

    def _options(self, page: str, files: Sequence[Path]) -> Iterator[str]:
        asked = [
            {"id": str(uuid.uuid4()), "name": file.name, "size": file.stat().st_size, "type": ""} for file in files
        ]
        answer = self._session.post(
            f"{page}grants", json={"files": asked}, headers={"X-Upload-Key": _VISITOR}, timeout=60
        )
        for file, grant in zip(files, answer.json()["grants"], strict=True):
            lines = [
                f'url = "{grant["url"]}"',
                f'upload-file = "{file}"',
                "fail",
                "silent",
                "show-error",
                "noproxy = *",
            ]
            lines += [f'header = "{name}: {value}"' for name, value in grant["headers"].items()]
            # Without a question first: that would be one more round trip for each file.
            lines += ['header = "Expect:"']
            yield "\n".join([*lines, ""])
