/** Many changes, one update. */

/** While a page is hidden there are no frames, but its title is still read. */
const HIDDEN_MS = 250;

/**
 * @param {() => void} update
 * @returns {() => void} asks for one update in the next frame, however often it is called
 */
export function oncePerFrame(update) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    const run = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      isAsked = false;
      update();
    };
    const frame = requestAnimationFrame(run);
    const timer = setTimeout(run, HIDDEN_MS);
  };
}
