import { expect, it } from "vitest";
import { openPage, passing } from "./support.ts";

const event = passing("event-1", { type: "blacklist" });

/** A page on which a blacklisted person stands out, whose acknowledgement the server answers so. */
async function openOn(answer: number) {
  const page = await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    return path === "/v1/acknowledgements" ? answer : 204;
  });
  const { noteStanding, standing } = await import("../../../packages/console/src/live/standing.ts");
  const { isMarked } = await import("../../../packages/console/src/live/marked.ts");
  const { acknowledge } = await import("../../../packages/console/src/live/acknowledging.ts");
  noteStanding([event]);
  acknowledge([event], { reason: null, note: null });
  return { page, isMarked, standing: () => standing.value.map(({ id }) => id) };
}

it("a person whose acknowledgement the server refuses stands out again", async () => {
  const { isMarked, standing } = await openOn(409);
  expect(standing()).toEqual([]);
  await expect.poll(standing).toEqual(["event-1"]);
  expect(isMarked("event-1")).toBe(false);
});

it("an acknowledgement that the server has not taken is forgotten when the page closes", async () => {
  const { page, isMarked, standing } = await openOn(503);
  expect([standing(), isMarked("event-1")]).toEqual([[], true]);
  page.close();
  expect(isMarked("event-1")).toBe(false);
});
