import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { passes, passing, runtime, type TestRuntime, told } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  for (const box of ["b1", "b2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
});

const month = { from: "2026-10-10", to: "2026-10-31" };
const ask = (path: string, asking: Parameters<TestRuntime["ask"]>[1] = {}) => told(deps, `/v1/${path}`, asking);
const send = (method: string, path: string, body: object) => ask(path, { method, body: JSON.stringify(body) });
const sayAlike = (areSame: boolean | null) => send("PUT", "people/alike", { site: "hq", areSame });
const close = (of = "2026-10") => send("POST", "hours/close", { site: "hq", month: of });

async function sheetOf(range: { from: string; to: string } = month, headers = {}) {
  const { body } = await ask(`hours?${new URLSearchParams({ site: "hq", ...range })}`, { headers });
  return body;
}
const namesOf = (sheet: { people: { library: string; id: string }[] }) =>
  sheet.people.map(({ library, id }) => `${library}/${id}`).toSorted();
const workedOn = (day: string, person: { days: { day: string; in: string | null }[] }) =>
  person.days.filter((one) => one.in !== null && one.day === day).length;

/** The evidence of each cell of a sheet in which someone passed: its status, and that it is the cell. */
async function evidencesOf(sheet: {
  people: { library: string; id: string; days: { in: string | null; day: string }[] }[];
}) {
  const cells = sheet.people.flatMap(({ library, id, days }) =>
    days.filter((day) => day.in !== null).map((day) => ({ path: `hours/${library}/${id}/${day.day}`, day })),
  );
  return Promise.all(
    cells.map(async ({ path, day }) => {
      const { status, body } = await ask(path);
      return { status, isSame: status === 200 && JSON.stringify(body.counted) === JSON.stringify(day) };
    }),
  );
}

describe("a month that was closed before or after boxes shared their people", () => {
  const passed = async (time: string) => {
    await passes(deps, time, { id: "J4", box: "b1" });
    await passes(deps, time, { id: "J4", box: "b2" });
  };
  beforeEach(async () => {
    await passed("2026-10-29T09:00");
    await passed("2026-10-29T18:00");
  });

  it.each([
    { before: true, now: null, row: ["~hq/J4"], today: ["b1/J4", "b2/J4"] },
    { before: null, now: true, row: ["b1/J4", "b2/J4"], today: ["~hq/J4"] },
  ])(
    "has its rows once, with their evidence, if sharing was $before and is $now",
    async ({ before, now, row, today }) => {
      await sayAlike(before);
      expect((await close()).status).toBe(200);
      const closed = await sheetOf();
      await sayAlike(now);
      const after = await sheetOf();
      expect(namesOf(after)).toEqual(row);
      expect([after.people, after.sum, after.wouldHaveChanged]).toEqual([closed.people, closed.sum, []]);
      expect(await evidencesOf(after)).toEqual(row.map(() => ({ status: 200, isSame: true })));
      for (const name of today) {
        const { status, body } = await ask(`hours/${name}/2026-10-29`);
        expect([status, body.detail]).toEqual([
          404,
          expect.stringContaining(`of ${row.join(" or ")}`.replaceAll("/J4", "")),
        ]);
      }
      await passed("2026-11-02T09:00");
      const both = await sheetOf({ from: "2026-10-01", to: "2026-11-04" });
      expect(namesOf(both)).toEqual([...row, ...today].toSorted());
      for (const person of both.people) {
        const isClosed = row.includes(`${person.library}/${person.id}`);
        expect([workedOn("2026-10-29", person), workedOn("2026-11-02", person)]).toEqual(isClosed ? [1, 0] : [0, 1]);
      }
    },
  );

  it("names a late day of a row that is one person", async () => {
    await passes(deps, "2026-10-30T09:00", { id: "K5", box: "b1" });
    await close();
    await sayAlike(true);
    await passes(deps, "2026-10-30T08:00", { id: "K5", box: "b1" });
    const { wouldHaveChanged } = await sheetOf();
    expect(wouldHaveChanged).toEqual([{ library: "b1", id: "K5", day: "2026-10-30" }]);
  });

  it("keeps the days of a row in each of two closed months", async () => {
    await deps.deps.peopleSettings.set({ isOn: true, hoursDays: 365 });
    await sayAlike(true);
    await close();
    await passed("2026-11-09T09:00");
    deps.ingest.now = Date.parse("2026-12-02T09:00:00+08:00");
    expect((await close("2026-11")).status).toBe(200);
    await sayAlike(null);
    const { people } = await sheetOf({ from: "2026-10-10", to: "2026-11-30" });
    const worked = people.map((one: Parameters<typeof workedOn>[1]) => [
      workedOn("2026-10-29", one),
      workedOn("2026-11-09", one),
    ]);
    expect(worked).toEqual([[1, 1]]);
  });

  it("tells a manager or a key of one box nothing that another box said", async () => {
    const said = async (box: string, identity_name: string, group_name: string) => {
      const timestamp = Date.parse(`2026-10-30T${box === "b1" ? "09" : "10"}:00:00+08:00`);
      const body = passing({ identity_id: "S6", identity_name, group_name, timestamp });
      await deps.deliver(body, { box, receivedAt: timestamp + 500 });
    };
    await said("b1", "\u3000", "Dock");
    await said("b2", "Secret Name", "Secret Group");
    await sayAlike(true);
    await close();
    await sayAlike(null);
    const account = await addAccount(deps, "manager", { name: "Part", boxes: ["b1"] });
    const sheet = await sheetOf(month, await signedIn(deps, account));
    expect(namesOf(sheet)).toEqual(["~hq/J4", "~hq/S6"]);
    expect(JSON.stringify(sheet)).not.toContain("Secret");
    const cell = await ask("hours/~hq/S6/2026-10-30", { headers: await signedIn(deps, account) });
    expect([cell.status, cell.body.passings.length]).toEqual([200, 1]);
    const elsewhere = await addAccount(deps, "manager", { name: "Other", boxes: ["b9"] });
    const refused = await ask("hours/~hq/S6/2026-10-30", { headers: await signedIn(deps, elsewhere) });
    expect(refused.status).toBe(404);
    expect(JSON.stringify(await sheetOf())).toContain("Secret Name");
  });
});
