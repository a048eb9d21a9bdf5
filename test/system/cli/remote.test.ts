import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

let stranger: Server | null = null;

afterEach(() => {
  stranger?.close();
});

/** A server that is no Gatepost, or a hostile one. */
async function answering(status: number, body: string, headers: Record<string, string> = {}): Promise<string> {
  stranger = createServer((_, response) => response.writeHead(status, headers).end(body)).listen(0, "127.0.0.1");
  await new Promise((resolve) => stranger?.once("listening", resolve));
  return `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
}

const list = (url: string, ...more: string[]) => gatepost("keys", "list", "--url", url, "--token", "gpa_x", ...more);

describe("a Gatepost elsewhere", () => {
  it("a remote Gatepost is asked with an admin key", async () => {
    const data = await dataFolder();
    const { url } = await serve(data);
    const { token } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "admin", "--data", data);
    const remote = ["--url", `${url}/`, "--token", token];
    expect(await gatepostJson("keys", "list", ...remote)).toHaveProperty("keys.length", 2);
    expect(await gatepostJson("quarantine", "list", ...remote)).toEqual({ records: [], groups: [], dropped: {} });
  });

  it("a key of another scope is refused, and the command prints the advice", async () => {
    const data = await dataFolder();
    const { url } = await serve(data);
    const { token } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "read", "--data", data);
    expect(await gatepost("keys", "list", "--url", url, "--token", token)).toMatchObject({
      code: 1,
      stderr: "gatepost: this is a key to read; use one of scope admin\n",
    });
    expect((await list(url)).stderr).toContain("send a live key of scope admin");
  });
});

describe("a Gatepost elsewhere that cannot store anything", () => {
  const refused = JSON.stringify({ detail: "it cannot be stored at the moment" });
  const unwell = JSON.stringify({ detail: "the disk is full" });

  it.each<[string, string | null, string]>([
    ["says why", unwell, "it cannot be stored at the moment: the disk is full"],
    ["says nothing more", refused, "it cannot be stored at the moment"],
    ["answers a page", "<html>", "it cannot be stored at the moment"],
    ["does not answer", null, "it cannot be stored at the moment"],
  ])("gives the reason, if its health %s", async (_, health, said) => {
    stranger = createServer(({ url }, response) => {
      if (url !== "/healthz") response.writeHead(503).end(refused);
      else if (health === null) response.destroy();
      else response.writeHead(503).end(health);
    }).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    expect(await list(url)).toEqual({ code: 1, stdout: "", stderr: `gatepost: ${said}\n` });
  });
});

describe("an address without a Gatepost", () => {
  it.each([
    ["HTML", 200, "<html>"],
    ["another document", 200, '{"keys":[{"id":1}]}'],
    ["nothing", 200, ""],
    ["a failure page", 502, "<html>"],
    ["a failure that tells nothing", 500, '{"detail":7}'],
  ])("answers with %s: one line, exit code 1", async (_, status, body) => {
    const { code, stdout, stderr } = await list(await answering(status, body), "--json");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^gatepost: no Gatepost [^\n]+\n$/);
  });

  it("an endless answer is ended before it fills the memory", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, " ");
    stranger = createServer((_, response) => {
      const more = () => {
        while (response.write(megabyte));
        response.once("drain", more);
      };
      more();
    }).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const { code, stderr } = await list(url);
    // On a busy machine it says first that it is still waiting.
    const last = stderr.split("\n").slice(-2).join("\n");
    expect([code, last]).toEqual([
      1,
      `gatepost: no Gatepost answers at ${url}, but something that sends over 400 MB\n`,
    ]);
  });

  it("an answer that breaks off is named with its server and the remedy", async () => {
    stranger = createServer((_, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("{");
      setTimeout(() => response.destroy(), 50);
    }).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const { code, stderr } = await list(url);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^gatepost: the answer of ${url} broke off: [^\n]+; try again\n$`));
  });

  it("an answer with a page is named as such", async () => {
    const url = await answering(200, "<html>", { "content-type": "text/html" });
    const { stderr } = await list(url);
    expect(stderr).toBe(`gatepost: no Gatepost of this version answers at ${url}: it sends text/html and no JSON\n`);
  });

  it.each([
    [502, "<html>"],
    [503, "upstream down"],
  ])("a proxy that answers %i with %j gives no status", async (status, body) => {
    const url = await answering(status, body);
    const { code, stdout, stderr } = await gatepost("status", "--url", url, "--token", "gpa_x");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      new RegExp(`^gatepost: no Gatepost answers at ${url}, but something that says ${status}; [^\n]+\n$`),
    );
  });

  it("a redirect is not followed with the key", async () => {
    let asked = 0;
    const elsewhere = createServer((_, response) => {
      asked += 1;
      response.end('{"keys":[]}');
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void elsewhere.close());
    await once(elsewhere, "listening");
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v1/keys`;
    const { code, stderr } = await list(await answering(302, "", { location }));
    expect([code, asked]).toEqual([1, 0]);
    expect(stderr).toMatch(/^gatepost: cannot reach [^\n]+\n$/);
  });

  it("control characters in an answer are not printed", async () => {
    const key = {
      id: "\u001b]0;mine\u0007\u001b[2Jk\r",
      scope: "read",
      box: null,
      createdAt: "\u202e",
      lastUsedAt: null,
      revokedAt: null,
    };
    const { stdout } = await list(await answering(200, JSON.stringify({ keys: [key] })));
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    const refused = await list(await answering(403, JSON.stringify({ detail: "\u001b[2Jno\nno" })));
    expect(refused.stderr).not.toMatch(/[^\P{C}\n]/u);
  });

  it("an address without a server is named", async () => {
    const url = await answering(200, "");
    stranger?.close();
    const { code, stderr } = await list(url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gatepost: cannot reach [^\n]+; is it running there\?\n$/);
  });
});

it.each([
  [["--url", "ftp://x", "--token", "gpa_x"]],
  [["--url", "nonsense", "--token", "gpa_x"]],
  [["--url", "http://127.0.0.1:9"]],
  [["--url", "http://127.0.0.1:9", "--token", "a\nb"]],
  [["--url", "http://127.0.0.1:9", "--token", "x", "--data", "y"]],
  [["--surprise"]],
])("%j is wrong usage", async (args) => {
  const { code, stdout, stderr } = await gatepost("keys", "list", ...args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^gatepost: [^\n]+\n$/);
});
