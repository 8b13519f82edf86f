/** A clock that only goes when it is told to. Each test has a page of its own, so nothing is put back. */

const pending = new Map();
let now = 1_000_000;
let lastId = 0;

export function stopClock() {
  globalThis.setTimeout = (run, ms = 0) => {
    pending.set((lastId += 1), { run, at: now + ms });
    return lastId;
  };
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), ms);
    return controller.signal;
  };
  globalThis.clearTimeout = (id) => pending.delete(id);
  performance.now = () => now;
  Date.now = () => now;
}

/** Let time pass, with every timer in its turn and every promise settled between two of them. */
export async function pass(ms) {
  const until = now + ms;
  for (;;) {
    await settled();
    const due = [...pending].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
    if (!due) break;
    pending.delete(due[0]);
    now = Math.max(now, due[1].at);
    due[1].run();
  }
  now = until;
  await settled();
}

/** Requests to the storage begin one after the other: let time pass until as many as may are on their way. */
export async function ramped() {
  await pass(250);
}

export async function settled() {
  for (let turn = 0; turn < 200; turn += 1) await null;
}
