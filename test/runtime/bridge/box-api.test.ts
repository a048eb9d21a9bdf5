import { expect, it } from "vitest";
import * as z from "zod";
import { BoxApi } from "../../../packages/bridge/src/se5/box-api.ts";
import { listen } from "../../standins/listen.ts";
import { atEnd } from "../../unit/simulator/support.ts";

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2]);

it.each([
  ["its bytes", 200, jpeg, jpeg],
  ["none where the box does not have it", 404, "", null],
  ["none where it answers nothing", 200, "", null],
  ["none where it says so with 200", 200, '{"error":{"code":"ID_NOT_FOUND"}}', null],
])("a picture of a box is %s", async (_, status, answer, expected) => {
  const box = await listen((_request, response) => response.writeHead(status).end(answer));
  atEnd(box.close);
  const api = new BoxApi("127.0.0.1", Number(new URL(box.url).port));
  expect(await api.picture("/picture", new AbortController().signal)).toEqual(expected);
});

it("a failing box yields null, or an error for a caller that requires the picture", async () => {
  const box = await listen((_request, response) => response.writeHead(500).end());
  atEnd(box.close);
  const api = new BoxApi("127.0.0.1", Number(new URL(box.url).port));
  expect(await api.picture("/picture", new AbortController().signal)).toBeNull();
  await expect(api.pictureOrError("/picture", new AbortController().signal)).rejects.toThrow("the box answers 500");
});

it("a redirect of a box is not followed", async () => {
  let asked = 0;
  const elsewhere = await listen((_, response) => {
    asked += 1;
    response.end(jpeg);
  });
  atEnd(elsewhere.close);
  const box = await listen((_, response) => response.writeHead(302, { location: elsewhere.url }).end());
  atEnd(box.close);
  const api = new BoxApi("127.0.0.1", Number(new URL(box.url).port));
  const { signal } = new AbortController();
  await expect(api.picture("/picture", signal)).rejects.toThrow();
  await expect(api.ask({ path: "/list", answer: z.unknown() }, signal)).rejects.toThrow();
  expect(asked).toBe(0);
});
