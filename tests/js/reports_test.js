import { ApiError } from "/static/uploads/js/engine/grants-api.js";
import { Reports } from "/static/uploads/js/engine/reports.js";
import { Upload } from "/static/uploads/js/engine/upload.js";
import { equal } from "./assert.js";
import { pass, stopClock } from "./clock.js";
import { fakeApi, file } from "./fakes.js";

function reportsOf(api) {
  return new Reports(api, { isIdle: true }, (upload, answer) => upload.hear(answer));
}

function sentUpload({ wasTaken = true } = {}) {
  const upload = new Upload(file());
  upload.id = crypto.randomUUID();
  upload.move("sending");
  upload.wasTaken = wasTaken;
  upload.move("checking");
  return upload;
}

/** A server that does not know yet; `at` has the seconds at which it was asked. */
function undecided() {
  const began = Date.now();
  const at = [];
  const api = fakeApi({
    status: async (ids, { said }) => {
      at.push((Date.now() - began) / 1000);
      return ids.map((id) => said(id, "checking"));
    },
  });
  return { api, at };
}

const undecidedAnswer = ({ id }) => ({ id, file_state: "checking", retry: null });

export async function it_asks_less_and_less_often() {
  stopClock();
  const { api, at } = undecided();
  const upload = sentUpload();
  reportsOf(api).hear(upload, undecidedAnswer(upload));
  await pass(46_000);
  equal(at, [1, 3, 7, 15, 25, 35, 45]);
}

export async function it_does_not_ask_while_nobody_looks_and_at_once_when_somebody_does() {
  stopClock();
  const { api, at } = undecided();
  const upload = sentUpload();
  const reports = reportsOf(api);
  reports.setHidden(true);
  reports.hear(upload, undecidedAnswer(upload));
  await pass(60_000);
  equal(at, []);
  reports.setHidden(false);
  await pass(0);
  equal(at, [60]);
}

export async function it_stops_asking_when_the_server_has_decided() {
  stopClock();
  const api = fakeApi();
  const upload = sentUpload();
  reportsOf(api).hear(upload, undecidedAnswer(upload));
  await pass(60_000);
  equal([upload.state, api.called("status").length], ["stored", 1]);
}

export async function it_asks_about_many_files_by_turns_a_hundred_at_a_time() {
  stopClock();
  const { api } = undecided();
  const reports = reportsOf(api);
  for (let count = 0; count < 150; count += 1) {
    const upload = sentUpload();
    reports.hear(upload, undecidedAnswer(upload));
  }
  await pass(3500);
  const calls = api.called("status");
  equal([calls.map(({ length }) => length), new Set(calls.flat()).size], [[100, 100], 150]);
}

export async function it_shows_a_file_as_sent_after_15_seconds() {
  stopClock();
  const upload = sentUpload();
  reportsOf(undecided().api).expect(upload);
  await pass(14_999);
  equal(upload.state, "checking");
  await pass(1);
  equal(upload.state, "sent");
}

export async function it_never_calls_a_file_sent_that_the_storage_has_not_taken() {
  stopClock();
  const upload = sentUpload({ wasTaken: false });
  reportsOf(undecided().api).expect(upload);
  await pass(3_600_000);
  equal(upload.state, "checking");
}

export async function it_does_not_ask_for_ever_a_server_that_refuses_the_whole_call() {
  stopClock();
  let calls = 0;
  const status = async () => {
    calls += 1;
    throw new ApiError("not_found", "There is nothing here.", { status: 404 });
  };
  const upload = sentUpload();
  const reports = new Reports(fakeApi({ status }), { isIdle: true }, (upload, { error, ...answer }) =>
    error ? upload.fail(error) : upload.hear(answer),
  );
  reports.hear(upload, undecidedAnswer(upload));
  await pass(60_000);
  equal([upload.state, upload.cause.message, calls], ["failed", "There is nothing here.", 1]);
}
