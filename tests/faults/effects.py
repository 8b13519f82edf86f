"""What each fault does to an exchange. Those that end with an answer leave the connection open for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tests.faults.exchange import Exchange
from tests.faults.plan import Kind
from tests.rig.storage import CLOCK_HEADER
from uploads.localoss.errors import FILE_ALREADY_EXISTS, Cause, Refusal
from uploads.localoss.replies import error_reply

LONGEST_HOLD_SECONDS = 300
# From a grant's arrival, between which a worker is in the middle of it.
_KILL_WITHIN_SECONDS = 0.04
_DAY_SECONDS = 86_400 * 8
_BUSY = Cause(503, "ServiceUnavailable", "", "Please reduce your request rate.")
_TOO_MANY = Cause(429, "TotalQpsLimitExceeded", "", "Too many requests.")
_INTERNAL = Cause(500, "InternalError", "", "We encountered an internal error. Please try again.")
_DENIED = Cause(403, "AccessDenied", "0003-00000001", "You have no right to access this object.")
_HTML = b"<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"


async def relay(exchange: Exchange) -> None:
    await exchange.relay()


async def reset_in_body(exchange: Exchange) -> None:
    await exchange.send_head()
    await exchange.send_body(exchange.share)
    exchange.reset()


async def close_in_body(exchange: Exchange) -> None:
    await exchange.send_head()
    await exchange.send_body(exchange.share)
    await exchange.close()


async def lost_answer(exchange: Exchange) -> None:
    await _do_it(exchange)
    exchange.reset()


async def cut_answer(exchange: Exchange) -> None:
    raw = await _do_it(exchange)
    await exchange.reply(raw[: int(len(raw) * exchange.share)])
    await exchange.close()


async def no_answer(exchange: Exchange) -> None:
    await _do_it(exchange)
    await exchange.wait_until_client_leaves(LONGEST_HOLD_SECONDS)
    exchange.reset()


async def stall_in_body(exchange: Exchange) -> None:
    await exchange.send_head()
    await exchange.send_body(exchange.share * 0.9)
    await exchange.wait_until_client_leaves(LONGEST_HOLD_SECONDS)
    exchange.reset()


async def server_error(exchange: Exchange) -> None:
    await exchange.drain_body()
    await exchange.reply(_refusal(exchange, _INTERNAL))


async def busy(exchange: Exchange) -> None:
    await exchange.drain_body()
    await exchange.reply(_refusal(exchange, _BUSY, "Retry-After: 1"))


async def too_many(exchange: Exchange) -> None:
    await exchange.drain_body()
    await exchange.reply(_refusal(exchange, _TOO_MANY, "Retry-After: 1"))


async def denied(exchange: Exchange) -> None:
    await exchange.drain_body()
    await exchange.reply(_refusal(exchange, _DENIED))


async def early_403(exchange: Exchange) -> None:
    await exchange.reply(_refusal(exchange, _DENIED, "Connection: close"))
    await exchange.close()


async def early_409(exchange: Exchange) -> None:
    await exchange.reply(_refusal(exchange, FILE_ALREADY_EXISTS, "Connection: close"))
    await exchange.close()


async def html_502(exchange: Exchange) -> None:
    await exchange.drain_body()
    head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: {len(_HTML)}\r\n\r\n"
    await exchange.reply(head.encode() + _HTML)


async def lapsed(exchange: Exchange) -> None:
    await exchange.relay(exchange.head.with_header(CLOCK_HEADER, str(_DAY_SECONDS)))


async def _do_it(exchange: Exchange) -> bytes:
    """Let the server do what was asked for; what it answered."""
    await exchange.send_head()
    await exchange.send_body()
    head, body = await exchange.answer()
    return head.raw + body


def killed_workers(kill: Callable[[], None]) -> Effect:
    """A fault that kills whoever serves the site, somewhere in the middle of the request."""

    async def effect(exchange: Exchange) -> None:
        await exchange.send_head()
        await exchange.send_body()
        await asyncio.sleep(exchange.share * _KILL_WITHIN_SECONDS)
        kill()
        await exchange.relay_answer()

    return effect


def _refusal(exchange: Exchange, cause: Cause, *more: str) -> bytes:
    """As OSS would refuse, in a way that JavaScript may read."""
    reply = error_reply(Refusal(cause), request_id="0" * 24, host="127.0.0.1", is_head=exchange.head.method == "HEAD")
    lines = [
        f"HTTP/1.1 {reply.status} Refused",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
        *more,
    ]
    if origin := exchange.head.headers.get("origin"):
        exposed = "ETag, x-oss-request-id, x-oss-hash-crc64ecma, x-oss-ec, Retry-After"
        lines += [f"Access-Control-Allow-Origin: {origin}", f"Access-Control-Expose-Headers: {exposed}"]
    return "\r\n".join([*lines, "", ""]).encode() + b"".join(reply.body)


Effect = Callable[[Exchange], Awaitable[None]]
EFFECTS: dict[Kind | None, Effect] = {
    None: relay,
    Kind.RESET_IN_BODY: reset_in_body,
    Kind.CLOSE_IN_BODY: close_in_body,
    Kind.LOST_ANSWER: lost_answer,
    Kind.CUT_ANSWER: cut_answer,
    Kind.NO_ANSWER: no_answer,
    Kind.STALL_IN_BODY: stall_in_body,
    Kind.SERVER_ERROR: server_error,
    Kind.BUSY: busy,
    Kind.TOO_MANY: too_many,
    Kind.EARLY_403: early_403,
    Kind.EARLY_409: early_409,
    Kind.DENIED: denied,
    Kind.LAPSED: lapsed,
    Kind.HTML_502: html_502,
}
