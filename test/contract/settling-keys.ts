import { hashToken, type KeyAdmin, newToken } from "@gatepost/core/keys";
import type { Ports } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { action, upsert } from "./samples.ts";

export interface KeysUnderTest {
  index: Ports["index"];
  keyAdmin: Pick<KeyAdmin, "create">;
  /** The API, as that runtime wires it. */
  request(path: string, init: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** Which key may report the outcome of an action, and order it, on every runtime. */
export function settlingKeysContract(name: string, open: () => Promise<KeysUnderTest>): void {
  describe(`on ${name}, the outcome of an action`, () => {
    let deps: KeysUnderTest;
    let stranger: string;
    let update: string;
    beforeEach(async () => {
      deps = await open();
      [stranger, update] = [await asked("1001"), await asked("1002")];
    });
    afterEach(() => deps.close());

    const asked = async (want: "1001" | "1002") => {
      const enqueued = action(want, want);
      await deps.index.upsert(upsert(want, { action: enqueued }));
      return enqueued.id;
    };
    const keyOf = async (scope: "admin" | "read" | "ingest", boxes?: string[]) => {
      const token = newToken(scope);
      const box = scope === "ingest" ? "gate-1" : null;
      await deps.keyAdmin.create({ scope, box, tokenHash: hashToken(token), ...(boxes && { boxes }) });
      return token;
    };
    const post = async (path: string, token: string, body: object = { state: "done" }) => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await deps.request(`/v1/actions/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return answer.status;
    };

    it("is refused from an unlimited read key, and from an ingest key", async () => {
      for (const id of [stranger, update]) {
        expect(await post(id, await keyOf("read"))).toBe(403);
        expect(await post(id, await keyOf("ingest"))).toBe(403);
        expect(await post(id, await keyOf("admin"))).toBe(200);
      }
    });

    it("may be reported by a key limited to the box, only for photo updates", async () => {
      expect(await post(update, await keyOf("read", ["gate-2"]))).toBe(404);
      expect(await post(stranger, await keyOf("read", ["gate-1"]))).toBe(403);
      expect(await post(update, await keyOf("read", ["gate-1"]))).toBe(200);
    });

    it("is ordered by admin keys alone", async () => {
      for (const token of [await keyOf("read"), await keyOf("read", ["gate-1"]), await keyOf("ingest")]) {
        expect(await post(`${update}/approval`, token, {})).toBe(403);
        expect(await post(`${update}/approval/undo`, token, {})).toBe(403);
      }
    });
  });
}
