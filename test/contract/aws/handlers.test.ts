import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashToken, newToken } from "@gatepost/core/keys";
import { routes } from "@gatepost/core/paths";
import { locatePicture, merge, pictureKinds } from "@gatepost/protocol";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { deploy, undeploy } from "./deployed.ts";
import { posted } from "./posting.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

type Handler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

const examples = [
  ["/RealTimeEvent", "se3-realtime"],
  ["/HistoryEvent", "history-nested"],
  ["/EventServer/api/HistoryEvent", "history-nested"],
  ["/AsyncEvent", "history-nested"],
  ["/PassRecord", "platform-b"],
  ["/LiveEvent", "ws-v5"],
] as const;

const page = { limit: 10, cursor: null };

/**
 * Delivers a report until it is acknowledged, as a box does. A store has as long to answer as on AWS, which is too
 * short for a busy machine.
 */
async function acknowledges(handler: Handler, request: APIGatewayProxyEventV2): Promise<void> {
  const acknowledged = { statusCode: 200, body: '{"message":"SUCCESS","status":0}' };
  await expect.poll(() => handler(request)).toMatchObject(acknowledged);
}

function example(dialect: string, name: string): string {
  return readFileSync(join(import.meta.dirname, `../../events/${dialect}/${name}.json`), "utf8");
}

onStandIns((standIns) => {
  describe("the deployed Lambdas", () => {
    let deps: TestRuntime;
    const tokens = { "gate-1": newToken("ingest"), reader: newToken("read") };
    beforeAll(async () => {
      deps = await runtimeOn(standIns);
      deploy(deps.names, { POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true" });
      await deps.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(tokens.reader) });
    });
    afterAll(undeploy);

    const load = async (name: string): Promise<Handler> => (await import(`../../../functions/${name}.ts`)).handler;
    const keyOf = async (box: string) => {
      const token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box, tokenHash: hashToken(token) });
      return token;
    };
    const shown = async (box: string) => (await deps.reads.events.list({ box }, page)).items.map(merge);

    it.each(examples)(
      "%s: acknowledges the example of the documents, to the byte, once it can be read",
      async (path, dialect) => {
        const route = routes.find((one) => one.path === path);
        const box = `gate${path.replaceAll("/", "-")}`;
        const handler = await load(route?.handler ?? "");
        await acknowledges(handler, posted(`/${await keyOf(box)}${path}`, example(dialect, "complete")));
        const [event, ...others] = await shown(box);
        expect(others).toEqual([]);
        expect(event).toMatchObject({ box: { id: box }, reports: [{ dialect }] });
        for (const kind of pictureKinds) {
          const stored = await deps.reads.events.get(event?.id ?? "");
          const picture = stored && locatePicture(stored, kind);
          expect(picture?.sha256).toBe(event?.pictures[kind]?.sha256);
          if (picture === null) continue;
          const bytes = await deps.reads.pictures.get(picture);
          expect(bytes).toHaveLength(picture.bytes);
        }
      },
    );

    it("any-event takes a report by its shape", async () => {
      const handler = await load("any-event");
      await acknowledges(handler, posted(`/${await keyOf("gate-any")}/`, example("history-nested", "complete")));
      expect(await shown("gate-any")).toHaveLength(1);
    });

    it("put an action on the bus, with the place of its photo", async () => {
      const taken = standIns.bus.calls.length;
      const handler = await load("history-event");
      const token = await keyOf("gate-action");
      await acknowledges(handler, posted(`/${token}/HistoryEvent`, example("history-nested", "register-stranger")));
      const [[entry] = []] = standIns.bus.calls.slice(taken);
      expect(entry).toMatchObject({
        EventBusName: deps.names.bus,
        Source: "gatepost",
        DetailType: "Stranger Registration Requested",
        Detail: {
          want_action: "1001",
          photo: { bucket: deps.names.bucket, key: expect.stringMatching(/^pictures\//) },
        },
      });
    });

    it("refuse an unknown key, and a read key", async () => {
      const handler = await load("history-event");
      expect(await handler(posted(`/${newToken("ingest")}/HistoryEvent`, "{}"))).toMatchObject({ statusCode: 401 });
      expect(await handler(posted(`/${tokens.reader}/HistoryEvent`, "{}"))).toMatchObject({ statusCode: 403 });
    });

    it("action-sweep announces no action again", async () => {
      const handle = await load("history-event");
      const name = "announced-once";
      await acknowledges(
        handle,
        posted(`/${await keyOf(name)}/HistoryEvent`, example("history-nested", "register-stranger")),
      );
      const entries = () => standIns.bus.calls.flat().filter(({ Detail }) => JSON.stringify(Detail).includes(name));
      expect(entries()).toHaveLength(1);
      const { handler } = await import("../../../functions/action-sweep.ts");
      await expect.poll(() => handler()).toEqual({ announced: 0, failed: 0 });
      expect(entries()).toHaveLength(1);
    });

    it("box-sweep looks at boxes, and sends its pulse", async () => {
      const { handler } = await import("../../../functions/box-sweep.ts");
      await expect.poll(() => handler()).toBeUndefined();
    });

    it("job-sweep looks for jobs without a worker", async () => {
      vi.stubEnv("GATEPOST_JOBS_URL", "http://127.0.0.1:1/jobs");
      const { handler } = await import("../../../functions/job-sweep.ts");
      await expect.poll(() => handler()).toBeUndefined();
    });

    it("do not start without the names of their resources, and name the missing ones", async () => {
      const { awsRuntime } = await import("@gatepost/aws/runtime");
      expect(() => awsRuntime({ GATEPOST_BUCKET: "bucket" })).toThrow(
        "the environment of this function is not complete: GATEPOST_TABLE is not set, GATEPOST_BUS is not set",
      );
    });

    it("answer 503 without the names of their resources", async () => {
      const { ingestHandler } = await import("@gatepost/aws");
      const { awsRuntime } = await import("@gatepost/aws/runtime");
      const errors: string[] = [];
      const log = { info() {}, warn() {}, error: (message: string) => void errors.push(message) };
      const handler = ingestHandler(() => awsRuntime({}), log);
      expect(await handler(posted(`/${tokens["gate-1"]}/HistoryEvent`, "{}"))).toMatchObject({ statusCode: 503 });
      expect(errors).toEqual(["report not stored"]);
    });
  });
});
