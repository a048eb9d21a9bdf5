import { type Encoding, encode } from "./bodies/encode.ts";
import { realtime } from "./bodies/nested.ts";
import type { Faults } from "./faults.ts";
import type { Passing, Pictures } from "./passing.ts";
import { post } from "./post.ts";
import type { Watcher } from "./watcher.ts";

/** ms for one URL to answer, and no repeat. docs/formats.md §3. */
const timeoutMs = 500;

/** Tells an SE3's real-time URLs of a passing, one after the other, once. */
export async function tellNow(
  passing: Passing,
  pictures: Pictures,
  { urls, encoding, faults, watch }: { urls: readonly URL[]; encoding: Encoding; faults: Faults; watch: Watcher },
): Promise<void> {
  const body = encode(realtime(passing, pictures), encoding);
  for (const url of urls) {
    watch("sent", "realtime", passing);
    const manner = faults.strikes("cut") ? "cut" : faults.strikes("slow") ? "slow" : "whole";
    const outcome = await post(url, body, { timeoutMs, manner });
    watch(outcome === "accepted" ? "accepted" : "lost", "realtime", passing);
  }
}
