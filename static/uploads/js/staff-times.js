/** Times that the server wrote in its own zone, in the reader's. */

const language = document.documentElement.lang || undefined;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const exactClock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });

/** @param {ParentNode} root */
export function showLocalTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const time = /** @type {HTMLTimeElement} */ (element);
    const date = new Date(time.dateTime);
    time.textContent = shortly(date, new Date());
    time.title = whole.format(date);
  }
}

/**
 * To the second.
 * @param {Date} date
 */
export function clockTime(date) {
  return exactClock.format(date);
}

/**
 * As much as is needed to tell it from now: the time alone today, the year only when it is another one.
 * @param {Date} date
 * @param {Date} now
 */
export function shortly(date, now) {
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}
