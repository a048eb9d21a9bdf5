import { photoLink } from "@gatepost/core/pictures";
import { dayMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

const base = "https://gate.example";
const photoSecret = Buffer.alloc(20, 9);
const face = jpeg("a face");

const linked = z.object({
  detail: z.object({
    event: z.object({ id: z.string() }),
    photo: z.object({ sha256: z.string(), link: z.object({ url: z.string(), expires: z.string() }) }),
  }),
});

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  deps.deps.photoSecret = photoSecret;
  deps.ingest.failing.delete("bus");
  deps.ingest.photoLink = (photo) => photoLink(photo, { base, photoSecret, clock: deps.deps.clock });
});

/** Delivers a passing that asks for an action, and returns the entry that announces it. */
async function announced(pictures = { recognize_face: face.toString("base64") }) {
  await deps.deliver(passing({ want_action: "1002", extData: pictures }));
  return linked.parse(deps.ingest.announced[0]).detail;
}

const open = (url: string) => deps.ask(new URL(url).pathname, { headers: { authorization: "" } });

describe("the link of a photo in an entry of the bus", () => {
  it("opens the photo without a key, for a day", async () => {
    const { photo } = await announced();
    expect(photo.link.url).toMatch(/^https:\/\/gate\.example\/v1\/pictures\/[\w-]+$/);
    expect(photo.link.expires).toBe(new Date(deps.deps.clock() + dayMs).toISOString());
    const answer = await open(photo.link.url);
    expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([200, face]);
    deps.ingest.now += dayMs;
    expect((await open(photo.link.url)).status).toBe(410);
  });

  it("finds nothing once the event is erased", async () => {
    const { event, photo } = await announced();
    expect((await deps.ask(`/v1/events/${event.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await open(photo.link.url)).status).toBe(404);
  });

  it("opens neither another photo nor an event without an action", async () => {
    const { event } = await announced();
    const [quiet] = await deps.deliver(
      passing({ timestamp: noon + 1, extData: { recognize_face: face.toString("base64") } }),
    );
    const signed = (id: string, sha256: string) => {
      return photoLink({ id, sha256 }, { base, photoSecret, clock: deps.deps.clock }).url;
    };
    expect((await open(signed(event.id, "0".repeat(64)))).status).toBe(404);
    const { sha256 } = (await announced()).photo;
    expect((await open(signed(quiet?.event?.id ?? "", sha256))).status).toBe(404);
    expect((await open(signed(event.id, sha256))).status).toBe(200);
  });

  it("is signed by its own secret, which opens no other link", async () => {
    const { event, photo } = await announced();
    const options = { base, photoSecret: deps.deps.cursorSecret, clock: deps.deps.clock };
    expect((await open(photoLink({ id: event.id, sha256: photo.sha256 }, options).url)).status).toBe(404);
  });
});

it("an entry has no link to its photo if the public address is unknown", async () => {
  deps.ingest.photoLink = () => null;
  await deps.deliver(passing({ want_action: "1002", extData: { recognize_face: face.toString("base64") } }));
  expect(linked.safeParse(deps.ingest.announced[0]).success).toBe(false);
  expect(deps.ingest.announced).toMatchObject([{ detail: { photo: { kind: "face" } } }]);
});
