import type { Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";
import { requireWhole } from "../sites/limited.ts";

export function limitedRolls({ rolls, rollLinks }: ApiPorts, seen: Seen): Pick<ApiPorts, "rolls" | "rollLinks"> {
  const requireWholeOf = async (roll: string) => {
    const found = await rolls.get(roll);
    if (found !== null) await requireWhole(found.site, seen);
  };
  return {
    rolls: {
      get: (id) => rolls.get(id),
      open: () => rolls.open(),
      people: (id) => rolls.people(id),
      tick: (...asked) => rolls.tick(...asked),
      begin: async (roll, ...people) => requireWhole(roll.site, seen).then(() => rolls.begin(roll, ...people)),
      close: async (id, end) => requireWholeOf(id).then(() => rolls.close(id, end)),
    },
    rollLinks: {
      make: (...asked) => rollLinks.make(...asked),
      find: (tokenHash) => rollLinks.find(tokenHash),
      endAll: async (roll) => requireWholeOf(roll).then(() => rollLinks.endAll(roll)),
    },
  };
}
