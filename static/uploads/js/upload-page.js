/** The visitor's page: makes the engine and the interface and joins them by events. */

import { GrantsApi } from "./engine/grants-api.js";
import { Memory } from "./engine/memory.js";
import { Queue } from "./engine/queue.js";
import { Patience } from "./engine/retry.js";
import { on, partsOf } from "./lib/dom.js";
import { wordsOf } from "./lib/words.js";
import { connectionNotice, wakeLock } from "./ui/device.js";
import { dropzone } from "./ui/dropzone.js";
import { fileList, showPastFiles } from "./ui/file-list.js";
import { pageStatus } from "./ui/page-status.js";

/**
 * @typedef {Record<string, any>} Parts
 * @typedef {import("./lib/words.js").Words} Words
 */

/** What has changed is shown at once, and then so often: without a graphics card, painting takes time from sending. */
const SHOW_MS = 100;

start();

function start() {
  const parts = partsOf(document);
  const words = wordsOf(partsOf(parts.texts.content), document.documentElement.lang);
  const { api: base, checksumWorker } = parts.queue.dataset;

  /** @type {() => boolean} */
  const isSending = () => queue.tally.files("waiting", "sending") > 0;
  const patience = new Patience(connectionNotice(parts, words, isSending));
  const memory = new Memory(location.pathname, () => localStorage);
  const api = new GrantsApi({ base, key: memory.visitorKey(), patience });
  const queue = new Queue(api, { patience, checksumWorker, memory });

  joinQueue(queue, parts, words, memory);
  joinWindow(queue, patience, memory);
  dropzone(parts, words, (found) => queue.add(found));
  showLocalTimes(words);
  parts.unready.remove();
}

/**
 * @param {Queue} queue
 * @param {Parts} parts
 * @param {Words} words
 * @param {Memory} memory
 */
function joinQueue(queue, parts, words, memory) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let shownAt = 0;
  const list = fileList(parts, queue.uploads, words);
  const showStatus = pageStatus(parts, queue, words);
  const showPast = () => showPastFiles(parts, memory.before, words);
  const update = () => {
    timer = undefined;
    list.update();
    showStatus();
    shownAt = performance.now();
  };
  on(queue, "upload:added upload:changed upload:progress upload:removed", ({ detail }) => {
    list.change(detail.upload);
    timer ??= setTimeout(update, shownAt + SHOW_MS - performance.now());
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
 * @param {Memory} memory
 */
function joinWindow(queue, patience, memory) {
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
  on(window, "pagehide", () => {
    memory.save();
    queue.reports.leave();
  });
  on(window, "beforeunload", (event) => {
    if (queue.isMoving) event.preventDefault();
  });
  on(document, "securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective === "connect-src") queue.lanes.blockedOrigins.add(new URL(blockedURI).origin);
  });
}

/**
 * Times that the server wrote in its own zone, in the reader's.
 * @param {{day: (date: Date) => string}} words
 */
function showLocalTimes({ day }) {
  for (const element of document.querySelectorAll("time")) {
    element.textContent = day(new Date(element.dateTime));
    element.nextElementSibling?.removeAttribute("hidden");
  }
}
