"""`manage.py serve` (`make serve`): web workers and settle, started again whenever they end, until it is stopped."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from uploads.readiness import reasons_not_to_serve
from uploads.site_processes import SiteProcesses, SiteProcessesError, url_of
from uploads.supervision.supervisor import GivenUpError, Supervisor

# Longer than gunicorn gives requests that run (30 s) and a round of settle gives OSS to answer (45 s).
STOP_SECONDS = 60.0


class Command(BaseCommand):
    help = (
        "Serve the site on WEB_BIND with WEB_WORKERS processes of WEB_THREADS threads, and settle every"
        " SETTLE_SECONDS. What ends or is killed is started again; SIGTERM and Ctrl-C end everything gracefully."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            processes = _processes()
            if reasons := list(reasons_not_to_serve()):
                raise CommandError("\n".join(reasons))
            with closing(processes.listener()) as listener:
                supervisor = Supervisor(
                    processes.programs(project=settings.BASE_DIR, listener=listener), stop_seconds=STOP_SECONDS
                )
                self.stdout.write(f"Site: {url_of(listener)}")
                self.stdout.flush()
                # Closed first, or new visitors would wait for workers that are about to leave.
                supervisor.run(on_stop=listener.close)
        except (SiteProcessesError, GivenUpError) as error:
            raise CommandError(str(error)) from error


def _processes() -> SiteProcesses:
    return SiteProcesses.from_texts(
        bind=settings.WEB_BIND,
        workers=settings.WEB_WORKERS,
        threads=settings.WEB_THREADS,
        settle_seconds=settings.SETTLE_SECONDS,
    )
