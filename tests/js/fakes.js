/** A server and files that do as a test wants. */

/** Its content is read at once: a real one is read in a time of its own, which the tests' clock does not know. */
export function file(name = "a.txt", content = "hello", options = { lastModified: 1 }) {
  const made = new File([content], name, options);
  made.slice = () => ({ arrayBuffer: async () => new ArrayBuffer(1) });
  return made;
}

export function files(count) {
  return Array.from({ length: count }, (_, index) => file(`file-${index}.txt`));
}

/** Grants everything; calls are noted. Give other methods to change what it says. */
export function fakeApi(changes = {}) {
  const calls = [];
  const said = (id, state, more = {}) => ({ id, file_state: state, retry: null, ...more });
  const issued = ({ id, name }, seconds = 900) => ({
    ...said(id, "waiting", { name }),
    method: "PUT", url: `https://bucket.example/${id}`, headers: { "Content-Type": "text/plain" }, expires_in: seconds,
  });
  const api = {
    grants: async (asked) => asked.map((file) => issued(file)),
    results: async (results) => results.map(({ id }) => said(id, "stored")),
    status: async (ids) => ids.map((id) => said(id, "stored")),
    cancel: async (ids) => ids.map((id) => said(id, "cancelled", { retry: "new" })),
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
  return { ...noted, calls, called: (name) => calls.filter(([called]) => called === name).map(([, items]) => items) };
}

/** Takes the place of `fetch`: every PUT waits until the test answers it; whether the host answers is soon known. */
export function holdPuts() {
  const held = [];
  globalThis.fetch = (url, request) =>
    new Promise((resolve, reject) => {
      if (request.method === "HEAD") return resolve(new Response());
      const put = { url, request, answer: (status = 200) => resolve(new Response("", { status })), reject };
      request.signal.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
      held.push(put);
    });
  return held;
}

/** Takes the place of `fetch`: every PUT is answered at once. */
export function answerPuts(status = 200) {
  globalThis.fetch = async () => new Response("", { status });
}
