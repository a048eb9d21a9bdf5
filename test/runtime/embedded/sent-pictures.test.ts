import { once } from "node:events";
import { get } from "node:http";
import { serve } from "@gatepost/embedded";
import { monthOf } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { noon, picture, report, upsert } from "../../contract/samples.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { openedByTests } from "./temporary.ts";

const { openRuntimeHere, closers } = openedByTests();

const bytes = 3_000_000;
const [scene, face] = [picture("scene", bytes), picture("face", 40_000)];

let url: string;
let token: string;
/** The pictures that the store gave for sending. */
let given: Buffer[];

beforeEach(async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const { pictures } = runtime.reads;
  for (const [kind, one] of Object.entries({ scene, face }))
    await putPicture(runtime.ingest.pictures, monthOf(noon), kind === "scene" ? "scene" : "face", one);
  const facts = ({ sha256, contentType }: typeof scene, length: number) => ({ sha256, contentType, bytes: length });
  const shown = { scene: facts(scene, bytes), face: facts(face, 40_000) };
  const { eventId } = upsert("shown");
  await runtime.ingest.index.upsert(upsert("shown", { report: report({ pictures: shown }) }));
  given = [];
  const read = pictures.get.bind(pictures);
  pictures.get = async (...asked) => {
    const data = await read(...asked);
    if (data !== null) given.push(data);
    return data;
  };
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  closers.push(() => served.close());
  url = `http://127.0.0.1:${served.port}/v1/events/${eventId}/pictures`;
  token = runtime.adminToken;
});

const asked = async (path: string) =>
  Buffer.from(await (await fetch(`${url}/${path}`, { headers: { authorization: `Bearer ${token}` } })).arrayBuffer());

describe("a picture that is sent", () => {
  it.each([
    ["scene", scene],
    ["face", face],
  ])("is complete for all concurrent requests: the %s", async (kind, { data }) => {
    const copies = await Promise.all(Array.from({ length: 12 }, () => asked(kind)));
    expect(copies.every((copy) => copy.equals(data))).toBe(true);
    expect(given).toHaveLength(12);
  });

  it("frees its memory, and can be requested again", async () => {
    for (let time = 0; time < 3; time++) expect((await asked("face")).equals(face.data)).toBe(true);
    await expect.poll(() => given.map(({ length }) => length)).toEqual([0, 0, 0]);
  });

  it("is left to the garbage collector if it could not be made smaller", async () => {
    expect((await asked("face?width=96")).equals(face.data)).toBe(true);
    expect((await asked("face")).equals(face.data)).toBe(true);
    await expect.poll(() => given.map(({ length }) => length)).toEqual([40_000, 0]);
  });

  it("may be interrupted by its client", async () => {
    const request = get(`${url}/scene`, { headers: { authorization: `Bearer ${token}` } });
    const [response] = await once(request, "response");
    response.destroy();
    expect((await asked("scene")).equals(scene.data)).toBe(true);
  });
});
