import * as z from "zod";
import { administratorsAlone } from "../access/who.ts";
import { hoursDaysOf } from "../hours/hours.ts";
import { dropTables } from "../jobs/drop-exports.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const maxDays = 3650;

const facts = {
  isOn: z.boolean().meta({ description: "Whether people, presence and hours are switched on." }),
  hoursDays: z
    .int()
    .min(1)
    .max(maxDays)
    .nullable()
    .meta({ description: "Days for which closed months and corrections of hours are kept; null: as long as events." }),
};

const settingsAnswer = namedObject("PeopleSettings", {
  ...facts,
  keptDays: z.int().meta({ description: "The days that count: never less than events are kept." }),
});

const getSettings = route({
  method: "GET",
  path: "/v1/people/settings",
  who: administratorsAlone,
  about: {
    summary: "Get whether people are switched on, and how long hours are kept",
    answer: { status: 200, is: "The settings.", schema: settingsAnswer },
  },
  async answer(_, deps) {
    return Response.json(await settingsOf(deps));
  },
});

const putSettings = route({
  method: "PUT",
  path: "/v1/people/settings",
  who: administratorsAlone,
  about: {
    summary: "Switch people, presence and hours on or off, and set how long hours are kept",
    detail:
      "Off: their routes answer 403 `people-off`, and corrections, last days, closed months, evacuation lists and exports of " +
      "people are removed permanently; events, schedules and sites stay. It answers when all of it is removed, and may be " +
      "repeated. `hoursDays` applies to stored days, too: older ones are unreachable at once, and removed within an hour on " +
      "one machine.",
    answer: { status: 200, is: "The current settings.", schema: settingsAnswer },
    example: { body: { isOn: true, hoursDays: null } },
  },
  asks: { body: z.strictObject(facts) },
  dear: true,
  audits: { action: "setting-changed", about: ({ body }) => ({ setting: "people", ...textsOf(body) }) },
  async answer({ body }, deps) {
    await deps.peopleSettings.set(body);
    if (body.isOn) await keepHours(deps);
    else await forgetPeople(deps);
    deps.log.info("settings of people changed", { ...body });
    return Response.json(await settingsOf(deps));
  },
});

export const peopleSettingRoutes = [getSettings, putSettings];

async function settingsOf(deps: ApiPorts): Promise<z.input<typeof settingsAnswer>> {
  return { ...(await deps.peopleSettings.read()), keptDays: await hoursDaysOf(deps) };
}

function textsOf({ isOn, hoursDays }: z.output<z.ZodObject<typeof facts>>) {
  return { isOn, hoursDays: hoursDays ?? "as events" };
}

/** Applies the days for which hours are kept to stored ones. */
export async function keepHours(deps: ApiPorts): Promise<void> {
  const days = await hoursDaysOf(deps);
  await deps.hoursCorrections.keepFor(days);
  await deps.lastDays.keepFor(days);
  await deps.rosters.keepFor(days);
  await deps.closedMonths.keepFor(days);
}

/** Removes all that is kept of people beside their events. */
async function forgetPeople(deps: ApiPorts): Promise<void> {
  await deps.peopleSettings.forget();
  await deps.passings.forget(await deps.boxes.reader.names());
  await dropTables(deps);
}
