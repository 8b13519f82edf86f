"""What is logged holds no link, no signature and no key to anything."""

from __future__ import annotations

import io
import logging
import logging.config
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as project_settings

from tests.app.conftest import Visitor, a_file, put, row
from uploader_site.log_filter import WithoutSecrets

TOKEN = "Zk3v_9-QmT1xYb7LrWc2NfPdHs5Gj8Ae"
URL = (
    "https://b.oss-cn-hangzhou.aliyuncs.com/k?x-oss-credential=AKID%2F20260101&x-oss-date=20260101T000000Z"
    "&x-oss-security-token=CAIS%2Bsecret&x-oss-signature=0123456789abcdef&x-oss-signature-version=OSS4-HMAC-SHA256"
)
SECRETS = (TOKEN, "AKID", "CAIS", "0123456789abcdef")


@pytest.fixture
def handler():
    """Writes as the project's own, into memory."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("{levelname} {message}", style="{"))
    handler.addFilter(WithoutSecrets())
    return handler


@pytest.fixture
def log(handler):
    return handler.stream


@pytest.fixture
def logger(handler):
    """Has no handler but this one: what another one formats would be kept on the record."""
    logger = logging.Logger("uploads")  # noqa: LOG001 - one that nobody else has.
    logger.addHandler(handler)
    return logger


@pytest.mark.parametrize("args", [(1, f"/u/{TOKEN}/"), (f"/u/{TOKEN}/",)], ids=["too many", "of another kind"])
def test_a_wrong_call_of_the_log_breaks_nothing_and_tells_nothing(logger, log, args):
    logger.warning("%d of them", *args)

    assert log.getvalue() == "WARNING %d of them\n"


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("Not Found: %s", (f"/u/{TOKEN}/grants",)),
        ("Not Found: %(path)s", ({"path": f"/r/{TOKEN}/"},)),
        (f"GET /u/{TOKEN}/ 404", ()),
        ("Failed for %s", (URL,)),
        ("Failed for %s", (URL.upper().replace("0123456789ABCDEF", "0123456789abcdef"),)),
        ("%s", (ValueError(f"no answer from {URL}"),)),
    ],
)
def test_a_message_loses_its_secrets_and_nothing_else(logger, log, message, args):
    logger.warning(message, *args)

    line = log.getvalue()
    assert not any(secret in line for secret in SECRETS)
    assert line.startswith("WARNING ")
    assert "…" in line


def test_a_traceback_loses_them_too(logger, log):
    def fail():
        raise ConnectionError(f"GET /u/{TOKEN}/ and {URL}") from ValueError(URL)

    try:
        fail()
    except ConnectionError:
        logger.exception("It failed.")

    text = log.getvalue()
    assert "Traceback" in text
    assert "in fail" in text
    assert not any(secret in text for secret in SECRETS)


def test_a_line_without_secrets_stays_as_it_is(logger, log):
    logger.warning("Settled: %s of %d %%", "3 stored", 5)

    assert log.getvalue() == "WARNING Settled: 3 stored of 5 %\n"


def test_every_handler_of_the_project_has_the_filter():
    handlers = project_settings.LOGGING["handlers"].values()

    assert all("without_secrets" in handler["filters"] for handler in handlers)
    assert all(not logger["handlers"] for logger in project_settings.LOGGING["loggers"].values())


@pytest.mark.django_db
def test_a_visit_with_every_kind_of_trouble_leaves_no_secret_in_the_log(
    handler, log, visitor, refuse_heads, monkeypatch
):
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    [answer] = visitor.ask(a_file())
    put(answer, Content_Type="text/html")
    refuse_heads(403, "AccessDenied")
    visitor.report({"id": answer["id"], "status": 403, "code": "SignatureDoesNotMatch"})
    visitor.post("grants", "no JSON")
    visitor.client.get(f"/u/{visitor.page.token}/grants")
    visitor.client.get(f"/u/{visitor.page.token}/nothing-here")
    Visitor(visitor.page).post("status", {"ids": [answer["id"]]})

    text = log.getvalue()
    signature = parse_qs(urlsplit(answer["url"]).query)["x-oss-signature"][0]
    assert "HEAD was refused" in text
    assert "Not Found: /u/…" in text
    assert visitor.page.token not in text
    assert visitor.key not in text
    assert signature not in text
    assert not re.search(r"x-oss-(signature|credential)=[^…]", text)
    assert row(answer).check_error
