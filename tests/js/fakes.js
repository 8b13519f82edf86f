/** A server and files that do as a test wants. */

import { Memory } from "/static/uploads/js/engine/memory.js";
import { Queue } from "/static/uploads/js/engine/queue.js";
import { Patience } from "/static/uploads/js/engine/retry.js";

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const UNIT = 256 * KIB;

/** Its content is read at once: a real one is read in a time of its own, which the tests' clock does not know. */
export function file(name = "a.txt", content = "hello", options = { lastModified: 1 }) {
  return readAtOnce(new File([content], name, options), () => content);
}

/** A file that has a size, and nothing else: what is read of it are zeros. */
export function sized(size, name = "large.bin") {
  const made = file(name, "");
  Object.defineProperty(made, "size", { value: size });
  made.slice = (from = 0, to = size) => {
    const start = from < 0 ? size + from : from;
    return sized(Math.max(Math.min(to, size) - start, 0), name);
  };
  made.arrayBuffer = async () => new ArrayBuffer(Math.min(size, 65_536));
  return made;
}

function readAtOnce(blob, content) {
  blob.arrayBuffer = async () => new TextEncoder().encode(content()).buffer;
  blob.slice = (from, to) => readAtOnce(new Blob([content().slice(from, to)]), () => content().slice(from, to));
  return blob;
}

export function files(count) {
  return Array.from({ length: count }, (_, index) => file(`file-${index}.txt`));
}

/** As they come from the page: with the folder that they lay in. */
export function entries(...files) {
  return files.map((file) => ({ file, path: "" }));
}

/** Grants everything; calls are noted. Give other methods to change what it says. */
export function fakeApi(changes = {}) {
  const calls = [];
  const said = (id, state, more = {}) => ({ id, file_state: state, retry: null, ...more });
  const issued = ({ id, name }, seconds = 900) => ({
    ...said(id, "waiting", { name }),
    method: "PUT", url: `https://bucket.example/${id}`, headers: { "Content-Type": "text/plain" }, expires_in: seconds,
    part_unit: UNIT,
  });
  const api = {
    grants: async (asked) => asked.map((file) => issued(file)),
    results: async (results) => results.map(({ id }) => said(id, "stored")),
    status: async (ids) => ids.map((id) => said(id, "stored")),
    cancel: async (ids) => ids.map((id) => said(id, "cancelled", { retry: "new" })),
    parts: async (asked) => asked.map((file) => signedParts(file)),
    complete: async (asked) => asked.map(({ id }) => said(id, "stored")),
    leave: () => {},
    ...changes,
  };
  const noted = {};
  for (const [name, answer] of Object.entries(api)) {
    noted[name] = (items) => {
      calls.push([name, items]);
      return answer(items, { said, issued });
    };
  }
  const ask = (name, items) => noted[name](items);
  return { ask, leave: noted.leave, calls, called: (name) => calls.filter(([called]) => called === name).map(([, items]) => items) };
}

/** URLs for parts, and what the storage has where that was asked. */
export function signedParts({ id, parts, list }, stored = []) {
  const signed = parts.map(({ offset, size }) => ({
    offset, size, method: "PUT", url: `https://bucket.example/${id}?${offset}-${size}`, headers: {}, expires_in: 900,
  }));
  return { id, part_unit: UNIT, parts: signed, ...(list && { stored }) };
}

/** Takes the place of `fetch`: every PUT waits until the test answers it; whether the host answers is soon known. */
export function holdPuts() {
  const held = [];
  globalThis.fetch = (url, request) =>
    new Promise((resolve, reject) => {
      if (request.method === "HEAD") return resolve(new Response());
      const put = { url, request, answer: (status = 200, body = "") => resolve(new Response(body, { status })), reject };
      request.signal.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
      held.push(put);
    });
  return held;
}

/** Takes the place of `fetch`: every PUT is answered at once. */
export function answerPuts(status = 200) {
  globalThis.fetch = async () => new Response("", { status });
}

/** A queue in a browser that remembers nothing. */
export function queueOn(api = fakeApi(), options = {}) {
  const memory = new Memory("/", () => ({ getItem: () => null, setItem() {} }));
  return new Queue(api, { patience: new Patience(), memory, ...options });
}
