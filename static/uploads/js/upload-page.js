/** The visitor's page: makes the engine and the interface and joins them by events. */

import { GrantsApi } from "./engine/grants-api.js";
import { Memory } from "./engine/memory.js";
import { Queue } from "./engine/queue.js";
import { Patience } from "./engine/retry.js";
import { find, on, partsOf, show } from "./lib/dom.js";
import { formats } from "./lib/format.js";
import { visitorKey } from "./lib/ids.js";
import { readMessages } from "./lib/messages.js";
import { connectionNotice } from "./ui/connection-notice.js";
import { Dropzone } from "./ui/dropzone.js";
import { FileList } from "./ui/file-list.js";
import { gather, gatheredText } from "./ui/gather.js";
import { pageStatus } from "./ui/page-status.js";
import { showPastFiles } from "./ui/past-files.js";
import { wakeLock } from "./ui/wake-lock.js";

/**
 * @typedef {Record<string, any>} Parts
 * @typedef {import("./lib/format.js").Words} Words
 */

start();

function start() {
  const { api: base, checksum_worker: checksumWorker } = JSON.parse(find("#upload-config").textContent);
  const language = document.documentElement.lang;
  const words = { ...formats(language), ...readMessages(find("#upload-texts"), language) };
  const parts = partsOf(document);

  const isSending = () => queue.tally.files("waiting", "sending") > 0;
  const patience = new Patience(connectionNotice(parts, words, isSending));
  const memory = new Memory(location.pathname, () => localStorage);
  const api = new GrantsApi({ base, key: visitorKey(location.pathname), patience });
  const queue = new Queue(api, { patience, checksumWorker, memory });
  const dropzone = makeDropzone(queue, parts, words);

  joinQueue(queue, parts, words, dropzone);
  joinWindow(queue, patience);
  dropzone.takeChosen();
  showLocalTimes(words);
}

/**
 * @param {Queue} queue
 * @param {Parts} parts
 * @param {Words} words
 */
function makeDropzone(queue, parts, words) {
  const dropzone = new Dropzone(parts.drop, async (files, entries) => {
    const sums = await gather(files, entries, (found) => {
      queue.add(found);
      dropzone.moveBelow(parts.pager);
    });
    const gathered = gatheredText(sums, words);
    show(parts, { gathered: gathered !== "" });
    show(parts, { gathered });
  });
  return dropzone;
}

/**
 * @param {Queue} queue
 * @param {Parts} parts
 * @param {Words} words
 * @param {Dropzone} dropzone
 */
function joinQueue(queue, parts, words, dropzone) {
  const list = new FileList(parts, queue.uploads, words);
  const showStatus = pageStatus(parts, queue, words);
  const showPast = () => showPastFiles(parts, queue.history, words);
  on(queue, "upload:added upload:changed upload:progress upload:removed", ({ detail }) => {
    list.change(detail.upload);
    showStatus();
    if (queue.uploads.size === 0) dropzone.unfold();
  });
  on(queue, "upload:history", showPast);
  on(parts.queue, "click", ({ target }) => {
    const action = target.closest("[data-action]")?.dataset.action;
    if (action) /** @type {any} */ (queue)[action](list.uploadAt(target));
  });
  showPast();
}

/**
 * @param {Queue} queue
 * @param {Patience} patience
 */
function joinWindow(queue, patience) {
  const stayAwake = wakeLock(queue);
  const look = () => {
    queue.reports.setHidden(document.hidden);
    stayAwake();
    if (!document.hidden) patience.wake();
  };
  look();
  on(document, "visibilitychange", look);
  on(queue, "upload:changed", stayAwake);
  on(window, "online", () => patience.wake());
  on(window, "pagehide", () => queue.reports.leave());
  on(window, "beforeunload", (event) => {
    if (queue.isMoving) event.preventDefault();
  });
  on(document, "securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective === "connect-src") queue.lanes.blockedOrigins.add(new URL(blockedURI).origin);
  });
}

/**
 * Times that the server wrote in its own zone, in the reader's.
 * @param {{day: (date: Date) => string}} formats
 */
function showLocalTimes(formats) {
  for (const element of document.querySelectorAll("time")) {
    element.textContent = formats.day(new Date(element.dateTime));
    element.nextElementSibling?.removeAttribute("hidden");
  }
}
