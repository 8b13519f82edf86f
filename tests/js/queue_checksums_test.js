import { equal, ok } from "./assert.js";
import { pass, settled, stopClock } from "./clock.js";
import { answerPuts, entries, fakeApi, file, holdPuts, queueOn } from "./fakes.js";

export async function it_reports_the_checksum_of_what_it_sent() {
  stopClock();
  answerPuts();
  const api = fakeApi();
  const queue = queueOn(api);
  queue.add(entries(file("a.txt", "123456789"), file("nothing.txt", "")));
  await pass(200);
  equal(api.called("results").flat().map(({ crc64 }) => crc64), ["11051210869376104954", "0"]);
}

/** In real time: the worker knows no other. */
async function until(condition) {
  for (let turn = 0; turn < 500 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  ok(condition(), "It did not come about.");
}

/** What workers say from now on: of each file once while it is sent, and again when it is looked at once more. */
function answersOfWorkers() {
  const answers = [];
  globalThis.Worker = class extends Worker {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", ({ data }) => answers.push(data));
    }
  };
  return answers;
}

async function mismatchOf(changing, change) {
  answerPuts();
  const api = fakeApi({
    results: async ([{ id }], { said }) => {
      change();
      return [said(id, "mismatch", { retry: "new", cause: { code: "differs", message: "It differs." } })];
    },
  });
  const queue = queueOn(api, { checksumWorker: "/static/uploads/js/engine/crc64-worker.js" });
  queue.add(entries(changing));
  const [upload] = queue.uploads;
  await until(() => upload.state === "mismatch");
  return upload;
}

export async function it_says_that_the_file_changed_where_the_disk_differs_from_what_was_sent() {
  const changing = new File(["a".repeat(200_000)], "a.txt");
  const other = new Blob(["b".repeat(200_000)]);
  const upload = await mismatchOf(changing, () => (changing.slice = (from, to) => other.slice(from, to)));
  await until(() => upload.cause.code === "file_changed");
  equal(upload.canRetry, false);
}

export async function it_leaves_the_servers_cause_where_the_disk_is_as_it_was() {
  const same = new File(["a".repeat(200_000)], "a.txt");
  const answers = answersOfWorkers();
  const upload = await mismatchOf(same, () => {});
  await until(() => answers.length === 2);
  await settled();
  equal([upload.cause.code, upload.canRetry], ["differs", true]);
}

export async function it_fails_where_the_checksum_finds_that_the_file_cannot_be_read() {
  holdPuts();
  const shrunk = new File(["a".repeat(200_000)], "a.txt");
  const queue = queueOn(fakeApi(), { checksumWorker: "/tests/js/unreadable-worker.js" });
  queue.add(entries(shrunk));
  const [upload] = queue.uploads;
  await until(() => upload.state === "failed");
  equal([upload.cause.code, upload.canRetry], ["file_changed", false]);
}
