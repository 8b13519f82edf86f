import { crc64, decimal, START } from "/static/uploads/js/engine/crc64.js";
import { Checksums } from "/static/uploads/js/engine/checksum.js";
import { equal } from "./assert.js";

const WORKER = "/static/uploads/js/engine/crc64-worker.js";

async function vectors() {
  return (await fetch("/tests/js/crc64.json")).json();
}

function made(length, seed) {
  return Uint8Array.from({ length }, (_, index) => 31 * index + seed);
}

export async function it_agrees_with_another_implementation() {
  const { check, rows } = await vectors();
  equal(decimal(crc64(new TextEncoder().encode("123456789"))), check);
  for (const [length, seed, crc] of rows) equal(decimal(crc64(made(length, seed))), crc, length);
}

export async function it_may_be_made_in_pieces_of_any_length_that_begin_anywhere() {
  const { rows } = await vectors();
  const [length, seed, crc] = rows.find(([length]) => length === 65_537);
  const bytes = made(length, seed);
  for (const cut of [1, 2, 3, 5, 7, 8, 9, 4096, 65_536]) {
    equal(decimal(crc64(bytes.subarray(cut), crc64(bytes.subarray(0, cut)))), crc, cut);
  }
}

export function it_is_nought_for_nothing() {
  equal(decimal(crc64(new Uint8Array(0))), "0");
  equal(decimal(START), "0");
}

export async function it_reads_a_file_of_many_pieces_in_a_worker() {
  const { rows } = await vectors();
  const [length, seed, crc] = rows.at(-1);
  equal(await new Checksums(WORKER).of(new Blob([made(length, seed)])), crc);
  const twenty = new Uint8Array(20 * 1024 * 1024 + 3).fill(7);
  equal(await new Checksums(WORKER).of(new Blob([twenty])), decimal(crc64(twenty)));
}

export async function it_reads_several_files_at_a_time() {
  const { rows } = await vectors();
  const checksums = new Checksums(WORKER);
  const made_ = await Promise.all(rows.map(([length, seed]) => checksums.of(new Blob([made(length, seed)]))));
  equal(made_, rows.map(([, , crc]) => crc));
}

export async function it_does_without_where_no_worker_runs() {
  equal(await new Checksums(null).of(new Blob(["abc"])), null);
  equal(await new Checksums("/tests/js/nowhere.js").of(new Blob(["abc"])), null);
}

export async function it_stops_reading_what_nobody_wants_any_more() {
  let pieces = 0;
  const blob = new Blob([new Uint8Array(120 * 1024 * 1024)]);
  equal(await new Checksums(WORKER).of(blob, () => (pieces += 1) < 3), null);
  equal(pieces, 3);
}
