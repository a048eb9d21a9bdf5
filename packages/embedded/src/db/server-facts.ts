import { statfs } from "node:fs/promises";
import type { ServerFacts } from "@gatepost/query";

interface Deps {
  /** The data folder. */
  path: string;
  bodyBytes: number;
  retentionDays: number;
}

/** What this machine says of itself. */
export function serverFacts({ path, bodyBytes, retentionDays }: Deps): ServerFacts {
  return {
    ...{ runtime: "one-machine", live: "/live", rules: "editable", bodyBytes },
    retention: async () => ({ eventDays: retentionDays, quarantineDays: retentionDays }),
    async room() {
      const { blocks, bavail, bsize } = await statfs(path);
      return { usedBytes: (blocks - bavail) * bsize, ofBytes: blocks * bsize };
    },
  };
}
