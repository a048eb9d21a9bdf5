import type { KeyAdmin, KeyedBoxes } from "../ports/keys.ts";

/** The boxes that have a live key, where it costs nothing to list the keys. */
export function keyedBoxes(keys: Pick<KeyAdmin, "list">): KeyedBoxes {
  const all = async () => {
    const listed = await keys.list();
    return new Set(listed.flatMap(({ box, revokedAt }) => (box === null || revokedAt !== null ? [] : [box])));
  };
  return { all, has: async (box) => (await all()).has(box) };
}
