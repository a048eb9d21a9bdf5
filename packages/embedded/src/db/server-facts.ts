import { statfs } from "node:fs/promises";
import type { ClockDoubt, ServerFacts, Shipping } from "@gatepost/core/health";
import type { RetentionFacts } from "@gatepost/core/retention";

interface Deps {
  /** The data folder. */
  path: string;
  bodyBytes: number;
  retention(): RetentionFacts;
  clockDoubt(): ClockDoubt | null;
  shipping(): Shipping | null;
}

/** Facts about this server. */
export function serverFacts({ path, bodyBytes, retention, clockDoubt, shipping }: Deps): ServerFacts {
  return {
    runtime: "one-machine",
    rules: "editable",
    bodyBytes,
    retention: async () => retention(),
    clockDoubt: async () => clockDoubt(),
    shipping: async () => shipping(),
    async room() {
      const { blocks, bavail, bsize } = await statfs(path);
      return { usedBytes: (blocks - bavail) * bsize, ofBytes: blocks * bsize };
    },
  };
}
