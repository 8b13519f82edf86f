"""The words in which `manage.py presign` is asked, on the command line or as JSON, made into terms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from uploads.key_signing import UrlTerms
from uploads.oss.endpoints import Endpoint
from uploads.storage import storage
from uploads.user_metadata import MetadataError, wire_headers


class UrlRequestError(ValueError):
    """The request cannot be understood; the message is a whole sentence."""


class UrlRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One URL to sign: the options of the command, and the fields of a line of JSON."""

    key: str
    bucket: str = ""
    method: str = "PUT"
    expires: int = 900
    content_type: str | None = None
    content_length: int | None = None
    headers: dict[str, str] = {}
    meta: dict[str, str] = {}
    additional_headers: list[str] = []
    query: dict[str, str] = {}
    endpoint: str = ""
    cname: bool = False
    at: str | None = None

    def moment(self) -> datetime | None:
        """The signing time, if one was given. Raises UrlRequestError."""
        if self.at is None:
            return None
        try:
            return datetime.strptime(self.at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError as error:
            raise UrlRequestError(f"{self.at!r} is not a time such as 20241112T083238Z.") from error

    def terms(self) -> UrlTerms:
        """Raises UrlRequestError for metadata that cannot be signed, RefusedLocally for an endpoint that is none."""
        headers, additional = dict(self.headers), list(self.additional_headers)
        if self.content_type is not None:
            headers["Content-Type"] = self.content_type
        if self.content_length is not None:
            if self.content_length < 0:
                raise UrlRequestError("The content length is a number of bytes, 0 or more.")
            headers["Content-Length"] = str(self.content_length)
            additional.append("content-length")
        try:
            headers |= wire_headers(self.meta)
        except MetadataError as error:
            raise UrlRequestError(str(error)) from error
        return UrlTerms(
            key=self.key,
            bucket=self.bucket,
            method=self.method,
            expires_in=self.expires,
            headers=headers,
            additional_headers=tuple(additional),
            query=self.query,
            endpoint=self._named_endpoint(),
        )

    def _named_endpoint(self) -> Endpoint | None:
        if self.endpoint:
            return Endpoint.named(self.endpoint, storage().region, is_cname=self.cname)
        if self.cname:
            raise UrlRequestError("--cname says that --endpoint is a custom domain; give both.")
        return None


def request_from_json(line: str) -> UrlRequest:
    """Raises UrlRequestError naming the field that does not fit."""
    try:
        return msgspec.convert(json.loads(line), UrlRequest, strict=True)
    except msgspec.ValidationError as error:
        raise UrlRequestError(f"{error}.") from error
    except (ValueError, RecursionError) as error:
        raise UrlRequestError("The line is not JSON.") from error


def request_from_options(options: Mapping[str, Any]) -> UrlRequest:
    """From the parsed command line; the repeated NAME=VALUE options become objects. Raises UrlRequestError."""
    return UrlRequest(
        key=options["key"],
        bucket=options["bucket"],
        method=options["method"],
        expires=options["expires"],
        content_type=options["content_type"],
        content_length=options["content_length"],
        headers=_pairs(options["header"], option="--header"),
        meta=_pairs(options["meta"], option="--meta"),
        additional_headers=options["additional_header"],
        query=_pairs(options["query"], option="--query"),
        endpoint=options["endpoint"],
        cname=options["cname"],
        at=options["at"],
    )


def _pairs(items: Iterable[str], *, option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for item in items:
        name, has_value, value = item.partition("=")
        if not has_value or not name:
            raise UrlRequestError(f"{option} takes NAME=VALUE, not {item!r}.")
        if name in pairs:
            raise UrlRequestError(f"{option} has {name!r} twice.")
        pairs[name] = value
    return pairs
