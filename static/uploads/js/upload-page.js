/** The visitor's page: makes the engine and the interface and joins them by events. */

import { GrantsApi } from "./engine/grants-api.js";
import { Queue } from "./engine/queue.js";
import { Patience } from "./engine/retry.js";
import { find, setText } from "./lib/dom.js";
import { formats } from "./lib/format.js";
import { visitorKey } from "./lib/ids.js";
import { readMessages } from "./lib/messages.js";
import { connectionNotice } from "./ui/connection-notice.js";
import { Dropzone } from "./ui/dropzone.js";
import { FileList } from "./ui/file-list.js";
import { gatheredText } from "./ui/gathered-notice.js";
import { PageStatus } from "./ui/page-status.js";
import { showPastFiles } from "./ui/past-files.js";
import { wakeLock } from "./ui/wake-lock.js";

start();

function start() {
  const { api: base } = JSON.parse(find("#upload-config").textContent);
  const language = document.documentElement.lang;
  const words = { formats: formats(language), messages: readMessages(find("#upload-texts"), language) };
  const element = find("[data-upload-state]");

  const isSending = () => queue.tally.files("waiting", "sending") > 0;
  const patience = new Patience(connectionNotice(find("[data-part=connection]"), words, isSending));
  const queue = new Queue(new GrantsApi({ base, key: visitorKey(location.pathname), patience }));

  joinList(queue, element, words);
  joinWindow(queue, patience);
  joinPast(queue, words);
  joinDropzone(queue, element, words);
  showLocalTimes(words.formats);
}

/**
 * @param {Queue} queue
 * @param {HTMLElement} element
 * @param {import("./ui/file-row.js").Words} words
 */
function joinList(queue, element, words) {
  const list = new FileList(find(".files", element), queue.uploads, words);
  const status = new PageStatus(element, queue, list, words);
  for (const event of ["added", "changed", "progress", "removed"]) {
    listen(queue, `upload:${event}`, ({ upload }) => {
      if (event === "removed") list.remove(upload);
      else list.change(upload);
      status.update();
    });
  }
  for (const action of /** @type {const} */ (["retry", "pause", "resume", "cancel", "remove"])) {
    listen(list, `file:${action}`, ({ upload }) => queue[action](upload));
  }
  onClick("retry-all", () => queue.retryAll());
  onClick("cancel-all", () => queue.cancelAll());
  onClick("pause", () => (queue.isPaused ? queue.resumeAll() : queue.pauseAll()));
}

/**
 * @param {Queue} queue
 * @param {HTMLElement} element
 * @param {import("./ui/file-row.js").Words} words
 */
function joinDropzone(queue, element, words) {
  const note = find("[data-part=gathered]", element);
  const dropzone = new Dropzone(find(".drop", element));
  listen(dropzone, "files:chosen", ({ entries }) => {
    queue.add(entries);
    dropzone.moveBelow(find(".files", element));
  });
  listen(dropzone, "files:gathered", ({ harvest, isFolder }) => {
    const text = gatheredText(harvest, isFolder, words);
    setText(note, text);
    note.hidden = text === "";
  });
  listen(queue, "upload:removed", () => {
    if (queue.uploads.size === 0) dropzone.unfold();
  });
  dropzone.takeChosen();
}

/**
 * @param {Queue} queue
 * @param {import("./ui/file-row.js").Words} words
 */
function joinPast(queue, words) {
  const show = () => showPastFiles(find(".past"), queue.history, words);
  listen(queue, "upload:history", show);
  show();
}

/**
 * @param {Queue} queue
 * @param {Patience} patience
 */
function joinWindow(queue, patience) {
  const stayAwake = wakeLock(() => queue.isMoving);
  const look = () => {
    queue.reports.setHidden(document.hidden);
    stayAwake();
    if (!document.hidden) patience.wake();
  };
  look();
  listen(document, "visibilitychange", look);
  listen(queue, "upload:changed", stayAwake);
  listen(window, "online", () => patience.wake());
  listen(window, "pagehide", () => queue.reports.leave());
  window.addEventListener("beforeunload", (event) => {
    if (queue.isMoving) event.preventDefault();
  });
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective === "connect-src") queue.lanes.blockedOrigins.add(new URL(blockedURI).origin);
  });
}

/**
 * @param {string} part
 * @param {() => void} press
 */
function onClick(part, press) {
  listen(find(`[data-part=${part}]`), "click", press);
}

/**
 * @param {EventTarget} target
 * @param {string} event
 * @param {(detail: any) => void} handler
 */
function listen(target, event, handler) {
  target.addEventListener(event, (heard) => handler(/** @type {CustomEvent} */ (heard).detail));
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
