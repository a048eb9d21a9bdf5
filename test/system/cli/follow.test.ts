import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { connect as reader, refusedWith } from "../../runtime/embedded/live/support.ts";
import { bin } from "../../support/command.ts";
import { photo } from "../../support/pictures.ts";
import { history, realtime } from "../../support/reports.ts";
import { dataFolder, gatepost, gatepostJson, launch, serve } from "./support.ts";

/** Asks for a WebSocket without a key, and resets the connection instead of reading the answer. */
async function resetAfterAsking(address: string): Promise<void> {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  await once(socket, "connect");
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  const asked = [
    ...["GET / HTTP/1.1", "Host: gatepost", "Connection: Upgrade", "Upgrade: websocket"],
    ...[`Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13", "", ""],
  ];
  socket.write(asked.join("\r\n"), () => socket.resetAndDestroy());
  await once(socket, "close");
}

it("gatepost follow gives clients of an SE5 the events of a Gatepost elsewhere, each once", async () => {
  const { url, admin } = await serve(await dataFolder());
  const remote = ["--url", url, "--token", admin];
  const keyOf = async (...scope: string[]) =>
    (await gatepostJson<{ token: string }>("keys", "create", ...scope, ...remote)).token;
  const [box, token] = [await keyOf("--scope", "ingest", "--box", "gate-1"), await keyOf("--scope", "read")];
  const follower = launch([bin, "follow", "--url", url, "--host", "127.0.0.1", "--port", "0"], {
    GATEPOST_TOKEN: token,
  });
  onTestFinished(async () => {
    const ended = once(follower, "exit");
    follower.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
  const { value: line } = await createInterface({ input: follower.stdout ?? process.stdin })
    [Symbol.asyncIterator]()
    .next();
  const address = /^listening on (ws:\/\/127\.0\.0\.1:\d+)$/.exec(String(line))?.[1] ?? "";
  expect(await refusedWith(`${address}/${admin}`)).toBe(401);
  for (let times = 0; times < 100; times++) await resetAfterAsking(address);
  const client = await reader(`${address}/${token}`);
  client.ask({ event_list: ["SNO1__192.168.1.60"], need_face: true });
  await client.settled();
  const deliver = async (path: string, body: object) => {
    const answer = await fetch(`${url}/${box}/${path}`, { method: "POST", body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
  };
  const face = photo("followed");
  await deliver("RealTimeEvent", realtime({}, { device_ip: "10.9.9.9" }));
  await deliver("HistoryEvent", history({}, { recognize_face: face }));
  await deliver("RealTimeEvent", realtime());
  await deliver("HistoryEvent", history({ timestamp: Date.now() }));
  const ext_data = { recognize_face: face, spot_pic: "" };
  expect(await client.messages(2)).toMatchObject([{ device_id: "SNO1__192.168.1.60", ext_data }, { reg_pic: "" }]);
  expect(new Set(client.received.map((one) => JSON.stringify(one))).size).toBe(2);
  const devices = `${address.replace("ws", "http")}/SophonDevice/api/Devices?token=`;
  const listed = { data: { devices_list: expect.arrayContaining([{ device_id: "SNO1__192.168.1.60" }]) } };
  expect(await (await fetch(devices + token)).json()).toEqual(listed);
  expect((await fetch(devices)).status).toBe(401);
});

it("gatepost follow refuses a key that reads nothing before it listens", async () => {
  const { url } = await serve(await dataFolder());
  const { code, stdout, stderr } = await gatepost("follow", "--url", url, "--token", "gpr_none", "--port", "0");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^gatepost: /);
});
