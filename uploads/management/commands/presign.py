"""`manage.py presign`: sign a URL for one object, or many from JSON lines."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from uploads.error_bodies import MAX_CHARACTERS
from uploads.explaining import Explanation, ec_address, explain
from uploads.key_signing import KeyTakenError, SignedUrl, sign_at, sign_now
from uploads.models.grant_queries import UploadGrantQuerySet
from uploads.models.grants import UploadGrant
from uploads.oss.errors import RefusedLocally
from uploads.snippets import PROGRAM_CODES, instructions_for_url, program
from uploads.url_requests import UrlRequest, UrlRequestError, request_from_json, request_from_options

REFUSALS = (UrlRequestError, RefusedLocally, KeyTakenError)


class Command(BaseCommand):
    help = (
        "Sign a URL (OSS4-HMAC-SHA256) for one object. It signs exactly what is asked and adds nothing. A URL that "
        "can create an object is recorded as a grant; with --at nothing is recorded and no database is needed."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it; needs no SECRET_KEY.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", nargs="?", help="Object key, without the bucket.")
        parser.add_argument("--bucket", default="", help="Default: OSS_BUCKET.")
        parser.add_argument("--method", default="PUT", help="PUT (default), GET, HEAD, ...")
        parser.add_argument("--expires", type=int, default=900, metavar="SECONDS", help="1 to 604800; default 900.")
        parser.add_argument("--content-type", metavar="TYPE", help="Sign this Content-Type.")
        parser.add_argument("--content-length", type=int, metavar="BYTES", help="Sign exactly this length.")
        _add_repeated(parser, "--header", "NAME=VALUE", "Header that will be sent; x-oss-* are signed.")
        _add_repeated(parser, "--meta", "NAME=VALUE", "User metadata (x-oss-meta-NAME); not ASCII: percent-encoded.")
        _add_repeated(parser, "--additional-header", "NAME", "Sign this header too, such as content-disposition.")
        _add_repeated(parser, "--query", "NAME=VALUE", "Query parameter of the request.")
        parser.add_argument(
            "--endpoint", default="", metavar="NAME|URL",
            help="public, internal, accelerate, dual-stack or https://host. Default: OSS_ENDPOINT.",
        )  # fmt: skip
        parser.add_argument("--cname", action="store_true", help="--endpoint is a custom domain of the bucket.")
        parser.add_argument("--at", metavar="TIME", help="Sign for this moment, such as 20241112T083238Z.")
        parser.add_argument("--json", action="store_true", help="Print method, URL, headers, end, bucket and key.")
        parser.add_argument("--client", choices=PROGRAM_CODES, help="Print a program that sends a file to the URL.")
        parser.add_argument(
            "--file", default="", metavar="NAME", help="Its local file; default: the key's last part."
        )
        parser.add_argument("--explain", action="store_true", help="Also show what was hashed and signed.")
        parser.add_argument(
            "--from-jsonl", metavar="FILE", help="One JSON object a line in (-: standard input), one out."
        )
        parser.add_argument(
            "--diagnose",
            metavar="FILE",
            help="Explain an error of OSS (-: standard input); KEY may be the id or the URL of its grant.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["diagnose"]:
                self._diagnose(options)
            elif options["from_jsonl"]:
                self._sign_lines(options)
            else:
                self._sign_one(options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error

    def _sign_one(self, options: dict[str, Any]) -> None:
        if not options["key"]:
            raise CommandError("Give an object key, or --from-jsonl.")
        _refuse_bad_client(options)
        try:
            request = request_from_options(options)
            result = _signed(request)
            source = _source(request, result, options) if options["client"] else ""
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        self._warn_of_unsigned(request, result)
        if result.expires_in < request.expires:
            self.stderr.write(
                f"Signed for {result.expires_in} seconds, not {request.expires}: a URL ends with the security token, "
                "and lives 15 minutes at most while OSS_SESSION_TOKEN_EXPIRES_AT is not set."
            )
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(result, explain=options["explain"]), ensure_ascii=False))
            return
        if options["explain"]:
            # Not on standard output: there the URL stands alone, for scripts.
            self.stderr.write(f"Canonical request:\n{result.signed.canonical_request}\n", self.style.SUCCESS)
            self.stderr.write(f"String to sign:\n{result.signed.string_to_sign}\n", self.style.SUCCESS)
        self.stdout.write(source or result.signed.url)

    def _sign_lines(self, options: dict[str, Any]) -> None:
        if options["key"]:
            raise CommandError("Give an object key or --from-jsonl, not both.")
        if options["client"]:
            raise CommandError("--client writes a program for one object key, not for --from-jsonl.")
        refused = 0
        with _opened(options["from_jsonl"]) as lines:
            for answer in _answers(lines, explain=options["explain"]):
                refused += "error" in answer
                self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if refused:
            raise CommandError(f"{refused} of the lines were refused.")

    def _diagnose(self, options: dict[str, Any]) -> None:
        text = _decoded(_beginning_of(options["diagnose"]))
        explanation = explain(text, hint=options["key"] or "", grants=_reachable_grants())
        if explanation is None:
            raise CommandError("This has no error of OSS in it: neither a code nor an EC.")
        self.stdout.write("\n".join(_lines(explanation)))
        if explanation.diagnosis.code == "refused":
            raise CommandError("The cause of this error is not known; the page of its EC may tell more.")

    def _warn_of_unsigned(self, request: UrlRequest, result: SignedUrl) -> None:
        signed = {name.lower() for name in [*result.signed.headers, *request.additional_headers]}
        for name in request.headers:
            if name.lower() not in signed:
                self.stderr.write(f"{name} is not signed; add --additional-header {name} to sign it.")


def _add_repeated(parser: CommandParser, name: str, metavar: str, text: str) -> None:  # noqa: PLR0917
    parser.add_argument(name, action="append", default=[], metavar=metavar, help=f"{text} May be repeated.")


def _refuse_bad_client(options: dict[str, Any]) -> None:
    """Before anything is signed and recorded."""
    if options["file"] and not options["client"]:
        raise CommandError("--file names the local file of a program; give --client too.")
    if options["client"] and options["method"] != "PUT":
        raise CommandError(f"--client writes programs that PUT a file, not {options['method']}.")
    if options["client"] and options["json"]:
        raise CommandError("Give --client or --json, not both.")
    if options["client"] and not all(header.isascii() for header in options["header"]):
        raise CommandError("Clients send other than ASCII in different ways; percent-encode it in --header.")


def _source(request: UrlRequest, result: SignedUrl, options: dict[str, Any]) -> str:
    instructions = instructions_for_url(request.terms(), result, file_name=options["file"])
    return program(options["client"], instructions).source


def _signed(request: UrlRequest) -> SignedUrl:
    moment = request.moment()
    return sign_at(request.terms(), moment) if moment else sign_now(request.terms())


def _answers(lines: Iterable[str], *, explain: bool) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _as_json(_signed(request_from_json(line)), explain=explain)
        except REFUSALS as error:
            yield {"line": number, "error": str(error)}


def _as_json(result: SignedUrl, *, explain: bool) -> dict[str, Any]:
    signed = result.signed
    answer: dict[str, Any] = {
        "method": signed.method,
        "url": signed.url,
        "headers": signed.headers,
        "expires_at": signed.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "bucket": result.bucket,
        "key": result.key,
    }
    if result.grant:
        answer["grant"] = result.grant.grant_id
    if explain:
        answer |= {"canonical_request": signed.canonical_request, "string_to_sign": signed.string_to_sign}
    return answer


def _lines(explanation: Explanation) -> Iterator[str]:
    diagnosis, body, grant = explanation.diagnosis, explanation.body, explanation.grant
    yield f"Cause: {diagnosis.staff_sentence}"
    yield f"Who can mend it: {diagnosis.cause.who.label}."
    yield f"What to do: {diagnosis.cause.remedy}"
    if body.ec:
        yield f"EC: {body.ec}, {ec_address(body.ec)}"
    if body.request_id:
        yield f"Request id: {body.request_id}"
    if grant:
        yield f"Compared with grant {grant.grant_id}: {grant.object_key}"
    elif explanation.lacks_grant:
        yield "No grant was found for this request; with its id or URL as KEY, what was signed is compared."


def _reachable_grants() -> UploadGrantQuerySet | None:
    """An error is explained without a database too, only not compared with what was signed."""
    try:
        UploadGrant.objects.exists()
    except (DatabaseError, ImproperlyConfigured):
        return None
    return UploadGrant.objects.all()


def _beginning_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_CHARACTERS)
    try:
        with open(name, "rb") as file:
            return file.read(MAX_CHARACTERS)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.") from error


def _decoded(data: bytes) -> str:
    """PowerShell writes UTF-16 where it redirects."""
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if is_utf16 else "utf-8", "replace")


@contextmanager
def _opened(name: str) -> Iterator[Iterable[str]]:
    if name == "-":
        yield sys.stdin
        return
    try:
        with open(name, encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.") from error
