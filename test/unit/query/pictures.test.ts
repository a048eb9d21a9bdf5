import type { FaceEvent } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { jpeg, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
let href: string;
const face = jpeg("<script>alert(1)</script>");

beforeEach(async () => {
  deps = await runtime();
  const [outcome] = await deps.deliver(passing({ extData: { recognize_face: face.toString("base64") } }));
  href = `/v1/events/${outcome?.event?.id}/pictures/face`;
});

describe("a picture", () => {
  it("is served byte for byte, as a picture and nothing else", async () => {
    const event = (await (await deps.ask(href.replace("/pictures/face", ""))).json()) as FaceEvent;
    expect(event.pictures.face?.href).toBe(href);
    const answer = await deps.ask(href, { token: deps.tokens.read });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(face);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "content-disposition": "inline",
      "x-content-type-options": "nosniff",
      "cache-control": "private, max-age=300",
      etag: `"${event.pictures.face?.sha256}"`,
    });
  });

  it("is not sent again to whoever has it", async () => {
    const etag = (await deps.ask(href)).headers.get("etag") ?? "";
    deps.pictures.clear();
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await deps.ask(href, { headers: { "if-none-match": known } });
      expect(answer.status, known).toBe(304);
      expect(await answer.text()).toBe("");
      expect(answer.headers.get("etag")).toBe(etag);
    }
  });

  it("is sent to whoever has another", async () => {
    const answer = await deps.ask(href, { headers: { "if-none-match": '"other"' } });
    expect(answer.status).toBe(200);
  });

  it("has a link on request", async () => {
    const answer = await deps.ask(`${href}?link=1`);
    expect(await answer.json()).toEqual({ url: href, expires: null });
    expect((await deps.ask(`${href}?link=yes`)).status).toBe(400);
  });

  it("of a store that gives links is where the link says", async () => {
    const link = { url: "https://bucket.example/face?signed", expires: "2026-11-05T04:05:01.000Z" };
    deps.deps.pictureLinks = { link: async () => link };
    const answer = await deps.ask(href);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, link.url]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await (await deps.ask(`${href}?link=1`)).json()).toEqual(link);
    expect((await deps.ask(href.replace("face", "scene"))).status).toBe(404);
  });

  it("that is not there is not found", async () => {
    expect((await deps.ask(href.replace("face", "scene"))).status).toBe(404);
    expect((await deps.ask(href.replace("face", "mugshot"))).status).toBe(404);
    expect((await deps.ask("/v1/events/evt_none/pictures/face")).status).toBe(404);
  });

  it("whose bytes the store has no more is gone", async () => {
    deps.pictures.clear();
    const answer = await deps.ask(href);
    expect(answer.status).toBe(410);
    expect(await answer.json()).toMatchObject({
      status: 410,
      detail: "the bytes of this picture are lost, or were erased",
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});
