import { describe, expect, it } from "vitest";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

async function filled() {
  const data = await dataFolder();
  const server = await serve(data, { open: true });
  for (const [id, at] of [
    ["77", 1],
    ["77", 2],
    ["78", 1],
  ] as const) {
    const body = { identity_id: id, timestamp: 1_793_851_200_000 + at, want_action: "0", ext_data: { ep_id: "A__1" } };
    const sent = await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
    expect(sent.status).toBe(200);
  }
  return { data, server };
}

describe("erase", () => {
  it("erases a person, beside a server and without one", async () => {
    const { data, server } = await filled();
    const erase = (...args: string[]) => gatepostJson("erase", "--data", data, "--person", ...args);
    expect(await erase("77", "--box", "other")).toEqual({ erased: 0 });
    expect(await erase("77", "--box", "open")).toEqual({ erased: 2 });
    await server.stop();
    expect(await erase("78", "--all")).toEqual({ erased: 1 });
    expect((await gatepost("erase", "--data", data, "--person", "78", "--all")).stdout).toBe("0 events are erased.\n");
  });

  it("wants to know where", async () => {
    const why = { code: 2, stdout: "", stderr: "gatepost: give the --box, or --all\n" };
    expect(await gatepost("erase", "--person", "7")).toEqual(why);
    expect(await gatepost("erase", "--person", "7", "--all", "--box", "x")).toEqual(why);
    expect((await gatepost("erase", "--all")).code).toBe(2);
  });
});
