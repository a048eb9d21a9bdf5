import { join } from "node:path";
import { checkData, type DataCheck } from "../check-data.ts";
import type { Play } from "../recording.ts";

/** The start of a server on a data folder, and the facts about that folder. */
interface Served {
  root: string;
  /** The data folder, as a path below `root`. */
  within?: string;
  /** Further arguments of `serve`. */
  more?: readonly string[];
  check?: Pick<DataCheck, "aheadMs" | "hasRules" | "isFirstStart" | "company" | "untold">;
}

type Serving = Pick<Play, "args" | "ready" | "arrivals" | "look" | "check" | typeof Symbol.asyncDispose>;

/** The part of a play that all scenes of a server have in common. */
export function serving({ root, within = "data", more = [], check = {} }: Served): Serving {
  const { isFirstStart } = check;
  return {
    args: ["serve", "--port", "0", "--host", "127.0.0.1", "--data", join(root, within), ...more],
    ready: /^listening on (\S+)$/,
    arrivals: [],
    look: {
      kind: "data",
      within,
      ...(isFirstStart === undefined ? {} : { isFirstStart }),
    },
    check: (found) => checkData({ ...found, ...check, data: join(found.root, within) }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
