import { expect, it, vi } from "vitest";
import { V6 } from "../../../../packages/bridge/src/people/v6.ts";
import type { BoxApi } from "../../../../packages/bridge/src/se5/box-api.ts";
import { face, never } from "./support.ts";

it("never replaces a person whom another client has registered in the meantime", async () => {
  const ask = vi.fn(async (_: { path: string; body: unknown }) => ({ identity_id: "7" }));
  const box = new V6({ ask } as unknown as BoxApi, { quality: "high" });
  await box.create("7", { name: "X", type: "vip", permissionIds: [] }, face, never);
  expect(ask.mock.calls.map(([{ path, body }]) => [path, body])).toEqual([
    ["/sophon/v2/face/createidentity", expect.objectContaining({ identity_id: "7", force_replace: false })],
  ]);
});
