import { expect, it } from "vitest";
import { BoxApi } from "../../../packages/bridge/src/se5/box-api.ts";
import { RegisteredPictures } from "../../../packages/bridge/src/se5/registered-pictures.ts";
import { listen } from "../../standins/listen.ts";
import { atEnd } from "../../unit/simulator/support.ts";

const unknown = /0{8}-/;
const { signal } = new AbortController();

/** A V6 box with one picture, and the given answer for the unknown id. */
async function boxWith(answerToUnknown: () => [status: number, body: string]) {
  const asked: string[] = [];
  const { url, close } = await listen(({ url: path = "" }, response) => {
    const id = path.split("/").at(-1) ?? "";
    asked.push(unknown.test(id) ? "unknown" : id);
    const [status, body] = unknown.test(id) ? answerToUnknown() : [200, id === "held" ? "a face" : "blank"];
    response.writeHead(status).end(body);
  });
  atEnd(close);
  const warned: string[] = [];
  const api = new BoxApi("127.0.0.1", Number(new URL(url).port));
  return { pictures: new RegisteredPictures(api, (why) => warned.push(why)), asked, warned };
}

it("a blank picture counts as missing, and is fetched once for comparison", async () => {
  const { pictures, asked, warned } = await boxWith(() => [200, "blank"]);
  for (const ask of [pictures.find, pictures.findSure]) {
    expect(await ask.call(pictures, "gone", signal)).toBeNull();
    expect((await ask.call(pictures, "held", signal))?.toString()).toBe("a face");
  }
  expect(asked.filter((id) => id === "unknown")).toHaveLength(1);
  expect(warned).toEqual([]);
});

it("each picture is real if the box answers 404 for an unknown one", async () => {
  const { pictures } = await boxWith(() => [404, ""]);
  expect((await pictures.findSure("held", signal))?.toString()).toBe("a face");
});

it("a report has no picture while the blank one is unknown, logged once", async () => {
  const { pictures, asked, warned } = await boxWith(() => [500, ""]);
  for (let n = 0; n < 5; n++) expect(await pictures.findSure("held", signal)).toBeNull();
  expect(warned).toEqual([expect.stringContaining("500")]);
  expect(asked).toHaveLength(6);
  await expect(pictures.find("held", signal)).rejects.toThrow("500");
});

it("a blank picture that could not be fetched is asked for again", async () => {
  let failures = 1;
  const { pictures } = await boxWith(() => (failures-- > 0 ? [500, ""] : [200, "blank"]));
  expect(await pictures.findSure("held", signal)).toBeNull();
  expect((await pictures.findSure("held", signal))?.toString()).toBe("a face");
  expect(await pictures.findSure("gone", signal)).toBeNull();
});

it("an abort while the blank picture is fetched ends the search", async () => {
  const ended = new AbortController();
  const { pictures, warned } = await boxWith(() => {
    ended.abort(new Error("closed"));
    return [200, "blank"];
  });
  await expect(pictures.findSure("held", ended.signal)).rejects.toThrow();
  expect(warned).toEqual([]);
});
