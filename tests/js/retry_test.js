import { ApiError } from "/static/uploads/js/engine/grants-api.js";
import { backOffMs, Patience } from "/static/uploads/js/engine/retry.js";
import { equal, ok } from "./assert.js";
import { pass, settled, stopClock } from "./clock.js";

const unreachable = () => new ApiError("unreachable", "");

export function it_waits_up_to_twice_as_long_after_each_failure_and_never_over_30_seconds() {
  const longest = [0, 1, 2, 3, 5, 6, 7, 1000].map((failures) => backOffMs(failures, () => 1));
  equal(longest, [500, 1000, 2000, 4000, 16000, 30000, 30000, 30000]);
}

export function it_may_come_back_at_once_so_that_many_do_not_come_together() {
  equal(backOffMs(9, () => 0), 0);
}

export async function it_asks_until_it_is_answered() {
  stopClock();
  let tries = 0;
  const answer = new Patience().until(async () => {
    tries += 1;
    if (tries < 4) throw unreachable();
    return "answer";
  });
  await pass(60_000);
  equal([await answer, tries], ["answer", 4]);
}

export async function it_does_not_ask_again_what_was_refused() {
  let tries = 0;
  const refused = new Patience().until(async () => {
    tries += 1;
    throw new ApiError("not_found", "There is nothing here.", { status: 404 });
  });
  equal(await refused.catch(({ code }) => code), "not_found");
  equal(tries, 1);
}

export async function it_honours_the_time_that_a_server_names_even_when_woken() {
  stopClock();
  let tries = 0;
  const patience = new Patience();
  patience.until(async () => {
    tries += 1;
    throw new ApiError("busy", "", { status: 503, retryAfterMs: 7000 });
  });
  await settled();
  patience.wake();
  await pass(6999);
  equal(tries, 1);
  await pass(1001);
  equal(tries, 2);
}

export async function it_asks_at_once_when_the_network_is_back() {
  stopClock();
  Math.random = () => 1;
  let tries = 0;
  const patience = new Patience();
  patience.until(async () => {
    tries += 1;
    if (tries === 1) throw unreachable();
  });
  await settled();
  patience.wake();
  await settled();
  equal(tries, 2);
}

export async function it_says_what_is_wrong_and_when_all_is_well() {
  stopClock();
  const said = [];
  let isDown = true;
  const patience = new Patience((error) => said.push(error?.code ?? "well"));
  const attempt = async () => {
    if (isDown) throw unreachable();
  };
  patience.until(attempt);
  patience.until(attempt);
  await settled();
  isDown = false;
  await pass(30_000);
  equal(said, ["unreachable", "unreachable", "well"]);
}

export function it_knows_which_errors_may_pass() {
  const passing = [500, 502, 503, 504, 429].every((status) => new ApiError("x", "", { status }).isRetryable);
  const lasting = [400, 403, 404, 409, 413, 415].some((status) => new ApiError("x", "", { status }).isRetryable);
  ok(passing && !lasting && unreachable().isRetryable, "wrong errors are retried");
}
