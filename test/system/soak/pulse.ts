import type { Outages } from "./outages.ts";

/** ms from one beat to the next. */
const every = 50;
/** ms by which a beat may be late. */
const late = 200;

/**
 * Notes when the boxes themselves had no processor, which are all of this process: the 0.5 s of a real-time report can be
 * over before it is sent. Gives what ends it.
 */
export function notePauses(delays: Outages): () => void {
  let last = performance.now();
  const beating = setInterval(() => {
    const [now, before] = [performance.now(), last];
    last = now;
    if (now - before > every + late) delays.note(Date.now() - (now - before), Date.now());
  }, every);
  return () => clearInterval(beating);
}
