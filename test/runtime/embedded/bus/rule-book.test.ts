import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { hashToken, newToken } from "@gatepost/core/keys";
import { receiver } from "@gatepost/receive";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { boxRequest } from "../../../support/http.ts";
import { history, noon, stranger } from "../../../support/reports.ts";
import { temporaryRuntime } from "../temporary.ts";

const book = z.object({
  etag: z.string(),
  rules: z.array(z.looseObject({ name: z.string(), target: z.record(z.string(), z.unknown()) })),
  faults: z.array(z.looseObject({ rule: z.string().nullable() })),
});

const written = `[
  { "name": "first",
    "pattern": {"source": ["gatepost"]},   "target": {"url": "https://one.example/", "secret": "kept secret",
      "headers": {"x-tenant": "north"}} },
  {"name":"broken","pattern":{},"target":{"url":"nowhere"}},
  {"name":"last","pattern":{"source":["gatepost"]},"target":{"url":"https://three.example/"}}
]
`;

let deps: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  deps = await start();
});

async function start() {
  const { runtime, close } = await temporaryRuntime({ bus: { allowPrivateTargets: true } });
  onTestFinished(close);
  const file = runtime.folder.rules;
  interface Sent {
    body?: unknown;
    tag?: string;
    token?: string;
  }
  const ask = async (method: string, path: string, { body, tag, token = runtime.adminToken }: Sent = {}) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(tag === undefined ? {} : { "if-match": tag }),
    };
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await runtime.api.fetch(new Request(`http://gatepost${path}`, sent));
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
  };
  const read = async () => book.parse((await ask("GET", "/v1/rules")).body);
  return { runtime, file, ask, read };
}

const wish = { pattern: { source: ["gatepost"] }, target: { url: "https://one.example/hook" } };

describe("the rules", () => {
  it("are listed without their secrets, together with unusable ones", async () => {
    await writeFile(deps.file, written);
    const { rules, faults } = await deps.read();
    expect(rules).toEqual([
      {
        name: "first",
        line: 2,
        pattern: { source: ["gatepost"] },
        target: { url: "https://one.example/", headers: ["x-tenant"], isSigned: true, allowPrivate: false },
        isOn: true,
        card: { kind: "own" },
        by: null,
        changedAt: null,
        offSince: null,
        waiting: 0,
        dead: 0,
        failing: null,
        today: 0,
        last: null,
      },
      expect.objectContaining({ name: "last", line: 6 }),
    ]);
    expect(faults).toMatchObject([{ rule: "broken", line: 5 }]);
    expect(JSON.stringify(await deps.read())).not.toMatch(/kept secret|north/);
  });

  it("show a key without rights only the host of a webhook", async () => {
    const urls = [
      "https://ha.example/api/webhook/SECRETID?token=abc",
      "https://one.example/",
      "https://two.example?k=abc",
    ];
    const rules = urls.map((url, n) => ({ name: `rule-${n}`, pattern: wish.pattern, target: { url } }));
    await writeFile(deps.file, JSON.stringify(rules));
    const made = { body: { scope: "read" } };
    const { token } = z.object({ token: z.string() }).parse((await deps.ask("POST", "/v1/keys", made)).body);
    const urlsFor = async (sent: { token?: string }) =>
      book.parse((await deps.ask("GET", "/v1/rules", sent)).body).rules.map(({ target }) => target["url"]);
    expect(await urlsFor({ token })).toEqual([
      "https://ha.example/***",
      "https://one.example/",
      "https://two.example/***",
    ]);
    expect(await urlsFor({})).toEqual([urls[0], urls[1], "https://two.example/?k=abc"]);
  });

  it("are written without a file, changed and removed, only as they were read", async () => {
    const { etag, rules } = await deps.read();
    expect(rules).toEqual([]);
    expect((await deps.ask("PUT", "/v1/rules/new", { body: wish })).status).toBe(428);
    expect((await deps.ask("PUT", "/v1/rules/new", { body: wish, tag: '"other"' })).status).toBe(412);
    expect(await deps.ask("PUT", "/v1/rules/new", { body: wish, tag: etag })).toMatchObject({
      status: 200,
      body: { name: "new", target: { url: "https://one.example/hook", isSigned: false } },
    });
    expect((await deps.ask("PUT", "/v1/rules/new", { body: wish, tag: etag })).status).toBe(412);
    expect((await stat(deps.file)).mode & 0o777).toBe(0o600);
    expect(deps.runtime.bus.refusalOf("new")).toBeNull();
    const tag = (await deps.read()).etag;
    expect((await deps.ask("DELETE", "/v1/rules/none", { tag })).status).toBe(404);
    expect((await deps.ask("DELETE", "/v1/rules/new", { tag })).status).toBe(204);
    expect((await deps.read()).rules).toEqual([]);
    expect(JSON.parse(await readFile(deps.file, "utf8"))).toEqual([]);
  });

  it("keep text around a changed rule, its secret and its headers", async () => {
    await writeFile(deps.file, written);
    const target = { url: "https://one.example/changed", headers: { "x-tenant": null, "x-more": "1" } };
    const tag = (await deps.read()).etag;
    expect((await deps.ask("PUT", "/v1/rules/first", { body: { ...wish, target }, tag })).status).toBe(200);
    const changed = await readFile(deps.file, "utf8");
    expect(changed.slice(changed.indexOf('{"name":"broken"'))).toBe(written.slice(written.indexOf('{"name":"broken"')));
    expect(JSON.parse(changed)[0]).toEqual({
      name: "first",
      pattern: wish.pattern,
      target: {
        url: "https://one.example/changed",
        secret: "kept secret",
        headers: { "x-tenant": "north", "x-more": "1" },
      },
      changed: { by: "key_process", at: expect.any(String) },
    });
    const plain = { ...wish, target: { url: "https://changed.example/", headers: {}, secret: null } };
    await deps.ask("PUT", "/v1/rules/first", { body: plain, tag: (await deps.read()).etag });
    expect(JSON.parse(await readFile(deps.file, "utf8"))[0].target).toEqual({ url: "https://changed.example/" });
    await deps.ask("DELETE", "/v1/rules/last", { tag: (await deps.read()).etag });
    await deps.ask("DELETE", "/v1/rules/first", { tag: (await deps.read()).etag });
    expect(JSON.parse(await readFile(deps.file, "utf8")).map(({ name }: { name: string }) => name)).toEqual(["broken"]);
  });

  it("send no header to another host, or unencrypted, unless entered again", async () => {
    await writeFile(deps.file, written);
    const put = async (target: object) =>
      deps.ask("PUT", "/v1/rules/first", { body: { ...wish, target }, tag: (await deps.read()).etag });
    for (const url of ["https://two.example/", "http://one.example/", "https://one.example:8443/"]) {
      for (const headers of [undefined, { "x-tenant": null }, { "x-more": "1", "x-tenant": null }]) {
        expect(await put({ url, headers })).toMatchObject({
          status: 400,
          body: { detail: expect.stringContaining("target.headers: the url leads elsewhere now") },
        });
      }
    }
    expect(await readFile(deps.file, "utf8")).toBe(written);
    expect(await put({ url: "https://two.example/", headers: { "x-tenant": "south" } })).toMatchObject({ status: 200 });
    expect(await put({ url: "https://three.example/", headers: {} })).toMatchObject({ status: 200 });
    expect(await put({ url: "https://four.example/" })).toMatchObject({ status: 200 });
  });

  it.each([
    ["a pattern that is none", { ...wish, pattern: { source: "gatepost" } }, "write the value as a list"],
    ["a pattern with a number for text", { ...wish, pattern: { detail: { want_action: [1001] } } }, "in quotes"],
    ["an address that is none", { ...wish, target: { url: "nowhere" } }, "target.url: must be as https://"],
    ["a password", { ...wish, target: { url: "https://a:b@one.example/" } }, "must hold no user or password"],
    ["a header that it sets itself", { ...wish, target: { ...wish.target, headers: { host: "x" } } }, "not for a rule"],
    [
      "a value to keep that is not there",
      { ...wish, target: { ...wish.target, headers: { a: null } } },
      "no value to keep",
    ],
    [
      "a value to keep of a name that every object has",
      { ...wish, target: { ...wish.target, headers: { constructor: null } } },
      "no value to keep",
    ],
    ["an unknown member", { ...wish, colour: "red" }, "olour"],
  ])("are refused with %s, and the file stays", async (_, body, detail) => {
    await writeFile(deps.file, written);
    const answer = await deps.ask("PUT", "/v1/rules/first", { body, tag: (await deps.read()).etag });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } });
    expect(await readFile(deps.file, "utf8")).toBe(written);
  });

  it("are listed without secrets in alert URLs, which a write keeps", async () => {
    const key = "693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa";
    const url = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`;
    const put = async (target: object) => {
      const { etag: tag } = await deps.read();
      return deps.ask("PUT", "/v1/rules/guards", { body: { pattern: wish.pattern, target }, tag });
    };
    const held = async () =>
      z.array(z.looseObject({})).parse(JSON.parse(await readFile(deps.file, "utf8")))[0]?.["target"];
    const quiet = { from: "22:00", to: "07:00", zone: "Asia/Shanghai" };
    const shown = { type: "wecom", url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=***5aaa" };
    const made = await put({ type: "wecom", url, cooldownSeconds: 60, quiet });
    expect(made.body).toMatchObject({ target: { ...shown, cooldownSeconds: 60, quiet, isSigned: false, headers: [] } });
    expect(JSON.stringify((await deps.read()).rules)).not.toContain(key);
    expect((await put({ url: shown.url, cooldownSeconds: 90, quiet: null })).status).toBe(200);
    expect(await held()).toEqual({ type: "wecom", url, cooldownSeconds: 90 });
    const dingtalk = {
      type: "dingtalk",
      url: "https://oapi.dingtalk.com/robot/send?access_token=1",
      secret: "SEChunter2",
    };
    expect((await put(dingtalk)).body).toMatchObject({ target: { isSigned: true } });
    expect(await held()).toEqual(dingtalk);
    expect((await put({ type: null, url: "https://two.example/hook" })).status).toBe(200);
    expect(await held()).toEqual({ url: "https://two.example/hook" });
    const wrong = await put({ type: "ntfy", url: "https://ntfy.sh/x", template: "{hunter}" });
    expect(wrong).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("target.template: {hunter} is not") },
    });
  });

  it("a bot needs no address: its usual one is shown, and its token goes to no other host unless entered again", async () => {
    const put = async (target: object) => {
      const { etag: tag } = await deps.read();
      return deps.ask("PUT", "/v1/rules/bot", { body: { pattern: wish.pattern, target }, tag });
    };
    const held = async () => JSON.parse(await readFile(deps.file, "utf8")).at(-1).target;
    const telegram = { type: "telegram", url: "", secret: "1:token", to: "-100123" };
    const usual = "https://api.telegram.org";
    expect((await put(telegram)).body).toMatchObject({ target: { url: usual, isSigned: true } });
    const stored = { type: "telegram", secret: "1:token", to: "-100123" };
    expect(await held()).toEqual(stored);
    for (const url of [usual, ""])
      expect((await put({ url, template: "en" })).body).toMatchObject({ target: { url: usual } });
    expect(await held()).toEqual({ ...stored, template: "en" });
    expect(await put({ url: "https://evil.example" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("target.secret: the url leads elsewhere now") },
    });
    const own = { url: "https://bots.example", secret: "1:other" };
    expect((await put(own)).body).toMatchObject({ target: { url: "https://bots.example" } });
    expect((await put({ url: "" })).status).toBe(400);
  });

  it("send no password to another host, or unencrypted, unless entered again", async () => {
    const put = async (target: object) => {
      const { etag: tag } = await deps.read();
      return deps.ask("PUT", "/v1/rules/guards", { body: { pattern: wish.pattern, target }, tag });
    };
    const mail = { type: "email", url: "smtps://gate%40example.com@smtp.example.com", to: "guard@example.com" };
    expect((await put({ ...mail, secret: "hunter2" })).status).toBe(200);
    for (const url of [mail.url.replace("smtp.", "evil."), mail.url.replace("smtps:", "smtp:"), `${mail.url}:2525`]) {
      expect(await put({ ...mail, url })).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining("target.secret: the url leads elsewhere now") },
      });
    }
    expect(await readFile(deps.file, "utf8")).not.toMatch(/evil|2525|smtp:/);
    expect((await put({ ...mail, url: `${mail.url}?from=door@example.com` })).status).toBe(200);
    const elsewhere = mail.url.replace("smtp.", "mail.");
    expect((await put({ ...mail, url: elsewhere, secret: "new" })).status).toBe(200);
    expect((await put({ ...mail, secret: null })).status).toBe(200);
    expect(await readFile(deps.file, "utf8")).not.toMatch(/hunter2|"new"/);
  });

  it("stay as they are if the file is no JSON", async () => {
    await writeFile(deps.file, "[{");
    const { body } = await deps.ask("GET", "/v1/rules");
    expect(body).toMatchObject({
      rules: [],
      faults: [{ rule: null, line: 1, column: 3, reason: "the file cannot be used: it is no JSON" }],
    });
    expect((await deps.ask("PUT", "/v1/rules/new", { body: wish, tag: book.parse(body).etag })).status).toBe(409);
    expect(await readFile(deps.file, "utf8")).toBe("[{");
  });
});

describe("a pattern", () => {
  const deliver = async (body: unknown) => {
    const token = newToken("ingest");
    await deps.runtime.reads.keyAdmin.create({ scope: "ingest", box: "canteen", tokenHash: hashToken(token) });
    const request = boxRequest({ path: `/${token}/HistoryEvent`, body });
    expect((await receiver(deps.runtime.ingest)(request)).status).toBe(200);
  };

  it("is tried on the last events, condition by condition", async () => {
    await deliver(stranger({ timestamp: noon, want_action: "1001" }));
    await deliver(history({ timestamp: noon + 1 }));
    const pattern = { detail: { want_action: ["1001"], event: { box: { id: [{ prefix: "gate-" }] } } } };
    const { status, body } = await deps.ask("POST", "/v1/rules/try", { body: { pattern } });
    expect(status).toBe(200);
    const why = (is: string) => [
      { path: "detail.event.box.id", holds: false, is: "canteen", wants: 'prefix "gate-"' },
      { path: "detail.want_action", holds: is !== "", is, wants: '"1001"' },
    ];
    expect(body).toMatchObject({
      tried: 2,
      matched: 0,
      events: [
        { detailType: "Face Event Recorded", matches: false, why: why("") },
        { detailType: "Stranger Registration Requested", matches: false, why: why("1001") },
      ],
    });
    const all = await deps.ask("POST", "/v1/rules/try", { body: { pattern: { source: ["gatepost"] }, last: 1 } });
    expect(all.body).toMatchObject({ tried: 1, matched: 1 });
    const wrong = await deps.ask("POST", "/v1/rules/try", { body: { pattern: { source: "gatepost" } } });
    expect(wrong).toMatchObject({ status: 400, body: { detail: expect.stringContaining("$.source") } });
    expect((await deps.ask("POST", "/v1/rules/try", { body: { pattern, last: 501 } })).status).toBe(400);
  });

  it("counts events, also if an event has an entry of each of two actions", async () => {
    const passing = { timestamp: noon, identity_id: "1772366400.25" };
    await deliver(history({ ...passing, want_action: "1001" }));
    await deliver(history({ ...passing, want_action: "1002" }));
    await deliver(history({ timestamp: noon + 1 }));
    const tried = async (pattern: object) =>
      (await deps.ask("POST", "/v1/rules/try", { body: { pattern, last: 100 } })).body as { events: unknown[] };
    const all = await tried({ source: ["gatepost"] });
    expect(all).toMatchObject({ tried: 2, matched: 2 });
    expect(all.events).toHaveLength(3);
    expect(await tried({ detail: { want_action: ["1002"] } })).toMatchObject({ tried: 2, matched: 1 });
  });

  it("is tried on one event for every rule", async () => {
    await writeFile(deps.file, written);
    await deliver(stranger({ timestamp: noon, want_action: "1001" }));
    const [event] = (await deps.runtime.reads.events.list({}, { limit: 1, cursor: null })).items;
    const { body } = await deps.ask("POST", "/v1/rules/try", { body: { event: event?.id } });
    expect(body).toMatchObject({
      event: event?.id,
      rules: [
        { rule: "first", matches: true, detailType: "Stranger Registration Requested" },
        { rule: "last", matches: true },
      ],
    });
    expect((await deps.ask("POST", "/v1/rules/try", { body: { event: "evt_none" } })).status).toBe(404);
  });
});

it("a test is sent to the target of a rule once, and its answer returned", async () => {
  const bodies: string[] = [];
  let status = 204;
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await writeFile(deps.file, JSON.stringify([{ name: "hook", pattern: { source: ["gatepost"] }, target: { url } }]));
  const answered = { status: 200, body: { status: 204, ms: expect.any(Number), reason: null } };
  expect(await deps.ask("POST", "/v1/rules/hook/ping")).toEqual(answered);
  expect(bodies.map((body) => JSON.parse(body))).toMatchObject([
    { source: "gatepost", "detail-type": "Gatepost Test" },
  ]);
  status = 500;
  expect((await deps.ask("POST", "/v1/rules/hook/ping")).body).toMatchObject({ status: 500, reason: "answered 500" });
  expect((await deps.ask("POST", "/v1/rules/none/ping")).status).toBe(404);
});
