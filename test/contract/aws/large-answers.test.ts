import { randomBytes } from "node:crypto";
import type { ApiPorts } from "@gatepost/api";
import { hashToken, newToken } from "@gatepost/core/keys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { onStandIns } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { report, upsert } from "../samples.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

/** What Lambda gives as an answer, in bytes. */
const maxAnswerBytes = 6 * 1024 * 1024;

/** Events of 300 KB each: together more than one answer may have. */
const events = 24;

const page = z.object({
  events: z.array(z.object({ id: z.string() })),
  next: z.string().nullable(),
});
const linked = z.object({ bytes: z.number(), bodyLink: z.object({ url: z.string(), expires: z.string() }) });

onStandIns((standIns) => {
  describe("an answer that is too large for Lambda", () => {
    let deps: TestRuntime;
    const token = newToken("admin");
    beforeAll(async () => {
      deps = await runtimeOn(standIns, { clock: Date.now });
      await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(token) });
      const extra = { note: "x".repeat(300_000) };
      const now = Date.now();
      for (let n = 0; n < events; n++) {
        const times = { now, expiresAt: now + 1_000_000 };
        await deps.ingest.index.upsert(upsert(`large ${n}`, { ...times, report: report({ extra }) }));
      }
    });
    afterAll(() => deps.close());

    const answerTo = async (path: string, query: string, ports: ApiPorts) => {
      const event = httpEvent({ method: "GET", path, query, headers: { authorization: `Bearer ${token}` } });
      const answer = await apiHandler(() => ports)(event);
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(maxAnswerBytes);
      return answer;
    };
    const ask = async (path: string, query = "") => {
      const answer = await answerTo(path, query, deps.reads);
      expect(answer.statusCode).toBe(200);
      return JSON.parse(Buffer.from(answer.body ?? "", "base64").toString());
    };

    /** Every page of a list, by the parameter that asks for the next one. */
    async function* pagesOf(query: string, parameter: string) {
      let asked = query;
      for (let pages = 0; pages < 2 * events; pages++) {
        const read = page.parse(await ask("/v1/events", asked));
        yield read.events;
        if (read.next === null || read.events.length === 0) return;
        asked = `${query}&${parameter}=${encodeURIComponent(read.next)}`;
      }
    }

    it.each([
      ["limit=500", "cursor"],
      ["limit=500&order=received", "after"],
    ])("is split into pages without loss, for a list by %s", async (query, parameter) => {
      const seen = new Set<string>();
      for await (const read of pagesOf(query, parameter)) for (const { id } of read) seen.add(id);
      expect(seen.size).toBe(events);
    });

    it("is refused with advice if it cannot be split", async () => {
      const facts = { box: "gate-1", path: "/", reason: "not-json", headers: {}, event: null };
      const body = Buffer.alloc(5_000_000, "x");
      await deps.ingest.quarantine.put({ ...facts, id: "qrt_2", receivedAt: Date.now(), body });
      const refused = await answerTo("/v1/quarantine/qrt_2", "", { ...deps.reads, quarantineLinks: null });
      expect(refused.statusCode).toBe(413);
      expect(Buffer.from(refused.body ?? "", "base64").toString()).toContain("smaller limit");
    });

    it("is replaced by a link to the exact bytes, for a quarantine body", async () => {
      const body = randomBytes(4_300_000);
      const facts = { box: "gate-1", path: "/", reason: "not-json", headers: {}, event: null };
      await deps.ingest.quarantine.put({ ...facts, id: "qrt_1", receivedAt: Date.now(), body });
      const { bytes, bodyLink } = linked.parse(await ask("/v1/quarantine/qrt_1"));
      expect(bytes).toBe(body.length);
      expect(Date.parse(bodyLink.expires)).toBeGreaterThan(Date.now() + 240_000);
      expect(Date.parse(bodyLink.expires)).toBeLessThanOrEqual(Date.now() + 300_000);
      expect(Buffer.from(await (await fetch(bodyLink.url)).arrayBuffer()).equals(body)).toBe(true);
    });
  });
});
