import { expect, it } from "vitest";
import { FogWithFaces } from "../../../../packages/bridge/src/people/fog-faces.ts";
import { checkTaken } from "../../../../packages/bridge/src/people/taken.ts";
import { V6 } from "../../../../packages/bridge/src/people/v6.ts";
import { BoxApi } from "../../../../packages/bridge/src/se5/box-api.ts";
import { bodyOf, listen } from "../../../standins/listen.ts";
import { atEnd } from "../../../unit/simulator/support.ts";
import { face, never, otherFace } from "./support.ts";

const settings = { library: "default_group", quality: "high" } as const;

/** A box that answers every comparison in one way, and what it was asked. */
async function comparing(status: number, answer: object) {
  const asked: unknown[] = [];
  const { url, close } = await listen(async (request, response) => {
    asked.push(JSON.parse((await bodyOf(request)).toString()));
    response.writeHead(status).end(JSON.stringify(answer));
  });
  atEnd(close);
  return { api: new BoxApi("127.0.0.1", Number(new URL(url).port)), asked };
}

it.each([
  [{ retcode: "1", score: 0.9 }, true],
  [{ retcode: 1, score: "0.275" }, true],
  [{ retcode: "1", score: 0.274 }, false],
  // As in an example of the documents.
  [{ retcode: "2", score: 0.9 }, false],
])("up to V5R7, %j is the same person: %s", async (answer, isSame) => {
  const { api, asked } = await comparing(200, answer);
  expect(await new FogWithFaces("B", api, settings).isSame(face, otherFace, never)).toBe(isSame);
  // A comparison that is saved would make an event.
  expect(asked).toMatchObject([{ threshold: "high", need_save: false }]);
});

it.each([
  [82, true],
  [81.9, false],
])("a score of %d of V6 means the same person: %s", async (score, isSame) => {
  const { api } = await comparing(200, { score });
  expect(await new V6(api, settings).isSame(face, otherFace, never)).toBe(isSame);
});

it("a box without the address cannot compare, and a busy one is asked again", async () => {
  const [without, busy] = [await comparing(404, {}), await comparing(503, {})];
  expect(await new FogWithFaces("B", without.api, settings).isSame(face, otherFace, never)).toBeNull();
  await expect(new FogWithFaces("B", busy.api, settings).isSame(face, otherFace, never)).rejects.toThrow("503");
});

it.each([
  ["another person", "2", /^refused: the box has another face under this id/],
  ["the same person", "1", /^null$/],
])("a photo that a box took and shows as %s", async (_, retcode, outcome) => {
  const { api } = await comparing(200, { retcode, score: 0.9 });
  const held = { name: "", type: null, permissionIds: [], record: {}, imageId: null, photo: otherFace };
  const began = { record: null, imageId: null, photo: null };
  const taken = checkTaken(new FogWithFaces("B", api, settings), { held, photo: face, wanted: null, began }, never);
  expect(await taken.then(String, ({ message }: Error) => `refused: ${message}`)).toMatch(outcome);
});
