"""The form by which staff sign a URL: filling it in, and reading what comes of it."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import requests

FOLDER = "surveys/pmine/"
FIELDS = {"key": f"{FOLDER}report.csv", "validity": "3600", "storage_class": "", "endpoint": ""}


def sign(client, **fields):
    return client.post("/staff/sign/", {**FIELDS, **fields})


def url_in(response):
    """The URL as the page shows it."""
    text = re.search(r'id="signed-url"[^>]*>(.*?)</pre>', response.text, re.DOTALL)[1]
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def headers_in(response):
    """The headers that the page says are to be sent."""
    rows = re.findall(r'<th scope="row"><code>(.*?)</code>.*?<code id="header-\d+">(.*?)</code>', response.text, re.S)
    return {html.unescape(name): html.unescape(value) for name, value in rows}


def parameters(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def errors_in(response, field):
    found = re.search(rf'id="id_{field}_error">(.*?)</div>', response.text, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def put(response, content=b"a,b\n"):
    return requests.put(url_in(response), data=content, headers=headers_in(response), timeout=10)
