"""The whole life of grants as a state machine: whatever happens in whatever order, the accounts are right.

Site and storage are real, over a socket; the time of both moves together.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from django.db.models import Sum
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from tests.app.conftest import Visitor, a_file, put, row
from tests.app.sending_parts import put_part
from tests.conftest import BUCKET, CREDENTIALS, REGION
from tests.factories import make_page
from uploads.localoss.app import LocalOss
from uploads.localoss.errors import Cause, Refusal
from uploads.models import GrantEvent, UploadGrant
from uploads.models.grants import NEXT_STATES
from uploads.settle import settle_due
from uploads.storage import storage

MOST_FILES = 6
reports = st.sampled_from(
    [
        {"status": 200},
        {"status": None},
        {"status": 409, "code": "FileAlreadyExists"},
        {"status": 403, "code": "SignatureDoesNotMatch"},
        {"status": 403, "code": "AccessDenied", "ec": "0002-00000236"},
        {"status": 500},
        {"status": 200, "crc64": "1"},
    ]
)
jumps = st.sampled_from([1, 3, 70, 16 * 60, 41 * 60, 25 * 3600])


class Lives(RuleBasedStateMachine):
    """Two browsers on one page with little room; answers are kept and used again, out of date."""

    answers = Bundle("answers")

    def __init__(self):
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.undo.callback(transaction.set_rollback, True)
        self.clock = self.undo.enter_context(time_machine.travel("2026-11-20T10:00:00Z", tick=True))
        self.states = {}
        self.released = Counter()

    @initialize()
    def begin(self):
        folder = self.undo.enter_context(tempfile.TemporaryDirectory())
        self.server.app = LocalOss(Path(folder), credentials=CREDENTIALS, region=REGION)
        self.server.app.create_bucket(BUCKET)
        self.undo.enter_context(override_settings(OSS_ENDPOINT=self.server.url))
        self.page = make_page(max_files=MOST_FILES)
        self.visitors = [Visitor(self.page), Visitor(self.page)]

    def teardown(self):
        self.undo.close()

    def _asked(self, who, file):
        [answer] = self.visitors[who].ask(file)
        return (who, file, answer) if "url" in answer else multiple()

    @rule(target=answers, who=st.sampled_from([0, 1]), size=st.integers(0, 3))
    def ask(self, who, size):
        return self._asked(who, a_file(size=size))

    @rule(target=answers, answered=answers)
    def ask_again(self, answered):
        who, file, _ = answered
        return self._asked(who, file)

    @rule(target=answers, answered=answers)
    def try_again(self, answered):
        who, file, _ = answered
        return self._asked(who, a_file(size=file["size"], retry_of=file["id"]))

    @rule(answered=answers)
    def send(self, answered):
        _, file, answer = answered
        assert put(answer, b"x" * file["size"]).status_code in {200, 403, 409}

    @rule(answered=answers, report=reports, times=st.sampled_from([1, 1, 2]))
    def report(self, answered, report, times):
        who, file, _ = answered
        for _ in range(times):
            self.visitors[who].report({"id": file["id"], **report})

    @rule(answered=answers)
    def send_and_report(self, answered):
        who, file, answer = answered
        status = put(answer, b"x" * file["size"]).status_code
        self.visitors[who].report({"id": file["id"], "status": status})

    @rule(answered=answers, is_listed=st.booleans(), is_sent=st.booleans())
    def send_in_parts(self, answered, is_listed, is_sent):
        who, file, _ = answered
        parts = [{"offset": 0, "size": file["size"]}] if file["size"] else []
        [answer] = self.visitors[who].parts({"id": file["id"], "parts": parts, "list": is_listed})
        for part in answer.get("parts", []) if is_sent else []:
            assert put_part(part, b"x" * file["size"]).status_code in {200, 404}

    @rule(answered=answers, said=st.sampled_from([{}, {}, {"crc64": "1"}]))
    def complete(self, answered, said):
        who, file, _ = answered
        self.visitors[who].complete({"id": file["id"], **said})

    @rule(answered=answers)
    def send_in_parts_and_complete(self, answered):
        self.send_in_parts(answered, is_listed=True, is_sent=True)
        self.complete(answered, {})

    @rule(answered=answers)
    def lose_the_parts(self, answered):
        """As a lifecycle rule does."""
        grant = row(answered[2])
        if grant.upload_id:
            storage().client().abort_multipart(grant.object_key, grant.upload_id)

    @rule(answered=answers)
    def ask_for_the_state(self, answered):
        who, file, _ = answered
        self.visitors[who].status(file["id"])

    @rule(answered=answers, is_sent_after=st.booleans())
    def cancel(self, answered, is_sent_after):
        who, file, answer = answered
        self.visitors[who].cancel(file["id"])
        if is_sent_after:
            put(answer, b"x" * file["size"])

    @rule(answered=answers)
    def overwrite_behind_our_back(self, answered):
        self.server.app.store.put_bytes(BUCKET, row(answered[2]).object_key, b"another content")

    @rule(answered=answers)
    def arrive_although_the_url_has_lapsed(self, answered):
        _, file, answer = answered
        granted = {"content_type": "text/plain", "x_oss_meta_grant": answer["grant"]}
        self.server.app.store.put_bytes(BUCKET, row(answer).object_key, b"x" * file["size"], **granted)

    @rule(seconds=jumps, is_settled=st.booleans())
    def wait(self, seconds, is_settled):
        self.clock.shift(seconds)
        if is_settled:
            settle_due()

    @rule(answered=answers)
    def let_it_lapse(self, answered):
        """Until it is decided; after that, until the last look."""
        grant = row(answered[2])
        moments = [moment for moment in (grant.decided_at, grant.next_check_at) if moment and moment > timezone.now()]
        if moments:
            self.clock.shift((moments[0] - timezone.now()).total_seconds() + 1)
        settle_due()

    @rule(answered=answers)
    def arrive_after_all_hope(self, answered):
        """Three steps that chance takes in this order too seldom."""
        self.let_it_lapse(answered)
        self.arrive_although_the_url_has_lapsed(answered)
        self.let_it_lapse(answered)

    @rule(is_down=st.booleans())
    def storage_comes_and_goes(self, is_down):
        def refuse(environ):
            if environ["REQUEST_METHOD"] == "HEAD":
                # An answer that is not worth another try at once: those take real time.
                raise Refusal(Cause(403, "AccessDenied", "", "As the test wants it."))

        self.server.app.intercept = refuse if is_down else None

    @invariant()
    def room_is_what_unreleased_grants_hold(self):
        self.page.refresh_from_db()
        held = UploadGrant.objects.filter(released_at=None)
        assert self.page.used_files == held.count()
        assert self.page.used_bytes == (held.aggregate(Sum("size_bytes"))["size_bytes__sum"] or 0)

    @invariant()
    def the_limit_holds_but_for_late_objects(self):
        late_again = GrantEvent.objects.filter(kind="arrived_late").count()
        assert self.page.used_files <= MOST_FILES + late_again

    @invariant()
    def only_what_the_server_has_seen_is_stored(self):
        for grant in UploadGrant.objects.filter(state="stored"):
            assert grant.checked_at
            assert (grant.stored_size_bytes, grant.stored_content_type) == (grant.size_bytes, grant.content_type)
            assert grant.stored_etag
            assert grant.stored_crc64
            assert "grant" in grant.compared

    @invariant()
    def no_state_changes_but_as_the_design_says(self):
        for grant in UploadGrant.objects.all():
            before = self.states.get(grant.pk, grant.state)
            assert before == grant.state or self._leads(before, grant.state)
            self.states[grant.pk] = grant.state

    @invariant()
    def room_is_given_back_at_most_once_and_late_enough(self):
        for event in GrantEvent.objects.filter(kind="released").select_related("grant"):
            assert event.at >= event.grant.url_ends_at + timedelta(minutes=25)
        counts = Counter(GrantEvent.objects.filter(kind="released").values_list("grant_id", flat=True))
        assert all(count == 1 for count in counts.values())

    @invariant()
    def what_is_open_will_be_asked_for(self):
        assert not UploadGrant.objects.filter(state__in=["issued", "reported"], next_check_at=None).exists()

    @invariant()
    def what_is_looked_at_no_more_has_left_no_parts(self):
        for grant in UploadGrant.objects.filter(next_check_at=None).exclude(parts_begun_at=None):
            assert storage().client().list_multipart_uploads(grant.object_key) == []

    @staticmethod
    def _leads(before, after):
        """Directly, or over a state that came and went between two looks of ours."""
        return any(after == to or after in NEXT_STATES[to] for to in NEXT_STATES[before])


@pytest.mark.django_db
def test_whatever_happens_the_accounts_are_right(oss):
    class LivesOnThisServer(Lives):
        server = oss

    LivesOnThisServer.TestCase.settings = settings(
        max_examples=60,
        # Twenty-five steps can be read as they are; to look for fewer takes minutes.
        phases=[Phase.reuse, Phase.generate],
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    LivesOnThisServer.TestCase().runTest()
