import { Grant, startStopwatch } from "/static/uploads/js/engine/grant.js";
import { GrantSupply } from "/static/uploads/js/engine/grant-supply.js";
import { Upload } from "/static/uploads/js/engine/upload.js";
import { equal, ok } from "./assert.js";
import { pass, settled, stopClock } from "./clock.js";
import { fakeApi, file, files, MIB, sized } from "./fakes.js";

function grantFor(seconds) {
  return new Grant({ method: "PUT", url: "", headers: {}, expires_in: seconds }, startStopwatch());
}

async function isFreshAfter(seconds, validity) {
  const grant = grantFor(validity);
  await pass(seconds * 1000);
  return grant.isFresh;
}

export async function it_is_asked_for_again_when_a_minute_or_a_fifth_is_left() {
  stopClock();
  equal([await isFreshAfter(839, 900), await isFreshAfter(841, 900)], [true, false], "15 minutes");
  equal([await isFreshAfter(47, 60), await isFreshAfter(49, 60)], [true, false], "1 minute");
}

export function it_is_used_when_it_has_just_come_however_short_its_life() {
  stopClock();
  equal(grantFor(0).isFresh, true);
}

export async function it_has_lapsed_when_only_the_wall_clock_went_on() {
  stopClock();
  const grant = grantFor(900);
  const later = Date.now() + 3_600_000;
  Date.now = () => later;
  equal(grant.isFresh, false);
}

export async function it_is_not_kept_alive_by_a_wall_clock_that_was_set_back() {
  stopClock();
  const grant = grantFor(900);
  await pass(3_600_000);
  Date.now = () => 0;
  equal(grant.isFresh, false);
}

function supplyOf(api, count) {
  const unwanted = [];
  const supply = new GrantSupply(api, { reports: { cancelled: (upload) => unwanted.push(upload) } }, () => {});
  const uploads = files(count).map((file) => new Upload(file));
  for (const upload of uploads) supply.add(upload);
  return { supply, uploads, unwanted };
}

export async function it_asks_for_20_then_for_100_and_only_when_few_are_left() {
  const api = fakeApi();
  const { supply } = supplyOf(api, 300);
  for (let turn = 0; turn < 5; turn += 1) await supply.refill();
  equal(api.called("grants").map(({ length }) => length), [20, 100]);
  for (let taken = 0; taken < 80; taken += 1) supply.take(() => true);
  await supply.refill();
  equal(api.called("grants").map(({ length }) => length), [20, 100, 100]);
}

export async function it_asks_one_batch_at_a_time() {
  const api = fakeApi();
  const { supply } = supplyOf(api, 300);
  await Promise.all([supply.refill(), supply.refill()]);
  equal(api.called("grants").length, 1);
}

export async function it_asks_again_for_what_lapsed_and_puts_it_first() {
  stopClock();
  const api = fakeApi();
  const { supply, uploads } = supplyOf(api, 25);
  await supply.refill();
  await pass(890_000);
  equal(supply.take(() => true), null);
  await supply.refill();
  equal(api.called("grants")[1].map(({ id }) => id), uploads.map(({ id }) => id));
}

export async function it_asks_anew_for_a_file_that_was_given_up_while_it_waited() {
  let isGivenUp = true;
  const api = fakeApi({
    grants: async (asked, { said, issued }) => {
      const answers = asked.map((file) => (isGivenUp ? said(file.id, "failed", { retry: "new" }) : issued(file)));
      isGivenUp = false;
      return answers;
    },
  });
  const { supply, uploads } = supplyOf(api, 1);
  await supply.refill();
  await supply.refill();
  const [[first], [second]] = api.called("grants");
  equal([second.retry_of, second.id === first.id], [first.id, false]);
  equal(supply.take(() => true) === uploads[0], true);
}

export async function it_does_not_wait_for_ever_for_a_file_that_cannot_be_read() {
  stopClock();
  const { supply, uploads } = supplyOf(fakeApi(), 3);
  uploads[1].file.arrayBuffer = () => new Promise(() => {});
  const asked = supply.refill();
  await pass(29_999);
  equal(supply.take(() => true), null);
  await pass(1);
  await asked;
  equal(uploads.map(({ state, cause }) => cause?.code ?? state), ["waiting", "file_gone", "waiting"]);
  equal([supply.take(() => true), supply.take(() => true)].map(({ name }) => name), ["file-0.txt", "file-2.txt"]);
}

export async function it_does_not_send_a_small_file_that_has_become_shorter() {
  const { supply, uploads } = supplyOf(fakeApi(), 1);
  uploads[0].file.arrayBuffer = async () => new ArrayBuffer(1);
  await supply.refill();
  equal(uploads[0].cause.code, "file_changed");
}

export async function it_knows_of_a_grant_that_came_while_the_file_was_paused() {
  const pauseAll = () => uploads.forEach((upload) => upload.move("paused"));
  const grants = async (asked, { issued }) => asked.map((file) => (pauseAll(), issued(file)));
  const { supply, uploads } = supplyOf(fakeApi({ grants }), 1);
  await supply.refill();
  equal([uploads[0].isGranted, uploads[0].grant], [true, null]);
}

export async function it_says_why_a_file_is_refused_and_goes_on_with_the_others() {
  const api = fakeApi({
    grants: async (asked, { issued }) =>
      asked.map((file, at) =>
        at === 1 ? { id: file.id, error: { code: "too_large", message: "Too large." } } : issued(file),
      ),
  });
  const { supply, uploads } = supplyOf(api, 3);
  await supply.refill();
  equal([uploads[1].state, uploads[1].cause.message, uploads[1].canRetry], ["failed", "Too large.", false]);
  equal([supply.take(() => true), supply.take(() => true)].map(({ name }) => name), ["file-0.txt", "file-2.txt"]);
}

export async function it_gives_back_a_grant_that_came_for_a_cancelled_file() {
  const { supply, uploads, unwanted } = supplyOf(
    fakeApi({
      grants: async (asked, { issued }) => {
        uploads[0].move("cancelled");
        return asked.map((file) => issued(file));
      },
    }),
    1,
  );
  await supply.refill();
  equal([unwanted.length, supply.take(() => true)], [1, null]);
}

async function idsOf(...files) {
  const api = fakeApi();
  const supply = new GrantSupply(api, {}, () => {});
  for (const [file, path] of files) supply.add(new Upload(file, path));
  await supply.refill();
  return api.called("grants")[0].map(({ id }) => id);
}

export async function it_asks_for_the_same_file_under_the_same_id_in_another_visit() {
  equal(await idsOf([file("a.txt")], [sized(9 * MIB)]), await idsOf([file("a.txt")], [sized(9 * MIB)]));
}

export async function it_knows_files_apart_by_name_folder_date_size_and_content() {
  const ids = await idsOf(
    [file("a.txt")], [file("b.txt")], [file("a.txt"), "folder"], [file("a.txt", "hello", { lastModified: 2 })],
    [file("a.txt", "jello")], [sized(9 * MIB)], [sized(10 * MIB)], [file("a.txt", "x".repeat(200_000))],
    [file("a.txt", "x".repeat(100_000) + "y" + "x".repeat(99_999))],
  );
  equal(new Set(ids).size, 9);
  ok(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)), ids);
}

export async function it_uses_no_id_twice_in_a_visit() {
  const [first, second] = await idsOf([file("a.txt")], [file("a.txt")]);
  equal(first === second, false);
}
