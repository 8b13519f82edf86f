"""`manage.py oss_server`: the embedded OSS on a port of its own, until SIGTERM or Ctrl-C."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from uploads.localoss.app import LocalOss
from uploads.localoss.errors import Refusal
from uploads.localoss.server import OssServer, held_stop_signals
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsRule
from uploads.oss.endpoints import BUCKET_NAME
from uploads.oss.errors import RefusedLocally

DEMO_ACCESS_KEY_ID = "demo-access-key-id"
DEMO_ACCESS_KEY_SECRET = "demo-access-key-secret"  # noqa: S105
DEMO_BUCKET = "demo-bucket"

# What JavaScript needs of an answer: to compare what was stored, and to say what went wrong.
EXPOSED_HEADERS = ("ETag", "x-oss-request-id", "x-oss-hash-crc64ecma", "x-oss-version-id", "x-oss-ec")


class Command(BaseCommand):
    help = "Run the embedded OSS, an OSS-compatible server for trying the project out and for tests."
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=9000, help="port to listen on; 0 takes a free one (9000)")
        parser.add_argument(
            "--root", type=Path, default=settings.BASE_DIR / "var" / "oss", help="where objects are kept (var/oss)"
        )
        parser.add_argument(
            "--cname",
            action="append",
            default=[],
            metavar="HOST=BUCKET",
            help="custom domain of a bucket; repeatable. The bucket is made if it is not there",
        )
        parser.add_argument(
            "--cors-origin",
            action="append",
            default=[],
            metavar="ORIGIN",
            help="let pages of this origin upload to OSS_BUCKET; repeatable. Without it the rules stay as they are",
        )
        parser.add_argument(
            "--even-without-debug",
            action="store_true",
            help="run although DEBUG is off. Its key pair may be public and it is no place for anybody's files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["even_without_debug"]:
            raise CommandError(
                "DEBUG is off: the embedded OSS is for development. Set DEBUG=true or give --even-without-debug."
            )
        app = _make_app(options)
        server = OssServer(app, options["host"], options["port"])
        with held_stop_signals() as wait_for_one:
            try:
                server.start()
            except OSError as error:
                raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {error}") from error
            try:
                self.stdout.write(f"Embedded OSS: {server.url}")
                self.stdout.flush()
                wait_for_one()
            finally:
                server.stop()


def _make_app(options: dict[str, Any]) -> LocalOss:
    """Raises CommandError for settings and options that cannot be."""
    cnames = dict(_parsed_cname(text) for text in options["cname"])
    bucket = settings.OSS_BUCKET or DEMO_BUCKET
    try:
        app = LocalOss(options["root"], credentials=_credentials(), region=settings.OSS_REGION, cnames=cnames)
        for name in {bucket, *cnames.values()}:
            app.create_bucket(name)
        if options["cors_origin"]:
            app.set_cors(bucket, [_cors_rule(tuple(options["cors_origin"]))], response_vary=True)
    except (RefusedLocally, ValueError) as error:
        raise CommandError(str(error)) from error
    except Refusal as refusal:
        raise CommandError(refusal.cause.message) from refusal
    return app


def _credentials() -> Credentials:
    return Credentials(
        settings.OSS_ACCESS_KEY_ID or DEMO_ACCESS_KEY_ID,
        settings.OSS_ACCESS_KEY_SECRET or DEMO_ACCESS_KEY_SECRET,
        security_token=settings.OSS_SESSION_TOKEN,
    )


def _parsed_cname(text: str) -> tuple[str, str]:
    host, equals, bucket = text.partition("=")
    if not equals or not host or not BUCKET_NAME.fullmatch(bucket):
        raise CommandError(f"--cname {text!r} is not HOST=BUCKET, such as files.example.com=demo-bucket.")
    return host, bucket


def _cors_rule(origins: tuple[str, ...]) -> CorsRule:
    return CorsRule(origins, ("PUT", "GET", "HEAD"), ("*",), EXPOSED_HEADERS, 600)
