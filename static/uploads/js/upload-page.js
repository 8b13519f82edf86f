/** The visitor's page: makes the engine and the interface and joins them by events. */

import { GrantsApi } from "./engine/grants-api.js";
import { Memory } from "./engine/memory.js";
import { Queue } from "./engine/queue.js";
import { Patience } from "./engine/retry.js";
import { find } from "./lib/dom.js";
import { formats } from "./lib/format.js";
import { visitorKey } from "./lib/ids.js";
import { readMessages } from "./lib/messages.js";
import { connectionNotice } from "./ui/connection-notice.js";
import { Dropzone } from "./ui/dropzone.js";
import { FileList } from "./ui/file-list.js";
import { PageStatus } from "./ui/page-status.js";

start();

function start() {
  const { api: base, checksum_worker: checksumWorker } = JSON.parse(find("#upload-config").textContent);
  const language = document.documentElement.lang;
  const words = { formats: formats(language), messages: readMessages(find("#upload-texts"), language) };
  const element = find("[data-upload-state]");

  const isSending = () => queue.isMoving;
  const patience = new Patience(connectionNotice(find("[data-part=connection]"), words, isSending));
  const memory = new Memory(location.pathname, () => localStorage);
  const api = new GrantsApi({ base, key: visitorKey(location.pathname), patience });
  const queue = new Queue(api, { patience, checksumWorker, memory });
  const list = new FileList(find(".files"), find("#file-row"), words);
  const status = new PageStatus({ queue: element, tally: queue.tally, list, words });

  joinList(queue, list, status);
  joinButtons(queue, element);
  joinWindow(queue, patience, isSending);
  joinDropzone(queue, element);
  showLocalTimes(words.formats);
}

/**
 * @param {Queue} queue
 * @param {FileList} list
 * @param {PageStatus} status
 */
function joinList(queue, list, status) {
  listen(queue, "upload:added", ({ upload }) => list.add(upload));
  listen(queue, "upload:changed", ({ upload }) => list.change(upload));
  listen(queue, "upload:removed", ({ upload }) => list.remove(upload));
  for (const change of ["added", "changed", "removed"]) listen(queue, `upload:${change}`, status.update);
  listen(list, "file:retry", ({ upload }) => queue.retry(upload));
  listen(list, "file:cancel", ({ upload }) => queue.cancel(upload));
  listen(list, "file:remove", ({ upload }) => queue.remove(upload));
}

/**
 * @param {Queue} queue
 * @param {HTMLElement} element
 */
function joinButtons(queue, element) {
  listen(find("[data-part=retry-all]", element), "click", () => queue.retryAll());
  listen(find("[data-part=cancel-all]", element), "click", () => queue.cancelAll());
}

/**
 * @param {Queue} queue
 * @param {HTMLElement} element
 */
function joinDropzone(queue, element) {
  const folders = find("[data-part=folders]", element);
  const dropzone = new Dropzone(find(".drop", element));
  listen(dropzone, "files:folders", () => (folders.hidden = false));
  listen(dropzone, "files:chosen", ({ files }) => {
    folders.hidden = true;
    queue.add(files.map((/** @type {File} */ file) => ({ file, path: "" })));
    dropzone.moveBelow(find(".files", element));
  });
  listen(queue, "upload:removed", () => {
    if (queue.uploads.size === 0) dropzone.unfold();
  });
  dropzone.takeChosen();
}

/**
 * @param {Queue} queue
 * @param {Patience} patience
 * @param {() => boolean} isSending
 */
function joinWindow(queue, patience, isSending) {
  const look = () => {
    queue.reports.setHidden(document.hidden);
    if (!document.hidden) patience.wake();
  };
  look();
  listen(document, "visibilitychange", look);
  listen(window, "online", () => patience.wake());
  listen(window, "pagehide", () => queue.reports.leave());
  window.addEventListener("beforeunload", (event) => {
    if (isSending()) event.preventDefault();
  });
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective === "connect-src") queue.lanes.blockedOrigins.add(new URL(blockedURI).origin);
  });
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
