import { Batch } from "/static/uploads/js/lib/batch.js";
import { readOssError } from "/static/uploads/js/lib/oss-error.js";
import { wordsOf } from "/static/uploads/js/lib/words.js";
import { splitName } from "/static/uploads/js/ui/file-row.js";
import { timeLimitMs } from "/static/uploads/js/engine/lane-rate.js";
import { equal, ok } from "./assert.js";
import { pass, stopClock } from "./clock.js";

export async function it_sends_the_first_at_once_and_gathers_what_comes_soon_after() {
  stopClock();
  const sent = [];
  const batch = new Batch(async (items) => sent.push(items), () => false);
  batch.add(1);
  await pass(0);
  equal(sent, [[1]]);
  batch.add(2);
  await pass(200);
  batch.add(3);
  await pass(49);
  equal(sent, [[1]]);
  await pass(1);
  equal(sent, [[1], [2, 3]]);
}

export async function it_waits_for_no_others_after_the_last() {
  stopClock();
  const sent = [];
  let isLast = false;
  const batch = new Batch(async (items) => sent.push(items), () => isLast);
  for (const item of [1, 2]) {
    batch.add(item);
    await pass(0);
  }
  equal(sent, [[1]]);
  isLast = true;
  batch.add(3);
  await pass(0);
  equal(sent, [[1], [2, 3]]);
}

export async function it_sends_a_hundred_at_once() {
  stopClock();
  const sent = [];
  const batch = new Batch(async (items) => sent.push(items.length), () => false);
  for (let item = 0; item < 250; item += 1) batch.add(item);
  await pass(250);
  equal(sent, [100, 100, 50]);
}

export async function it_gathers_on_while_two_requests_travel() {
  stopClock();
  const arrivals = [];
  const sent = [];
  const batch = new Batch((items) => {
    sent.push(items);
    return new Promise((arrive) => arrivals.push(arrive));
  }, () => false);
  for (const item of [1, 2, 3, 4]) {
    batch.add(item);
    await pass(250);
  }
  equal([sent, batch.unconfirmed], [[[1], [2]], [1, 2, 3, 4]]);
  arrivals[0]();
  await pass(0);
  equal([sent[2], batch.unconfirmed], [[3, 4], [2, 3, 4]]);
}

export async function it_shows_sizes_as_the_server_does() {
  const { size } = wordsOf({}, "en");
  const table = await (await fetch("/tests/js/sizes.json")).json();
  for (const [bytes, shown] of table) equal(size(bytes).replace("\u00a0", " "), shown, bytes);
}

export function it_keeps_the_end_of_a_name() {
  equal(splitName("starboard-frame-42-close-up-with-scale-bar.jpg")[1], "cale-bar.jpg");
  equal(splitName("右舷四十二号肋骨近景含比例尺.jpg")[1], "比例尺.jpg");
  equal(splitName("short.jpg"), ["", "short.jpg"]);
  equal(splitName("تقرير الفحص السنوي.pdf"), ["تقرير الفحص السنوي.pdf", ""]);
}

export function it_does_not_cut_through_a_sign() {
  for (const name of ["x".repeat(20) + "e\u0301" + "y".repeat(11), "x👩‍👩‍👧".repeat(6), "😀".repeat(20)]) {
    const [head, tail] = splitName(name);
    equal(head + tail, name);
    ok(!/^[\p{M}\u200d]/u.test(tail) && !/^[\udc00-\udfff]/.test(tail), `${tail} begins inside a sign`);
  }
}

export async function it_reads_code_ec_and_request_id() {
  const body = `<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><RequestId>65F1</RequestId>
    <StringToSign>OSS4 &lt;EC&gt;9&lt;/EC&gt;</StringToSign><EC>0002-00000201</EC></Error>`;
  const said = await readOssError(new Response(body, { status: 403 }));
  equal(said, { code: "SignatureDoesNotMatch", ec: "0002-00000201", request_id: "65F1" });
}

const CANONICAL = `PUT
/bucket/a.txt
x-oss-credential=LTAI5tKey%2F20261120%2Fcn%2Foss&amp;x-oss-date=1&amp;x-oss-security-token=CAIS%2Ft0ken&amp;x-oss-expires=9
content-type:text/html
x-oss-security-token:CAIS/t0ken

UNSIGNED-PAYLOAD`;

export async function it_hands_on_what_was_signed_without_its_secrets() {
  const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${CANONICAL}</CanonicalRequest></Error>`;
  const { evidence } = await readOssError(new Response(body, { status: 403 }));
  ok(!/LTAI|CAIS|t0ken/.test(evidence), evidence);
  const lines = JSON.parse(evidence).canonical_request.split("\n");
  equal(lines.slice(2, 5), [
    "x-oss-credential=…%2F20261120%2Fcn%2Foss&amp;x-oss-date=1&amp;x-oss-security-token=…&amp;x-oss-expires=9",
    "content-type:text/html",
    "x-oss-security-token:…",
  ]);
}

export async function it_hands_on_4_kilobytes_at_most() {
  const body = `<Error><CanonicalRequest>${"x".repeat(8000)}</CanonicalRequest></Error>`;
  const { evidence } = await readOssError(new Response(body, { status: 403 }));
  ok(evidence.length < 4200, `${evidence.length} characters`);
}

export async function it_prefers_the_header_to_a_body_that_is_too_long() {
  const body = `<Error><Code>AccessDenied</Code><Long>${"x".repeat(100_000)}</Long><EC>1-1</EC></Error>`;
  const headers = { "x-oss-ec": "0003-00000001" };
  equal(await readOssError(new Response(body, { status: 403, headers })), {
    code: "AccessDenied", ec: "0003-00000001",
  });
}

export async function it_reads_at_most_8_kilobytes_of_an_error() {
  let pulled = 0;
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array((pulled += 1, 1024))) });
  await readOssError(new Response(endless, { status: 500 }));
  ok(pulled < 12, `${pulled} kilobytes`);
}

export async function it_survives_an_error_that_breaks_off() {
  const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError("network")) });
  equal(await readOssError(new Response(broken, { status: 500 })), {});
}

export function it_fills_in_names_and_finds_the_form_for_a_number() {
  const texts = { "n.one": { textContent: "One of {total}" }, "n.other": { textContent: "{n} of {total} {else}" } };
  const { plural, text } = wordsOf(texts, "en");
  equal([plural("n", 1, { total: "7" }), plural("n", 2, { n: "2", total: "7" })], ["One of 7", "2 of 7 {else}"]);
  equal(text("not there"), "not there");
}

export function it_gives_a_put_time_after_its_size() {
  equal([timeLimitMs(0), timeLimitMs(16 * 1024 * 60)], [30_000, 90_000]);
}
