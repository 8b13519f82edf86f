"""`manage.py demo` (`make demo`): the site, the embedded OSS and settle, in one process, with data of their own."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application

from uploads.demo import BUCKET, REGION, USER_NAME, DemoPlace, demo_environment, kept_secret, seed
from uploads.localoss.app import LocalOss
from uploads.localoss.server import HttpServer, OssServer, held_stop_signals
from uploads.models.pages import UploadPage
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsRule
from uploads.settle import settle_forever

# Set for the process that runs with the demo's own environment.
PREPARED = "UPLOADS_DEMO_PREPARED"
SETTLE_EVERY_SECONDS = 5.0


class Command(BaseCommand):
    help = "Try it all on this machine: site on PORT (8000), embedded OSS on OSS_PORT (9000), data in DATA_DIR (var)."
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it; run below, when prepared.

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is for trying it out and runs with DEBUG=true only.")
        try:
            place = DemoPlace.from_environment(os.environ)
        except ValueError as error:
            raise CommandError("PORT and OSS_PORT are numbers from 0 to 65535.") from error
        if not os.environ.get(PREPARED):
            # The settings are read already: begin again, as the same process, with the demo's environment.
            environment = demo_environment(os.environ, place) | {PREPARED: "1"}
            os.execve(sys.executable, [sys.executable, sys.argv[0], "demo"], environment)  # noqa: S606 - ourselves.
        call_command("migrate", verbosity=0)
        password = kept_secret(place.data_dir / "demo-password")
        self._serve(place, seed(password), password)

    def _serve(self, place: DemoPlace, page: UploadPage, password: str) -> None:
        stop = threading.Event()
        with held_stop_signals() as wait_for_signal, ExitStack() as running:
            _start(running, OssServer(_embedded_oss(place), port=place.oss_port), place.oss_port)
            _start(running, HttpServer(get_wsgi_application(), port=place.port), place.port)
            settling = threading.Thread(
                target=settle_forever,
                kwargs={"every_seconds": SETTLE_EVERY_SECONDS, "wait": stop.wait},
                name="settle",
            )
            settling.start()
            running.callback(settling.join)
            running.callback(stop.set)
            self._announce(place, page, password)
            wait_for_signal()

    def _announce(self, place: DemoPlace, page: UploadPage, password: str) -> None:
        site = place.site_origins[0]
        for line in (
            f"Upload page: {site}{page.link_path()}",
            f"Staff: {site}/staff/",
            f"Admin: {site}/admin/",
            f"Sign in as: {USER_NAME} / {password}",
        ):
            self.stdout.write(line)
        self.stdout.flush()


def _start(running: ExitStack, server: HttpServer, port: int) -> None:
    try:
        running.enter_context(server)
    except OSError as error:
        raise CommandError(f"Port {port} cannot be used ({error}). Set PORT or OSS_PORT to another one.") from error


def _embedded_oss(place: DemoPlace) -> LocalOss:
    credentials = Credentials(settings.OSS_ACCESS_KEY_ID, settings.OSS_ACCESS_KEY_SECRET)
    app = LocalOss(place.data_dir / "oss", credentials=credentials, region=REGION)
    app.create_bucket(BUCKET)
    rule = CorsRule(
        allowed_origins=place.site_origins,
        allowed_methods=("PUT",),
        allowed_headers=("*",),
        expose_headers=("ETag", "x-oss-request-id", "x-oss-hash-crc64ecma", "x-oss-ec"),
        max_age_seconds=600,
    )
    app.set_cors(BUCKET, [rule], response_vary=True)
    return app
