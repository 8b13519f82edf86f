import { identify } from "/static/uploads/js/engine/identity.js";
import { Tally } from "/static/uploads/js/engine/progress.js";
import { Upload } from "/static/uploads/js/engine/upload.js";
import { equal, ok, throws } from "./assert.js";
import { file } from "./fakes.js";

function uploadThatIs(...states) {
  const upload = new Upload(file());
  for (const state of states) upload.move(state);
  return upload;
}

const word = (upload, state, more = {}) => ({ id: upload.id, file_state: state, retry: null, ...more });

export function it_refuses_moves_that_make_no_sense() {
  throws(() => uploadThatIs("sending", "checking", "stored").move("sending"), "Unexpected move from stored to sending");
  throws(() => uploadThatIs("sending").move("stored"), "from sending to stored");
}

export function it_is_stored_by_the_word_of_the_server() {
  const upload = uploadThatIs("sending", "checking");
  upload.hear(word(upload, "stored", { stored_at: "2026-11-23T14:29:00Z" }));
  equal([upload.state, upload.storedAt.toISOString()], ["stored", "2026-11-23T14:29:00.000Z"]);
}

export function it_is_not_touched_by_a_late_answer_while_it_is_sent_again() {
  const upload = uploadThatIs("sending", "checking");
  upload.hear(word(upload, "failed", { retry: "same" }));
  upload.restart();
  upload.hear(word(upload, "failed", { retry: "same" }));
  equal(upload.state, "waiting");
  upload.move("sending");
  upload.hear(word(upload, "stored"));
  equal(upload.state, "sending");
}

export function it_does_not_hear_what_is_said_of_another_id() {
  const upload = uploadThatIs("sending", "checking");
  upload.hear({ ...word(upload, "stored"), id: "another" });
  equal(upload.state, "checking");
}

export function it_keeps_its_id_or_takes_a_new_one_as_the_server_says() {
  const same = uploadThatIs("sending", "checking");
  const { id } = same;
  same.hear(word(same, "failed", { retry: "same" }));
  same.restart();
  equal([same.id, same.retryOf], [id, undefined]);
  same.fail({ code: "x", message: "" }, "new");
  same.restart();
  equal([same.id === id, same.retryOf === id], [false, true]);
}

export function it_may_turn_out_stored_after_it_was_cancelled() {
  const upload = uploadThatIs("sending", "cancelled");
  upload.hear(word(upload, "stored"));
  equal(upload.state, "stored");
}

export function it_cannot_be_cancelled_once_it_was_sent() {
  equal(["checking", "sent", "stored"].map((state) => Object.assign(new Upload(file()), { state }).canCancel), [
    false, false, false,
  ]);
}

export function it_sums_up_the_queue() {
  const tally = new Tally();
  const upload = new Upload(file());
  upload.onMove = (from) => tally.move(upload, from, upload.state);
  const states = [tally.state];
  tally.move(upload, null, "waiting");
  for (const state of ["waiting", "sending", "checking", "sent", "stored"]) {
    if (state !== "waiting") upload.move(state);
    states.push(tally.state);
  }
  upload.move("mismatch");
  equal([...states, tally.state, tally.bytes("mismatch")], [
    "idle", "working", "working", "working", "working", "done", "attention", 5,
  ]);
  tally.move(upload, "mismatch", null);
  equal([tally.state, tally.files("mismatch"), tally.bytes("mismatch")], ["idle", 0, 0]);
}

export async function it_has_an_id_that_is_the_same_for_the_same_file_alone() {
  const ids = ["a.txt", "a.txt", "b.txt"].map(async (name) => {
    const upload = new Upload(file(name));
    await identify(upload);
    return upload.id;
  });
  const [one, again, other] = await Promise.all(ids);
  ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(one), one);
  equal([one === again, one === other], [true, false]);
}
