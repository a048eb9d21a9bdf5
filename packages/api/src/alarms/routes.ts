import { maxTellAfter } from "@gatepost/core/alarms";
import * as z from "zod";
import { administratorsAlone, guards } from "../access/who.ts";
import { sentObject } from "../openapi/named.ts";
import { route } from "../route.ts";

const settings = sentObject("AlarmSettings", {
  tellAfterMinutes: z
    .int()
    .min(1)
    .max(maxTellAfter)
    .nullable()
    .meta({
      description:
        "Minutes after which `Alarm Not Acknowledged` is on the bus, once for the passings of one person; 5 if nothing is set, " +
        "and null for never.",
    }),
});

const getAlarms = route({
  method: "GET",
  path: "/v1/alarms",
  who: guards,
  about: {
    summary: "Show when an unacknowledged alarm is announced",
    detail: "Each passing of the blacklist is an alarm until a person acknowledges it.",
    answer: { status: 200, is: "The setting.", schema: settings },
    example: {},
  },
  answer: async (_, { alarms }) => Response.json(await alarms.read()),
});

const putAlarms = route({
  method: "PUT",
  path: "/v1/alarms",
  who: administratorsAlone,
  about: {
    summary: "Set when an unacknowledged alarm is announced",
    detail: "It is one setting for all sites. Alarms that began while it was null are not announced.",
    answer: { status: 200, is: "The setting.", schema: settings },
    example: { body: { tellAfterMinutes: 5 } },
  },
  asks: { body: settings },
  audits: {
    action: "setting-changed",
    about: ({ body }) => ({ setting: "alarms", minutes: body.tellAfterMinutes ?? "never" }),
  },
  async answer({ body }, { alarms }) {
    await alarms.write(body);
    return Response.json(body);
  },
});

export const alarmRoutes = [getAlarms, putAlarms];
