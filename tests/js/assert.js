/** What the unit tests hold against each other. */

export function equal(actual, expected, what = "value") {
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value) ?? String(value));
  if (left !== right) throw new Error(`${what}: ${left} is not ${right}`);
}

export function ok(value, what) {
  if (!value) throw new Error(what);
}

export function throws(run, message) {
  try {
    run();
  } catch (error) {
    ok(error.message.includes(message), `${error.message} does not say ${message}`);
    return;
  }
  throw new Error(`It did not throw: ${message}`);
}
