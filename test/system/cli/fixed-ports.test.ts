import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "../../standins/listen.ts";
import { dataFolder, gatepostJson, gatepostProcess, serveProcess } from "./support.ts";

it("the fixed ports for clients of an SE5 are served", async () => {
  const data = await dataFolder();
  const [live, devices] = [await freePort(), await freePort()];
  await serveProcess(data, "--host", "127.0.0.1", "--live-port", `${live}`, "--devices-port", `${devices}`);
  const { token } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "read", "--data", data);
  const answer = await fetch(`http://127.0.0.1:${devices}/SophonDevice/api/Devices?token=${token}`);
  expect(await answer.json()).toEqual({ data: { devices_list: [] } });
  expect((await fetch(`http://127.0.0.1:${live}/healthz`)).status).toBe(200);
});

it("a taken port is named, and no other port stays open", async () => {
  const data = await dataFolder();
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const args = ["--data", data, "--host", "127.0.0.1", "--port", "0", "--live-port", `${port}`];
  const { code, stderr } = await gatepostProcess("serve", ...args);
  other.close();
  expect([code, stderr.split("\n").at(-2)]).toEqual([
    1,
    `gatepost: cannot listen on http://127.0.0.1:${port}: another program listens there; choose another with --live-port`,
  ]);
});
