/** ms between two comparisons of the two clocks. A clock that is being corrected moves by less than 0.1 ms meanwhile. */
const compareEveryMs = 100;

let comparedAt = Number.NEGATIVE_INFINITY;
let difference = 0;

/**
 * ms since 1970 by the clock of the system, to some microseconds. strace writes its times by this clock. `performance`
 * leaves it by milliseconds within half a minute, if the system corrects its clock meanwhile. An entry that arrived before
 * a call would then seem to have arrived after it.
 */
export function wallClock(): number {
  if (performance.now() - comparedAt > compareEveryMs) compare();
  return performance.now() + difference;
}

/** The clock of the system is whole ms: it is exact when it moves on. */
function compare(): void {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  comparedAt = performance.now();
  difference = now - comparedAt;
}
