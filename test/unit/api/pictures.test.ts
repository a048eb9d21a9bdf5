import { type AsSent, pictureLink } from "@gatepost/core/pictures";
import type { FaceEvent } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { cursorSigner } from "../../../packages/core/src/lists/cursors.ts";
import { sha256 } from "../../support/pictures.ts";
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
  it("a picture is served byte for byte, and only as a picture", async () => {
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

  it("a picture is not sent again to a client that has it", async () => {
    const etag = (await deps.ask(href)).headers.get("etag") ?? "";
    deps.pictures.clear();
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await deps.ask(href, { headers: { "if-none-match": known } });
      expect(answer.status, known).toBe(304);
      expect(await answer.text()).toBe("");
      expect(answer.headers.get("etag")).toBe(etag);
    }
  });

  it("a picture is sent to a client that has another one", async () => {
    const answer = await deps.ask(href, { headers: { "if-none-match": '"other"' } });
    expect(answer.status).toBe(200);
  });

  it("a scene that has ended is gone, with the reason", async () => {
    deps.ingest.settings.sceneDays = 7;
    const extData = { spot_pic: jpeg("scene").toString("base64") };
    const [outcome] = await deps.deliver(passing({ extData }));
    const scene = `/v1/events/${outcome?.event?.id}/pictures/scene`;
    expect((await deps.ask(scene)).status).toBe(200);
    deps.ingest.now += 7 * 24 * 60 * 60_000;
    for (const path of [scene, `${scene}/link`, `${scene}?width=96`]) {
      const answer = await deps.ask(path, { headers: { "if-none-match": "*" } });
      expect([answer.status, await answer.json()], path).toEqual([
        410,
        expect.objectContaining({ detail: "the scene of this event is no longer kept" }),
      ]);
    }
    expect((await deps.ask(scene.replace("scene", "infrared"))).status).toBe(404);
  });

  it("a picture has a link on request", async () => {
    const answer = await deps.ask(`${href}/link`);
    expect(await answer.json()).toEqual({ url: href, expires: null });
    const small = await deps.ask(`${href}/link?width=96`);
    expect(await small.json()).toEqual({ url: `${href}?width=96`, expires: null });
    const asParameter = await deps.ask(`${href}?width=96&link=1`);
    expect(await asParameter.json()).toEqual({ url: `${href}?width=96`, expires: null });
    expect((await deps.ask(`${href}?link=yes`)).status).toBe(400);
    expect((await deps.ask(`${href.replace("face", "scene")}/link`)).status).toBe(404);
  });

  it("a picture of a store with links is found at its link", async () => {
    const link = { url: "https://bucket.example/face?signed", expires: "2026-11-05T04:05:01.000Z" };
    deps.deps.pictureLinks = { link: async () => link };
    const answer = await deps.ask(href);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, link.url]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await (await deps.ask(`${href}/link`)).json()).toEqual(link);
    expect((await deps.ask(href.replace("face", "scene"))).status).toBe(404);
  });

  describe("the link of an alert", () => {
    const linked = async () => {
      const [, id = ""] = /events\/(\w+)/.exec(href) ?? [];
      const link = pictureLink({ id, kind: "face", sha256: sha256(face) }, deps.deps);
      return { ...link, ask: (url = link.url) => deps.ask(url, { headers: { authorization: "" } }) };
    };

    it("opens the picture for five minutes, without a key", async () => {
      const { url, expires, ask } = await linked();
      expect(url).toMatch(/^\/v1\/pictures\/[\w-]+$/);
      expect(Date.parse(expires)).toBe(deps.deps.clock() + 300_000);
      const answer = await ask();
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(face);
    });

    it("an expired link does not open the picture", async () => {
      const { ask } = await linked();
      const now = deps.deps.clock();
      deps.deps.clock = () => now + 300_000;
      const answer = await ask();
      expect([answer.status, await answer.json()]).toMatchObject([410, { detail: expect.stringContaining("ended") }]);
    });

    it("a changed, cut or foreign link, or a cursor, does not open the picture", async () => {
      const { url, ask } = await linked();
      const signed = Buffer.from(url.slice(13), "base64url");
      const changed = Buffer.from(signed);
      changed.writeUInt8((changed.at(-2) ?? 0) ^ 1, changed.length - 2);
      const cursor = cursorSigner("events", deps.deps.cursorSecret).sign(signed.subarray(16).toString());
      const others = [changed.toString("base64url"), signed.subarray(0, 12).toString("base64url"), "x", cursor];
      for (const other of others) expect((await ask(`/v1/pictures/${other}`)).status, other).toBe(404);
      deps.deps.cursorSecret = Buffer.alloc(32, 8);
      expect((await ask()).status).toBe(404);
      expect(deps.lines).toEqual([]);
    });

    it("the link of an erased event's picture finds nothing", async () => {
      const { ask } = await linked();
      await deps.ask(href.replace("/pictures/face", ""), { method: "DELETE", token: deps.tokens.admin });
      expect((await ask()).status).toBe(404);
    });
  });

  it("a missing picture is not found", async () => {
    expect((await deps.ask(href.replace("face", "scene"))).status).toBe(404);
    expect((await deps.ask(href.replace("face", "mugshot"))).status).toBe(404);
    expect((await deps.ask("/v1/events/evt_none/pictures/face")).status).toBe(404);
  });

  it("a picture whose bytes are lost is answered 410", async () => {
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

describe("a picture of a width", () => {
  const resizeTo = (made: Buffer | AsSent) => {
    const widths: number[] = [];
    deps.deps.resizer = {
      resize: async (_, width) => {
        widths.push(width);
        return made;
      },
    };
    return widths;
  };

  it("a picture of a width is a smaller JPEG with its own ETag, cached longer", async () => {
    const widths = resizeTo(jpeg("small"));
    const answer = await deps.ask(`${href}?width=192`, { token: deps.tokens.read });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(jpeg("small"));
    const etag = answer.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{64}-192"$/);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "cache-control": "private, max-age=600",
      vary: "authorization, cookie",
    });
    expect(answer.headers.get("gatepost-picture")).toBeNull();
    const again = await deps.ask(`${href}?width=192`, { headers: { "if-none-match": etag } });
    expect([again.status, again.headers.get("etag")]).toEqual([304, etag]);
    const other = await deps.ask(`${href}?width=96`, { headers: { "if-none-match": etag } });
    expect(other.status).toBe(200);
    expect(widths).toEqual([192, 96]);
  });

  it.each(["not-installed", "too-large", "busy", "unreadable"] as const)(
    "a picture that cannot be made smaller is sent unchanged, with the reason: %s",
    async (why) => {
      resizeTo(why);
      const answer = await deps.ask(`${href}?width=384`);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(face);
      expect(answer.headers.get("gatepost-picture")).toBe(`as-sent; reason=${why}`);
      expect(answer.headers.get("etag")).toMatch(/^"[0-9a-f]{64}"$/);
      expect(answer.headers.get("cache-control")).toBe("private, max-age=300");
    },
  );

  it("a picture is sent as stored if nothing resizes it, or the store has links", async () => {
    expect((await deps.ask(`${href}?width=96`)).headers.get("gatepost-picture")).toBe("as-sent; reason=not-installed");
    deps.deps.pictureLinks = {
      link: async () => ({ url: "https://s3.example/x", expires: "2026-11-05T04:05:00.000Z" }),
    };
    const answer = await deps.ask(`${href}?width=96`);
    expect([answer.status, answer.headers.get("gatepost-picture")]).toEqual([302, "as-sent; reason=aws"]);
  });

  it.each(["0", "97", "1920", "", "96.0"])("a picture of the width %j is refused", async (width) => {
    expect((await deps.ask(`${href}?width=${width}`)).status).toBe(400);
  });
});
