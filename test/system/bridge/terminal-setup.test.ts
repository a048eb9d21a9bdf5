import { describe, expect, it } from "vitest";
import { bodyOf, freePort, listen } from "../../standins/listen.ts";
import { atEnd, receiver } from "../../unit/simulator/support.ts";
import { dataFolder, gatepost, gatepostJson, serve } from "../cli/support.ts";

const login = ["--password", "right"];

/** A terminal of Hikvision that sends a heartbeat as soon as it has an address, and the address of its interface. */
async function terminal() {
  const paths: string[] = [];
  const { url, close } = await listen(async (request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { "www-authenticate": 'Digest realm="a", nonce="b", qop="auth"' }).end();
      return;
    }
    const set = (await bodyOf(request)).toString();
    const part = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(set)?.[1] ?? "";
    if (request.method === "PUT") paths.push(part("url"));
    response.end();
    if (request.method !== "PUT") return;
    const body = JSON.stringify({ macAddress: "00:11:22:33:44:55", eventType: "heartBeat" });
    const headers = { "content-type": "application/json" };
    await fetch(`http://${part("ipAddress")}:${part("portNo")}${part("url")}`, { method: "POST", headers, body });
  });
  atEnd(close);
  return { address: new URL(url).host, paths };
}

async function target() {
  const { url, admin } = await serve(await dataFolder());
  return ["--url", url, "--token", admin];
}

describe("`terminal setup`", () => {
  const setup = (address: string, ...args: string[]) =>
    ["terminal", "setup", address, "--make", "hikvision", "--name", "north-door", ...args] as const;

  it("writes a new key into a terminal, and waits for its first report", async () => {
    const { address, paths } = await terminal();
    const done = await gatepostJson(...setup(address, ...login, ...(await target())));
    expect(done).toMatchObject({ box: "north-door", changed: true, heard: true });
    expect(paths).toEqual([expect.stringMatching(/^\/gpi_[\w-]+\/HikEvent$/)]);
  });

  it("changes nothing as a rehearsal, and names the setting", async () => {
    const { address, paths } = await terminal();
    const { code, stdout } = await gatepost(...setup(address, ...(await target()), "--dry-run"));
    expect([code, stdout]).toEqual([0, expect.stringContaining("Nothing was changed. It would set in")]);
    expect(stdout).toContain("HTTP listening host 1");
    expect(paths).toEqual([]);
  });

  it("fails with advice for a terminal that never reports", async () => {
    const { address } = await terminal();
    const deaf = ["--via", (await receiver()).url, "--wait", "1"];
    const { code, stderr } = await gatepost(...setup(address, ...login, ...(await target()), ...deaf));
    expect([code, stderr]).toEqual([1, expect.stringContaining("can the box reach")]);
  });

  it("leaves no valid key after a terminal did not answer", async () => {
    const to = await target();
    const { code } = await gatepost(...setup(`127.0.0.1:${await freePort()}`, ...login, ...to));
    const { keys } = await gatepostJson<{ keys: { box: string; revokedAt: string | null }[] }>("keys", "list", ...to);
    const ofBox = keys.filter(({ box }) => box === "north-door").map(({ revokedAt }) => revokedAt);
    expect([code, ofBox]).toEqual([1, [expect.any(String)]]);
  });

  it.each([
    ["no password", "192.0.2.1", [], "GATEPOST_TERMINAL_PASSWORD"],
    [
      "a terminal of Uniview",
      "192.0.2.1",
      ["--make", "uniview", ...login],
      "name the terminal in the file of a bridge",
    ],
    ["no address", "http://127.0.0.1", login, "give the address of the terminal as 192.168.1.64"],
    ["another maker", "192.0.2.1", ["--make", "zkteco"], "Allowed choices are hikvision, dahua"],
  ])("is refused with %s", async (_, address, args, why) => {
    const { code, stderr } = await gatepost(...setup(address, ...(await target()), ...args));
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  });
});
