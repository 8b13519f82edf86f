import { Memory } from "/static/uploads/js/engine/memory.js";
import { equal, ok } from "./assert.js";
import { pass, stopClock } from "./clock.js";
import { file } from "./fakes.js";

function storageWith(kept = {}) {
  return { kept, getItem: (name) => kept[name] ?? null, setItem: (name, value) => (kept[name] = value) };
}

const upload = (id, state, more = {}) => ({
  id, state, name: `${id}.txt`, path: "", file: file(), parts: null, storedAt: new Date(0), ...more,
});
const visit = (storage, path = "/u/a/") => new Memory(path, () => storage);

export async function it_shows_in_the_next_visit_what_was_stored() {
  stopClock();
  const storage = storageWith();
  visit(storage).note(upload("one", "stored"));
  await pass(1000);
  equal(visit(storage).before, [
    { id: "one", name: "one.txt", path: "", size: 5, state: "stored", storedAt: "1970-01-01T00:00:00.000Z" },
  ]);
  equal(visit(storage, "/u/other/").before, []);
}

export async function it_remembers_what_was_begun_in_parts_and_forgets_what_was_cancelled() {
  stopClock();
  const storage = storageWith();
  const memory = visit(storage);
  memory.note(upload("small", "sending"));
  memory.note(upload("large", "sending", { parts: {}, storedAt: null }));
  memory.note(upload("unwanted", "sending", { parts: {} }));
  memory.note(upload("unwanted", "cancelled", { parts: {} }));
  await pass(1000);
  equal(visit(storage).before.map(({ id, state }) => [id, state]), [["large", "sending"]]);
}

export async function it_takes_off_the_list_what_is_chosen_again() {
  stopClock();
  const storage = storageWith();
  visit(storage).note(upload("large", "sending", { parts: {} }));
  await pass(1000);
  const next = visit(storage);
  equal([next.note(upload("other", "stored")), next.note(upload("large", "stored"))], [false, true]);
  equal(next.before, []);
}

export async function it_keeps_a_hundred_the_latest_first() {
  stopClock();
  const storage = storageWith();
  const memory = visit(storage);
  for (let number = 0; number < 10_000; number += 1) memory.note(upload(`n${number}`, "stored"));
  await pass(1000);
  const { before } = visit(storage);
  equal([before.length, before[0].id, before.at(-1).id], [100, "n9999", "n9900"]);
  ok(JSON.stringify(storage.kept).length < 20_000, "it grows");
}

export async function it_does_not_write_over_what_another_tab_has_sent() {
  stopClock();
  const storage = storageWith();
  const [one, other] = [visit(storage), visit(storage)];
  one.note(upload("one", "stored"));
  await pass(1000);
  other.note(upload("other", "stored"));
  await pass(1000);
  equal(visit(storage).before.map(({ id }) => id), ["other", "one"]);
}

export async function it_works_where_nothing_may_be_kept_or_nonsense_was() {
  stopClock();
  const forbidden = new Memory("/u/a/", () => {
    throw new DOMException("", "SecurityError");
  });
  forbidden.note(upload("one", "stored"));
  await pass(1000);
  equal(forbidden.before, []);
  for (const value of ["{", "7", '{"a": 1}']) equal(visit(storageWith({ "sent-files /u/a/": value })).before, []);
}

export function it_keeps_one_key_for_a_page() {
  const storage = storageWith();
  const key = visit(storage).visitorKey();
  ok(/^[\d-]{22,41}$/.test(key), key);
  equal(visit(storage).visitorKey(), key);
  ok(visit(storage, "/u/b/").visitorKey() !== key, "another page has the same key");
}

export function it_has_a_key_for_the_visit_where_nothing_may_be_kept() {
  const forbidden = new Memory("/u/a/", () => {
    throw new DOMException("", "SecurityError");
  });
  ok(/^[\d-]{22,41}$/.test(forbidden.visitorKey()), "no key");
}

export function it_does_not_take_a_kept_value_that_is_no_key() {
  ok(/^[\d-]{22,41}$/.test(visit(storageWith({ "visitor-key /u/a/": "x\r\ny" })).visitorKey()), "took it");
}
