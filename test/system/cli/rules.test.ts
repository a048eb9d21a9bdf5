import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { bodyOf, listen } from "../../standins/listen.ts";
import { stranger } from "../../support/reports.ts";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

async function served() {
  const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
  const target = await listen(async (request, response) => {
    requests.push({ headers: request.headers, body: (await bodyOf(request)).toString() });
    response.writeHead(request.url === "/broken" ? 500 : 204).end();
  });
  onTestFinished(target.close);
  const data = await dataFolder();
  const server = await serve(data, { open: true });
  const rule = (name: string, want: string, path: string, more: object = {}) => ({
    name,
    pattern: { detail: { want_action: [want] } },
    target: { url: `${target.url}${path}`, allowPrivate: true, ...more },
  });
  const setRules = (...rules: object[]) => writeFile(join(data, "rules.json"), JSON.stringify(rules));
  const body = JSON.stringify(stranger({ timestamp: Date.now(), want_action: "1001" }));
  expect((await fetch(`${server.url}/HistoryEvent`, { method: "POST", body })).status).toBe(200);
  return { data, rule, setRules, requests };
}

it("`rules test` gives matches, reasons for misses, and the target's answers", async () => {
  const { data, rule, setRules } = await served();
  await setRules(rule("door", "1001", "/"), rule("photos", "1002", "/broken"), { name: "typo", patern: {} });
  const run = (...words: string[]) => gatepost("rules", "test", "--data", data, ...words);
  const all = await run();
  expect(all.code).toBe(1);
  expect(all.stdout).toMatch(/^door +1 of 1 +- +-$/m);
  expect(all.stdout).toMatch(/^photos +0 of 1 +detail\.want_action is 1001, wanted "1002" +-$/m);
  expect(all.stdout).toMatch(/^! rule typo, line 1: .+$/m);
  const door = await run("door", "--send");
  expect([door.code, door.stdout]).toEqual([0, expect.stringMatching(/^door +1 of 1 +- +answered 204 in \d+ ms$/m)]);
  const photos = await run("photos", "--send");
  expect([photos.code, photos.stdout]).toEqual([1, expect.stringContaining("answered 500")]);
  const { events } = await gatepostJson<{ events: { id: string }[] }>("events", "list", "--data", data);
  const id = events[0]?.id ?? "";
  const ofOne = await gatepostJson("rules", "test", "door", "--data", data, "--event", id);
  expect(ofOne).toEqual({
    rules: [{ rule: "door", tried: 1, matched: 1, warning: null, misses: null, sent: null }],
    faults: [],
  });
  expect(await run("dor")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("there is no rule dor; there are door"),
  });
});

it("a rule with two secrets signs with both; faulty lists are refused", async () => {
  const { data, rule, setRules, requests } = await served();
  await setRules(rule("both", "1002", "/", { secrets: ["new one", "old one"] }));
  expect((await gatepost("rules", "test", "both", "--send", "--data", data)).code).toBe(0);
  const { headers, body } = requests[0] ?? { headers: {}, body: "" };
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signatureBy = (key: string) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  expect(headers["webhook-signature"]).toBe(`${signatureBy("new one")} ${signatureBy("old one")}`);

  await setRules(
    rule("none", "1002", "/", { secrets: [] }),
    rule("three", "1002", "/", { secrets: ["a", "b", "c"] }),
    rule("twice", "1002", "/", { secret: "a", secrets: ["b"] }),
  );
  const { stdout } = await gatepost("rules", "test", "--data", data);
  expect(stdout.match(/^! rule (?:none|three|twice), line 1: target\.secrets: .+$/gm)).toHaveLength(3);
});

it("status and `rules test` warn of a rule that can never match", async () => {
  const { data, rule, setRules } = await served();
  const never = { ...rule("never", "1001", "/"), pattern: { "detail-type": ["Face Event Recorded"] } };
  await setRules(rule("door", "1001", "/"), never);
  const reason = "Face Event Recorded is put on the bus only with --announce-events";
  const tested = await gatepost("rules", "test", "--data", data);
  expect([tested.code, tested.stdout]).toEqual([0, expect.stringContaining(`! rule never can never match: ${reason}`)]);
  const { needsHand } = (await gatepost("status", "--json", "--data", data).then(({ stdout }) =>
    JSON.parse(stdout),
  )) as {
    needsHand: string[];
  };
  expect(needsHand).toContain(`rule never, line 1, can never match: ${reason}`);
  expect(needsHand.filter((hand) => hand.includes("door"))).toEqual([]);
});
