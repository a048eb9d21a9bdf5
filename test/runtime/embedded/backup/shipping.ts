import { restore, shipTo } from "@gatepost/embedded";
import { received } from "../../../support/reports.ts";
import { MemoryBucket, stores } from "./store.ts";

export const hour = 60 * 60 * 1000;
export const day = 24 * hour;

/** A store that ships to a bucket, and a clock that a test puts on. */
export async function shipping(
  closers: (() => Promise<void>)[],
  bucket = new MemoryBucket(),
  options: Parameters<typeof shipTo>[1] = {},
) {
  const here = await stores(closers);
  let now = received;
  const store = await here.open("store", null, { follow: shipTo(bucket, options), clock: () => now });
  const restored = async (
    to: string,
    at: number | null = null,
    { later = null, isPartial = false }: { later?: string | null; isPartial?: boolean } = {},
  ) => restore({ from: { bucket, at }, data: here.place(to), later, isPartial });
  return {
    ...here,
    store,
    bucket,
    restored,
    ship: () => store.runtime.follower?.tick() ?? Promise.reject(new Error("nothing is shipped")),
    advance(ms: number) {
      now += ms;
      return now;
    },
  };
}
