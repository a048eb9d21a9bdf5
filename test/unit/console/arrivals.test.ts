import { expect, it } from "vitest";
import { openPage, passing } from "./support.ts";

const blacklist = { id: "fg2", type: "blacklist" } as const;
/** More than are shown of those that come unseen. */
const many = Array.from({ length: 230 }, (_, n) => passing(`later-${n}`, {}, n));
const asNew = { isUpdate: false, isCatchUp: false };
const asUpdate = { isUpdate: true, isCatchUp: false };

async function openLive() {
  const page = await openPage(({ path }) => (path === "/v1/me" ? { key: {}, server: {} } : 503));
  const arrivals = await import("../../../packages/console/src/live/arrivals.ts");
  const { standing } = await import("../../../packages/console/src/live/standing.ts");
  const away = {
    paused: (isAway: boolean) => arrivals.pause(isAway),
    hidden: (isAway: boolean) => page.hide(isAway),
  };
  return { ...page, ...arrivals, away, standing };
}

const reasons = ["paused", "hidden"] as const;

it.each(reasons)(
  "holds somebody on the blacklist who came while it was %s, however many came since",
  async (reason) => {
    const { arrive, away, paint, standing } = await openLive();
    away[reason](true);
    arrive(passing("first", blacklist), asNew);
    for (const event of many) arrive(event, asNew);
    away[reason](false);
    paint();
    expect(standing.value.map(({ id }) => id)).toEqual(["first"]);
  },
);

it.each(reasons)("changes an event of which a later report came while it was %s", async (reason) => {
  const { arrive, away, onArrivals, paint, recent, standing } = await openLive();
  arrive(passing("shown", blacklist), asNew);
  paint();
  const told: string[] = [];
  onArrivals((_, updated) => told.push(...updated.map(({ id }) => id)));
  away[reason](true);
  arrive(passing("shown", { ...blacklist, name: "Ada" }), asUpdate);
  for (const event of many) arrive(event, asNew);
  away[reason](false);
  paint();
  expect(recent.value.find(({ id }) => id === "shown")?.person.name).toBe("Ada");
  expect(standing.value[0]?.person.name).toBe("Ada");
  expect(told).toEqual(["shown"]);
});

it.each(reasons)("counts passings alone that are not shown because it was %s, from each time anew", async (reason) => {
  const { arrive, away, paint, unshown } = await openLive();
  const other = reason === "paused" ? "hidden" : "paused";
  for (const surplus of [30, 0]) {
    away[reason](true);
    arrive(passing("shown"), asUpdate);
    for (const event of many.slice(0, 200 + surplus)) arrive(event, asNew);
    away[reason](false);
    paint();
    expect([unshown[reason].value, unshown[other].value]).toEqual([surplus, 0]);
  }
});
