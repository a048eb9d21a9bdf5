import { GatepostError } from "@gatepost/core/errors";
import { instantOrNull } from "@gatepost/protocol";
import * as z from "zod";
import { administratorsAlone } from "../access/who.ts";
import { namedObject } from "../openapi/named.ts";
import { route } from "../route.ts";

const source = namedObject("Source", {
  name: z.string(),
  box: z.string(),
  broker: z.string(),
  topics: z.array(z.string()),
  key: z.string().nullable(),
  isConnected: z.boolean(),
  since: z.string().nullable(),
  lastMessageAt: z.string().nullable(),
  fault: z.string().nullable(),
});

const listSources = route({
  method: "GET",
  path: "/v1/sources",
  who: administratorsAlone,
  about: {
    summary: "List the sources of `sources.json`, and their states",
    answer: {
      status: 200,
      is: "All sources, and the fault of the file.",
      schema: z.object({ sources: z.array(source), fault: z.string().nullable() }),
    },
  },
  async answer(_, { sources }) {
    if (sources === null) throw new GatepostError("not-found", "on AWS, rules of IoT Core deliver what brokers have");
    const { sources: states, fault } = await sources.read();
    const shown = states.map(({ since, lastMessageAt, ...state }) => ({
      ...state,
      since: instantOrNull(since),
      lastMessageAt: instantOrNull(lastMessageAt),
    }));
    return Response.json({ sources: shown, fault });
  },
});

export const sourceRoutes = [listSources];
