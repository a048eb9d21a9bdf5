import * as z from "zod";
import { noBody } from "../body.ts";
import { readers, route } from "../route.ts";

/** As an SE5 answers on its port 5555. */
const listDevices = route({
  method: "GET",
  path: "/SophonDevice/api/Devices",
  scopes: readers,
  keyIn: "query",
  about: {
    summary: "List every device seen, as an SE5 does",
    detail:
      "The ids are those that the live feed takes: at most 200 of a box and 10,000 in all, each of at most 128 characters.",
    answer: {
      status: 200,
      is: "The devices.",
      schema: z.object({ data: z.object({ devices_list: z.array(z.object({ device_id: z.string() })) }) }),
      example: { data: { devices_list: [{ device_id: "AKOPKKKKK__192.168.1.25" }] } },
    },
  },
  asks: { path: z.object({}), query: z.object({ token: z.string().exactOptional() }), body: noBody },
  async answer(_, deps) {
    const ids = await deps.devices.devices();
    return Response.json({ data: { devices_list: ids.sort().map((device_id) => ({ device_id })) } });
  },
});

export const deviceRoutes = [listDevices];
