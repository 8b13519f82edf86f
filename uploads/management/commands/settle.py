"""`manage.py settle`: ask OSS about every grant that is due, once or in a loop."""

from __future__ import annotations

import os
import signal
import sys
from select import select
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from uploads.settle import settle_due, settle_forever


class Command(BaseCommand):
    help = "Bring grants to their end: verify what arrived, expire what cannot come any more, give back room."
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it; needs no SECRET_KEY.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--loop", type=float, metavar="SECONDS", help="Go on until SIGTERM, with so many seconds between passes."
        )
        parser.add_argument(
            "--until-stdin-ends", action="store_true", help="With --loop: stop also when standard input ends."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["loop"] is None:
            outcomes = settle_due()
            self.stdout.write(
                ", ".join(f"{count} {state}" for state, count in outcomes.items()) or "Nothing was due."
            )
            return
        # A pipe, not an Event: a signal that comes while this thread holds the Event's lock would wait for itself.
        signalled, signals = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os.write(signals, b"."))
        stops = [signalled, sys.stdin.fileno()] if options["until_stdin_ends"] else [signalled]
        settle_forever(every_seconds=options["loop"], wait=lambda seconds: bool(select(stops, [], [], seconds)[0]))
