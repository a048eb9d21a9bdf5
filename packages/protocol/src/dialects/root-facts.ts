import * as z from "zod/mini";
import { dialect } from "../dialect.ts";
import { milliseconds } from "../instant.ts";
import { omitEmpty } from "../json.ts";
import { dict, unread } from "../wire.ts";
import { flatPictures, flatPicturesAt } from "./flat.ts";
import { rootShape } from "./nested.ts";
import { personOf, scored } from "./readings.ts";

/**
 * A report with only the id of a person and a time: its shape is unknown, or it is a form whose sender lost everything
 * nested (`data=` of python-requests). The type of its person is unknown: the rule that a missing type means employee
 * (docs/formats.md §1) applies only to complete reports.
 */
export const rootFacts = dialect({
  name: "root-facts",
  kind: "realtime",
  timesAt: { time: ["timestamp"] },
  picturesAt: flatPicturesAt,
  flags: ["shape-unknown"],
  looksLike: (body) => isId(body["identity_id"]) && milliseconds(body["timestamp"]) !== null,
  schema: () =>
    z.looseObject({
      ...flatPictures(),
      ...rootShape(),
      person_type: unread(),
      ext_data: dict(),
    }),
  read: (body, claims) => {
    const facts = omitEmpty({
      time: body.timestamp,
      device: omitEmpty({ id: body.device_id }),
      person: personOf(body, claims.personType ?? "unknown"),
      score: scored(body.score, null),
      wantAction: claims.wantAction,
    });
    return { facts, keep: [] };
  },
});

function isId(sent: unknown): boolean {
  return typeof sent === "number" || (typeof sent === "string" && sent !== "");
}
