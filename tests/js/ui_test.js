import { wordsOf } from "/static/uploads/js/lib/words.js";
import { wakeLock } from "/static/uploads/js/ui/device.js";
import { shownFiles } from "/static/uploads/js/ui/file-list.js";
import { folderOf, gather, gatheredText } from "/static/uploads/js/ui/dropzone.js";
import { announcer } from "/static/uploads/js/ui/page-status.js";
import { equal, ok } from "./assert.js";
import { settled } from "./clock.js";

/** Words that show which text was asked for, and what was filled in. */
function wordsWith(texts, language = "en") {
  const elements = Object.entries(texts).map(([name, textContent]) => [name, { textContent }]);
  return wordsOf(Object.fromEntries(elements), language);
}

const uploadsIn = (...states) => new Set(states.map((state, number) => ({ number, state })));
const numbers = (uploads) => uploads.map(({ number }) => number);

export function it_shows_few_files_in_the_order_in_which_they_were_chosen() {
  equal(numbers(shownFiles(uploadsIn("stored", "waiting", "failed", "sending"), 0)), [0, 1, 2, 3]);
}

export function it_shows_of_many_files_first_what_needs_the_visitor_then_what_moves() {
  const states = Array(300).fill("waiting");
  const others = { 7: "stored", 8: "cancelled", 150: "sending", 200: "paused", 250: "mismatch", 299: "failed" };
  Object.assign(states, others);
  const shown = numbers(shownFiles(uploadsIn(...states), 0));
  equal([shown.length, shown.slice(0, 6)], [200, [250, 299, 150, 200, 0, 1]]);
  equal(numbers(shownFiles(uploadsIn(...states), 1)).slice(-2), [7, 8]);
}

export function it_has_every_file_on_one_of_its_pages() {
  const uploads = uploadsIn(...Array(450).fill("stored"));
  equal([0, 1, 2, 3].map((page) => shownFiles(uploads, page).length), [200, 200, 50, 0]);
}

/** A folder as a drop gives it, with its entries in batches of a hundred. An object among them is a folder. */
function folder(fullPath, content) {
  const entries = Object.entries(content).map(([name, inside]) => {
    const make = typeof inside === "string" ? fileEntry : folder;
    return make(`${fullPath}/${name}`, inside);
  });
  const readEntries = (resolve) => resolve(entries.splice(0, 100));
  return { isFile: false, isDirectory: true, fullPath, createReader: () => ({ readEntries }) };
}

/** A file; one without content cannot be read. */
function fileEntry(fullPath, content) {
  const file = (resolve, reject) =>
    content ? resolve(new File([content], fullPath.split("/").pop())) : reject(new Error("locked"));
  return { isFile: true, isDirectory: false, fullPath, file };
}

async function gathered(...entries) {
  const found = [];
  const sums = await gather(entries, (more) => found.push(...more));
  return { sums, paths: found.map(({ file, path }) => [path, file.name]) };
}

export async function it_opens_folders_in_folders_and_keeps_their_paths() {
  const box = folder("/box", { "a.txt": "a", deep: { er: { "b.txt": "b" } } });
  const { paths } = await gathered(box, fileEntry("/c.txt", "c"));
  equal(paths, [["", "c.txt"], ["box", "a.txt"], ["box/deep/er", "b.txt"]]);
}

export async function it_reads_a_folder_to_its_end() {
  const names = Array.from({ length: 250 }, (_, number) => [`${number}.txt`, "x"]);
  const { sums } = await gathered(folder("/box", Object.fromEntries(names)));
  equal(sums, { files: 250, leftOut: 0, unreadable: 0 });
}

export async function it_leaves_out_what_systems_put_into_folders() {
  const box = folder("/box", { ".DS_Store": "x", "thumbs.db": "x", "Desktop.ini": "x", "a.ini": "x" });
  const { sums, paths } = await gathered(box);
  equal([paths, sums.leftOut], [[["box", "a.ini"]], 3]);
}

export async function it_counts_what_cannot_be_read_and_goes_on() {
  const locked = folder("/locked", {});
  locked.createReader = () => ({ readEntries: (_, reject) => reject(new Error("locked")) });
  const { sums, paths } = await gathered(locked, folder("/box", { "a.txt": "", "b.txt": "b" }));
  equal([paths, sums.unreadable], [[["box", "b.txt"]], 2]);
}

export function it_says_what_is_not_in_the_list() {
  const words = wordsWith({
    "gathered.empty": "Empty.", "gathered.left-out.other": "{count} left.", "gathered.unreadable.one": "One.",
  });
  equal(gatheredText({ files: 3, leftOut: 0, unreadable: 0 }, words), "");
  equal(gatheredText({ files: 0, leftOut: 1200, unreadable: 0 }, words), "Empty. 1,200 left.");
  equal(gatheredText({ files: 0, leftOut: 0, unreadable: 1 }, words), "One.");
}

export function it_knows_the_folder_of_a_path() {
  equal(["/a.txt", "a.txt", "", "/x/a.txt", "x/y z/a.txt"].map(folderOf), ["", "", "", "x", "x/y z"]);
}

export function it_says_how_long_it_takes_so_coarsely_that_it_stands_still() {
  const texts = { "speed.rate": "", "speed.left": "{time}" };
  const time = (seconds, language) => wordsWith(texts, language).speed(1, seconds).replace(" · ", "");
  equal([1, 7, 41, 89, 131, 5399, 7000, 90_000].map((seconds) => time(seconds)), [
    "5 seconds", "5 seconds", "40 seconds", "90 seconds", "2 minutes", "90 minutes", "2 hours", "25 hours",
  ]);
  equal(time(131, "zh-hans").replace(" ", ""), "2分钟");
}

export function it_shows_no_speed_before_one_was_measured() {
  const { speed } = wordsWith({ "speed.rate": "{size}/s", "speed.left": "about {time} left" });
  equal(speed(null, 1), "");
  equal(speed(12_163_481, 0), "11.6\u00a0MB/s");
  equal(speed(12_163_481, 131 * 12_163_481), "11.6\u00a0MB/s · about 2 minutes left");
}

/** All that is said while the sums go through these changes. */
function spoken(...changes) {
  const words = wordsWith({
    "live.sent": "{percent}%", "live.paused": "paused", "status.idle.other": "idle", "status.done.other": "all {total}",
    "status.working.other": "{problems} need you", "status.working.one": "one needs you",
  });
  const live = document.createElement("p");
  const announce = announcer({ live }, words);
  let sums = { state: "working", total: 4, problems: 0, percent: 0, isPaused: false };
  const said = changes.map((change) => {
    sums = { ...sums, ...change };
    announce(sums);
    return live.textContent;
  });
  return said.filter((text, place) => text && text !== said[place - 1]);
}

export function it_reads_quarters_aloud_and_not_each_per_cent() {
  const percents = Array.from({ length: 101 }, (_, percent) => ({ percent }));
  equal(spoken(...percents, { state: "done" }), ["25%", "50%", "75%", "100%", "all 4"]);
}

export function it_reads_aloud_that_a_file_needs_the_visitor_and_that_sending_is_paused() {
  const changes = [{ percent: 10 }, { problems: 1 }, { percent: 12 }, { isPaused: true }, { isPaused: false }];
  equal(spoken(...changes, { problems: 2 }), ["one needs you", "paused", "2 need you"]);
}

/** Takes the place of `navigator.wakeLock`. */
function fakeWakeLock() {
  const locks = [];
  const request = async () => {
    const lock = { isHeld: true, release: () => (lock.isHeld = false) };
    locks.push(lock);
    return lock;
  };
  Object.defineProperty(navigator, "wakeLock", { value: { request } });
  return () => locks.map(({ isHeld }) => isHeld);
}

export async function it_keeps_the_screen_awake_only_while_bytes_move() {
  const held = fakeWakeLock();
  const queue = { isMoving: false };
  const look = wakeLock(queue);
  for (const isMoving of [false, true, true, false]) {
    queue.isMoving = isMoving;
    look();
  }
  await settled();
  equal(held(), [false]);
}

export async function it_takes_the_screen_again_when_the_page_is_shown_again() {
  const held = fakeWakeLock();
  const look = wakeLock({ isMoving: true });
  look();
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  look();
  Object.defineProperty(document, "hidden", { value: false });
  look();
  await settled();
  equal(held(), [false, true]);
}

export function it_does_without_a_wake_lock_where_there_is_none() {
  Object.defineProperty(navigator, "wakeLock", { value: undefined });
  const look = wakeLock({ isMoving: true });
  ok(look() === undefined && look() === undefined, "it threw");
}
