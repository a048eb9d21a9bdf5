import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { boxText, text } from "../listing.ts";
import { admins, route } from "../route.ts";

const erasePerson = route({
  method: "DELETE",
  path: "/v1/people",
  scopes: admins,
  about: {
    summary: "Erase a person for good",
    detail:
      "All events of a known person, with what quarantine holds of them, and their pictures save those that another event " +
      "shows; and what boxes said of the id in results of commands and reports of their state. A report in quarantine of " +
      "which no event could be made is not reached. A stranger's id is no person and erases no event.",
    answer: {
      status: 200,
      is: "How many events there were.",
      schema: z.object({ erased: z.int() }),
      example: { erased: 1 },
    },
    example: { query: { id: "666666", box: "gate-1" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      id: text.meta({ description: "The person's id, as the box sent it." }),
      box: boxText.meta({ description: "The box whose events of the person go." }).exactOptional(),
      all: z.literal("1", "must be 1").meta({ description: "`1`: those of every box." }).exactOptional(),
    }),
    body: noBody,
  },
  audits: {
    action: "person-erased",
    about: ({ query: { id, box } }, hidden) => ({ person: hidden(id), ...(box === undefined ? {} : { box }) }),
    tells: z.object({ erased: z.int() }),
  },
  async answer({ query: { id, box, all } }, deps) {
    if ((box === undefined) === (all === undefined)) {
      throw new GatepostError("bad-request", "give the box whose events of the person go, or all=1 for every box");
    }
    const erased = await deps.eraser.erasePerson(id, box ?? null);
    deps.log.info("person erased", { box: box ?? null, erased });
    return Response.json({ erased });
  },
});

export const peopleRoutes = [erasePerson];
