import { onArrivals } from "../state/live/arrivals.ts";

/** Ms between a passing and the next count: passings of this time are counted together. */
const waitMs = 3000;

/**
 * Calls `count` some seconds after a known person or a stranger has passed at a site, once for all passings of this time.
 * The returned function ends it.
 */
export function afterPassings(site: string, count: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = onArrivals((arrived) => {
    if (timer !== undefined || !arrived.some(({ box }) => (box.site ?? "default") === site)) return;
    timer = setTimeout(() => {
      timer = undefined;
      count();
    }, waitMs);
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}
