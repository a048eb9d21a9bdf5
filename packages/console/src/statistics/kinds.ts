import type { Kind } from "../format/event.ts";

/** The kinds of people in the order in which bars stack them. */
export const stacked: readonly Kind[] = ["employee", "visitor", "vip", "stranger", "blacklist", "unknown"];

/** The class of each kind in a chart. */
export const look: Record<Kind, string> = {
  employee: "a",
  visitor: "v",
  vip: "p",
  stranger: "s",
  blacklist: "b",
  unknown: "a",
};
