import type { IncomingMessage, ServerResponse } from "node:http";
import { openPeople, type PersonLibrary } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { bodyOf, listen } from "../../../standins/listen.ts";
import { atEnd } from "../../../unit/simulator/support.ts";
import { boxOf, face, never, Order, order, otherFace, versions } from "./support.ts";

const chunk = Buffer.alloc(64 * 1024, 0x61);
const secret = "the secret of the platform";

/** Writes for as long as the other side reads. */
function endless(response: ServerResponse): void {
  const write = (): void => {
    while (response.writable && response.write(chunk));
    if (response.writable) response.once("drain", write);
  };
  write();
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(" "), 20);
  response.once("close", () => clearInterval(timer));
}

const json = (value: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(value));
const info = { name: 7, type: "x", permission_ids: "all" };

const answers: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ["nothing, for ever", () => {}],
  ["a byte now and then", drip],
  ["text without end", endless],
  ["JSON without end", (response) => void (response.write('{"data":{"x":"') && endless(response))],
  ["half of what it promised", (response) => void response.writeHead(200, { "content-length": 999 }).end('{"da')],
  ["half of its JSON", (response) => void response.end('{"data":{"identities_list":[{"identity_id":"1')],
  ["nothing at all", (response) => void response.end()],
  ["a sign-in page", (response) => void response.end("<html>Sign in</html>")],
  ["a redirect", (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
  ["null", json(null)],
  ["a number", json(12)],
  ["lists in lists, deeper than any stack", (response) => void response.end("[".repeat(100_000) + "]".repeat(100_000))],
  ["an object in objects, as a person", (response) => void response.end(deep(100_000))],
  [
    "a person with wrong types",
    json({ data: { identities_list: [{ identity_id: 5, info }] }, identity_id: 5, identities: 1 }),
  ],
  [
    "other people",
    json({ data: { identities_list: [{ identity_id: "7", info: {} }] }, identity_id: "7", identities: [] }),
  ],
  ["more people than asked for", json({ data: { identities_list: Array.from({ length: 5000 }, () => ({})) } })],
  ["an error that is a text", json({ error: "no" })],
  ["an error with a control character", json({ error: { code: "\u001b[31mX", message: "a\r\nb".repeat(500) } })],
  ["an error with a huge code", json({ error: { code: "9".repeat(50_000), message: "x" } })],
  ["401", (response) => void response.writeHead(401).end()],
  ["429", (response) => void response.writeHead(429).end()],
  ["503", (response) => void response.writeHead(503).end("busy")],
  ["a reset", (response) => void response.socket?.resetAndDestroy()],
];

function deep(levels: number): string {
  const person = `{"identity_id":"${order.personId}","info":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`;
  return `{"data":{"identities_list":[${person}]}}`;
}

const limits = { timeoutMs: 150, maxBytes: 4 * 1024 * 1024 };

async function libraryAt(kind: "A" | "B" | "B7" | "C" | "sophonsight", url: string): Promise<PersonLibrary> {
  if (kind === "sophonsight") {
    return openPeople({ sophonsight: url, appkey: "key", secret, department: "1" }, limits);
  }
  const { hostname: host, port } = new URL(url);
  const at = { host, port: Number(port), library: "default_group", quality: "high" } as const;
  return openPeople({ ...at, generation: kind }, limits);
}

const steps: readonly (readonly [string, (library: PersonLibrary) => Promise<{ state: string }>])[] = [
  ["register", (library) => library.register(order, new Order().attempt())],
  ["updatePhoto", (library) => library.updatePhoto({ ...order, photo: otherFace }, new Order().attempt())],
  ["remove", (library) => library.remove(order.personId, never)],
  ["compare", (library) => library.compare(order.personId, face, never)],
];

describe.each(["A", "B", "B7", "C", "sophonsight"] as const)("a box taken for one of %s", (kind) => {
  it.each(answers)("fails, or is asked again, if it answers %s", async (_, answer) => {
    const box = await listen((request: IncomingMessage, response: ServerResponse) => {
      void bodyOf(request).then(
        () => answer(response),
        () => {},
      );
    });
    atEnd(box.close);
    const library = await libraryAt(kind, box.url);
    for (const [, step] of steps) {
      const outcome = await step(library);
      expect(["failed", "later"]).toContain(outcome.state);
      const { reason } = outcome as { reason?: unknown };
      expect(String(reason)).toMatch(/^\P{Cc}{3,600}$/u);
      expect(String(reason)).not.toContain("token=");
      expect(String(reason)).not.toContain(secret);
    }
  });
});

const turns = answers.filter(([name]) =>
  /^(text without end|half of what|an object in|a person with|other people|503)/.test(name),
);

/** A way to a good box on which the request of this number, and all after it, are answered otherwise. */
async function turning(port: number, from: number, answer: (response: ServerResponse) => void) {
  let number = 0;
  const way = await listen(async (request, response) => {
    const body = await bodyOf(request).catch(() => null);
    if (body === null) return;
    if (number++ >= from) return answer(response);
    const { method = "GET", url = "/" } = request;
    const sent = method === "GET" ? {} : { body, headers: { "content-type": "application/json" } };
    const told = await fetch(`http://127.0.0.1:${port}${url}`, { method, ...sent });
    response.writeHead(told.status).end(Buffer.from(await told.arrayBuffer()));
  });
  atEnd(way.close);
  return way;
}

describe.each(versions)("a box of generation %s", (generation, version) => {
  it.each(turns)("registers the person once, and changes no other, if its answers become %s", async (_, answer) => {
    await Promise.all(
      [2, 4, 6, 8].map(async (from) => {
        const { library, served, open } = await boxOf(version);
        const others = structuredClone(library.all());
        const way = await turning(served.port, from, answer);
        const tried = new Order();
        const outcome = await (await libraryAt(generation, way.url)).register(order, tried.attempt());
        expect(["done", "failed", "later"]).toContain(outcome.state);
        expect(library.all().filter(({ id }) => id !== order.personId)).toEqual(others);
        expect(await open().register(order, tried.attempt())).toEqual({ state: "done", note: null });
        expect(library.get(order.personId).faces).toHaveLength(1);
      }),
    );
  });
});

it.each([
  ["a photo far over 5 MB", { image_id: "1" }, Buffer.alloc(6 * 1024 * 1024).toString("base64")],
  ["a picture id without an end", { image_id: "1".repeat(257) }, null],
])("%s cannot be kept for an undo, so nothing is changed", async (_, told, reg_photo) => {
  const methods = new Set<string>();
  const user = { identity_id: order.personId, reg_photo, info: { name: "X", type: 1, ...told } };
  const box = await listen((request, response) => {
    methods.add(`${request.method}`);
    response.end(JSON.stringify({ data: { identities_list: [user] } }));
  });
  atEnd(box.close);
  const { hostname: host, port } = new URL(box.url);
  const at = { host, port: Number(port), library: "default_group", quality: "high", generation: "A" } as const;
  const tried = new Order();
  const outcome = await openPeople(at).updatePhoto({ ...order, photo: otherFace }, tried.attempt());
  expect(outcome).toMatchObject({ state: "failed", reason: expect.stringContaining("than can be kept for an undo") });
  expect(tried.kept).toBeNull();
  expect([...methods]).toEqual(["GET"]);
});
