import type { MappingId } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { passing, runtime } from "../support.ts";

const gate = { name: "North", when: { is: { op: "pass" } }, fields: { "person.id": { at: "uid" } } };

describe("a box with a mapping", () => {
  it("has the name of the mapping beside its id, until that is removed", async () => {
    const { ask, deliver, ingest, deps } = await runtime();
    const sent = { method: "POST", body: JSON.stringify(gate) };
    const { id } = (await (await ask("/v1/mappings", sent)).json()) as { id: MappingId };
    await deliver({ op: "pass", uid: "7" });
    await ingest.notes.flushAll();
    const kinds = async () => {
      const one = (await (await ask("/v1/boxes/gate-1")).json()) as { kinds: unknown };
      expect(await (await ask("/v1/boxes")).json()).toMatchObject({ boxes: [one] });
      return one.kinds;
    };
    expect(await kinds()).toMatchObject([{ kind: "history", dialect: id, dialectName: "North" }]);
    await deps.mappings.remove(id);
    expect(await kinds()).toMatchObject([{ dialect: id, dialectName: null }]);
  });

  it("is the only one for which mappings are read", async () => {
    const { ask, deliver, ingest, deps } = await runtime();
    await deliver(passing());
    await ingest.notes.flushAll();
    deps.mappings.list = () => Promise.reject(new Error("mappings were read"));
    expect(await (await ask("/v1/boxes/gate-1")).json()).toMatchObject({ kinds: [{ dialectName: null }] });
  });
});
