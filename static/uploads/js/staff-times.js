/** Times that the server wrote in its own zone, in the reader's. */

const language = document.documentElement.lang || undefined;
/** @type {Intl.DateTimeFormatOptions} */
const minutes = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
/** @type {Intl.DateTimeFormatOptions} */
const seconds = { ...minutes, second: "2-digit" };
const clock = new Intl.DateTimeFormat(language, minutes);
const exactClock = new Intl.DateTimeFormat(language, seconds);
const exactDay = new Intl.DateTimeFormat(language, { ...seconds, day: "numeric", month: "short" });
const day = new Intl.DateTimeFormat(language, { ...minutes, day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(language, { ...minutes, day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long", hourCycle: "h23" });

/** @param {ParentNode} root */
export function showLocalTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const time = /** @type {HTMLTimeElement} */ (element);
    const date = new Date(time.dateTime);
    time.textContent = "exact" in time.dataset ? exactly(date, new Date()) : shortly(date, new Date());
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
 * To the second, with the day unless it is today.
 * @param {Date} date
 * @param {Date} now
 */
function exactly(date, now) {
  return (date.toDateString() === now.toDateString() ? exactClock : exactDay).format(date);
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
