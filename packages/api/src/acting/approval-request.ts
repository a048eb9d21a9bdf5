import type { ListedAction } from "@gatepost/core/actions";
import { GatepostError } from "@gatepost/core/errors";
import { boxText } from "@gatepost/core/events";
import { masked } from "@gatepost/core/masking";
import {
  type ApprovalRequest,
  announcedPhoto,
  dayMs,
  instant,
  instantOrNull,
  merge,
  photoWith,
  registeredTypes,
  type StoredEvent,
} from "@gatepost/protocol";
import * as z from "zod";
import { countedMoment } from "../moments.ts";
import { photoText } from "../names.ts";
import { requireBridges } from "../people/visits.ts";
import type { ApiPorts } from "../ports.ts";
import { noteText } from "./decline.ts";

/** Boxes that one order may be for. */
export const maxBoxes = 100;

/** ms from now to the end of a visit. */
const maxVisitMs = 366 * dayMs;

/** Characters that every box accepts in a name. */
const maxNameLength = 64;

const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u;

/** A text that is written into a box: one line, nothing that only looks empty. */
const recordText = z
  .string()
  .trim()
  .min(1, "must not be empty; leave it out")
  .max(maxNameLength, `may have ${maxNameLength} characters`)
  // Not as a pattern in the OpenAPI document: few programs that read one know these classes of characters.
  .refine((text) => !unseen.test(text), "must be one line of text without control characters")
  .transform((text) => masked(text.normalize()));

/** The body of an approval. */
export const approvalBody = z
  .strictObject({
    name: recordText.exactOptional().meta({
      description:
        "The name of the person; required for 1001. With 1002 the box keeps its name, unless name and type are given.",
    }),
    type: z.enum(registeredTypes).exactOptional().meta({
      description: "The type of person; required for 1001.",
    }),
    group: recordText
      .refine((text) => !text.includes(","), "must be one group; a comma is between groups on a box")
      .exactOptional()
      .meta({
        description: "The name of the permission group. Default: the group that the bridge's file gives for the box.",
      }),
    boxes: z
      .union([
        z.enum(["site", "all"]),
        z
          .array(boxText)
          .min(1, "name one box at least, or leave it out for the box that asked")
          .max(maxBoxes, `name ${maxBoxes} boxes at most`)
          .refine((boxes) => new Set(boxes).size === boxes.length, "must name each box once"),
      ])
      .exactOptional()
      .meta({
        description: "Names; or `site`, the boxes of the same site; or `all`. By default only the box that asked.",
      }),
    photo: photoText.exactOptional().meta({
      description:
        "SHA-256 of the photo that the user looked at: a face or a scene of the event. No other photo is sent to the " +
        "boxes. Default: the photo that the event shows now.",
    }),
    note: noteText.meta({ description: "A note for people, of 500 characters at most; no box gets it." }),
    validFrom: countedMoment("The begin of a visit; by default at once.").exactOptional(),
    validUntil: countedMoment(
      "The end of a visit, within a year. A bridge then removes the visitor from the boxes. By default without an end.",
    ).exactOptional(),
    host: recordText
      .exactOptional()
      .meta({ description: "The name of the person whom a visitor visits; no box gets it." }),
  })
  .prefault({});

type ApprovalBody = z.output<typeof approvalBody>;
type Subject = Pick<ApprovalRequest, "person" | "name">;

/**
 * The order that an approval makes. Throws 400 if something is missing or there is no such box. Throws 409 if the event
 * does not identify the person, has no picture, or is of a stranger with the id of a known person.
 */
export async function requestFor(action: ListedAction, body: ApprovalBody, deps: ApiPorts): Promise<ApprovalRequest> {
  const record = recordIn(action, body);
  const event = await eventOf(action, deps);
  const photo = photoIn(action, body.photo, event);
  const subject = subjectIn(action, event);
  await requireFreeId(action, subject, deps);
  const boxes = await boxesOf(action, body.boxes, deps);
  const visit = await visitIn(record.type, body, { boxes, deps });
  return { ...subject, ...record, photo, note: body.note, ...visit, boxes };
}

/**
 * The order to update only the photo of a person. Throws 404 and 409 as `requestFor`.
 *
 * @param photo SHA-256 of the photo that the user looked at; undefined for the photo that the event shows now
 */
export async function photoUpdate(
  action: ListedAction,
  { photo: asked, boxes }: { photo: string | undefined; boxes: string[] },
  deps: Pick<ApiPorts, "actionReader">,
): Promise<ApprovalRequest> {
  const event = await eventOf(action, deps);
  const photo = photoIn(action, asked, event);
  const rest = { type: null, group: null, note: null, validFrom: null, validUntil: null, host: null };
  return { ...subjectIn(action, event), ...rest, photo, boxes };
}

/**
 * SHA-256 of the photo that is approved. Throws 409 if the event has no photo, or another one than the person looked
 * at.
 */
function photoIn({ approval }: ListedAction, asked: string | undefined, event: StoredEvent): string {
  const shown = announcedPhoto(event)?.sha256;
  if (shown === undefined) throw new GatepostError("conflict", "its event has no picture of the person");
  // An approval that is repeated without a photo keeps its photo while it is under way, even if a new picture has
  // arrived.
  const underWay = approval?.isOpen === true ? approval.photo : null;
  const photo = asked ?? underWay ?? shown;
  if (asked === undefined || photoWith(photo, event) !== null) return photo;
  throw new GatepostError("conflict", "its event does not have this photo; look at the photo that it has");
}

/**
 * Throws 409 if a stranger has the id of a known person. To register the stranger would give the known person another
 * face, and open that person's doors to the stranger. Any client that can post as a box could try that.
 */
async function requireFreeId(
  { wantAction, approval }: ListedAction,
  { person }: Subject,
  deps: ApiPorts,
): Promise<void> {
  // After this action has registered the person, events of that person are expected.
  if (wantAction !== "1001" || approval?.person === person) return;
  const { items } = await deps.events.list({ person }, { limit: 1, cursor: null });
  if (items.length === 0) return;
  throw new GatepostError(
    "conflict",
    "a known person has passed under the id of this stranger, and would get another face; leave it, or look at that person",
  );
}

/**
 * The begin and the end of a visit, and whom it is to. Throws 400 if the end is in the past, over a year from now, or not
 * of a visitor, and 409 if no bridge can remove the person from a box.
 */
async function visitIn(
  type: ApprovalRequest["type"],
  { validFrom, validUntil, host }: ApprovalBody,
  { boxes, deps }: { boxes: readonly string[]; deps: ApiPorts },
): Promise<Pick<ApprovalRequest, "validFrom" | "validUntil" | "host">> {
  const [named] = Object.entries({ validUntil, validFrom, host }).flatMap(([name, of]) =>
    of === undefined ? [] : name,
  );
  if (type !== "visitor" && named !== undefined) {
    throw new GatepostError("bad-request", `${named}: only a visitor has one`);
  }
  if (validUntil === undefined) {
    if (validFrom !== undefined) throw new GatepostError("bad-request", "validFrom: give validUntil as well");
    return { validFrom: null, validUntil: null, host: host ?? null };
  }
  const now = deps.clock();
  if (validUntil <= now) throw new GatepostError("bad-request", "validUntil: must be in the future");
  if (validUntil > now + maxVisitMs) throw new GatepostError("bad-request", "validUntil: must be within a year");
  if (validFrom !== undefined && validFrom >= validUntil) {
    throw new GatepostError("bad-request", "validFrom: must be before validUntil");
  }
  await requireBridges(boxes, deps);
  return { validFrom: instantOrNull(validFrom ?? null), validUntil: instant(validUntil), host: host ?? null };
}

/** The fields to write in addition to the photo; none if only the photo is updated. */
function recordIn(
  { wantAction }: ListedAction,
  { name, type, group: asked }: ApprovalBody,
): Pick<ApprovalRequest, "type" | "group"> & { name?: string } {
  const group = asked ?? null;
  if (wantAction === "1001") {
    if (name === undefined) throw new GatepostError("bad-request", "name: to register a stranger, give a name");
    if (type === undefined) throw new GatepostError("bad-request", "type: to register a stranger, give a type");
    return { name, type, group };
  }
  if (name !== undefined && type !== undefined) return { name, type, group };
  if (name === undefined && type === undefined && group === null) return { type: null, group: null };
  throw new GatepostError(
    "bad-request",
    "name: to write more than the photo, give both name and type, else none of them",
  );
}

/** The person whom an action is about. Throws 409 if that is unknown. */
export async function subjectOf(action: ListedAction, deps: Pick<ApiPorts, "actionReader">): Promise<Subject> {
  return subjectIn(action, await eventOf(action, deps));
}

/** A stranger is registered under the id that the box gave: it is the same at each box. */
function subjectIn({ eventId, wantAction }: ListedAction, event: StoredEvent): Subject {
  const { person } = merge(event);
  if (wantAction === "1001") return { person: person.id ?? `gp-${eventId.slice("evt_".length)}`, name: null };
  if (person.id !== null) return { person: person.id, name: person.name };
  throw new GatepostError("conflict", "its event does not say whose photo it is");
}

async function eventOf({ id }: ListedAction, { actionReader }: Pick<ApiPorts, "actionReader">): Promise<StoredEvent> {
  const event = await actionReader.eventOf(id);
  if (event === null) throw new GatepostError("not-found", "there is no such action");
  return event;
}

async function boxesOf({ box }: ListedAction, asked: ApprovalBody["boxes"], deps: ApiPorts): Promise<string[]> {
  if (asked === undefined) return [box];
  if (typeof asked === "string") return together(box, asked, deps);
  for (const name of asked) {
    if ((await deps.boxes.reader.get(name)) === null) {
      throw new GatepostError("bad-request", `boxes: there is no box ${masked(name)}`);
    }
  }
  return asked;
}

/** The boxes of the site of a box, or all. */
async function together(box: string, where: "site" | "all", { boxes }: ApiPorts): Promise<string[]> {
  const site = (await boxes.reader.get(box))?.site ?? null;
  if (where === "site" && site === null) {
    throw new GatepostError("bad-request", "boxes: the box that asked has no site; set one, or name the boxes");
  }
  const { items, next } = await boxes.reader.list({ limit: 500, cursor: null });
  const found = items.filter((one) => where === "all" || one.site === site).map(({ id }) => id);
  if (next !== null || found.length > maxBoxes) {
    throw new GatepostError("bad-request", `boxes: these are more than ${maxBoxes}; name the boxes`);
  }
  return [...new Set([box, ...found])];
}
