import { statfs } from "node:fs/promises";
import type { RetentionFacts, ServerFacts } from "@gatepost/query";

interface Deps {
  /** The data folder. */
  path: string;
  bodyBytes: number;
  retention(): RetentionFacts;
}

/** What this machine says of itself. */
export function serverFacts({ path, bodyBytes, retention }: Deps): ServerFacts {
  return {
    ...{ runtime: "one-machine", live: "/live", rules: "editable", bodyBytes },
    retention: async () => retention(),
    async room() {
      const { blocks, bavail, bsize } = await statfs(path);
      return { usedBytes: (blocks - bavail) * bsize, ofBytes: blocks * bsize };
    },
  };
}
