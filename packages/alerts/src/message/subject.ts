import { type FaceEvent, knownPerson, merge, type PersonType, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { firstShown } from "./safe.ts";

/** What an alert is about. */
export interface Subject {
  about:
    | "passing"
    | "register-stranger"
    | "update-photo"
    | "declined"
    | "acknowledged"
    | "not-acknowledged"
    | "visitor-arrived"
    | "visitor-early"
    | "silent"
    | "recovered"
    | "unknown-action"
    | "evacuation"
    | "drill"
    | "evacuation-over"
    | "target-failing"
    | "target-recovered"
    | "test";
  /** Null if it is about a box, an evacuation or a target. */
  event: FaceEvent | null;
  stored: StoredEvent | null;
  /** The id of a known person; null for strangers, and if it is about a box. */
  person: string | null;
  personType: PersonType | null;
  /** The box; of an evacuation the site, of a target its rule. */
  box: string;
  /** The evacuation list that it is about; absent if it is about none. */
  roll?: string;
  /** The visit of a visitor who has come; absent if it is about none. */
  visit?: { name: string | null; host: string | null };
  /** The target that takes nothing, or has recovered; absent if it is about none. */
  target?: TargetState;
  /** The device that it is about; null if none is named. */
  device: string | null;
  /** ISO instant: of the passing, of the last sign of life of a box, or when a target began to fail or recovered. */
  at: string;
  late: boolean;
}

/** Since when a target took nothing, why, and how many entries wait for its rule (null: unknown). */
export interface TargetState {
  since: string;
  reason: string;
  waiting: number | null;
}

const ofBox = z.object({
  "detail-type": z.enum(["Box Silent", "Box Recovered", "Unknown Action Requested"]),
  detail: z.object({ box: z.object({ id: z.string() }), device: z.string().nullable(), since: z.string() }),
});

const ofEvent = z.object({
  "detail-type": z.string(),
  detail: z.union([
    z.object({ event: z.object({ id: z.string() }), late: z.boolean().default(false) }),
    z.object({ eventId: z.string() }).transform(({ eventId }) => ({ event: { id: eventId }, late: false })),
  ]),
});

const ofAcknowledgement = z.object({
  "detail-type": z.literal("Event Acknowledged"),
  detail: z.object({ acknowledgement: z.object({ events: z.array(z.string()).min(1) }) }),
});

const ofAlarm = z.object({
  "detail-type": z.literal("Alarm Not Acknowledged"),
  detail: z.object({ events: z.array(z.string()).min(1) }),
});

const ofVisit = z.object({
  "detail-type": z.literal("Visitor Arrived"),
  detail: z.object({
    visit: z.object({ name: z.string().nullable(), host: z.string().nullable() }),
    flags: z.array(z.string()),
    late: z.boolean(),
    eventId: z.string(),
  }),
});

const ofEvacuation = z.object({
  "detail-type": z.enum(["Evacuation Begun", "Evacuation Ended"]),
  time: z.string(),
  detail: z.object({ roll: z.object({ id: z.string(), site: z.string(), isDrill: z.boolean() }) }),
});

const ofTarget = z.object({
  "detail-type": z.enum(["Target Failing", "Target Recovered"]),
  time: z.string(),
  detail: z.object({ rule: z.string(), since: z.string(), reason: z.string(), waiting: z.int().nullable() }),
});

const byType = new Map<string, Subject["about"]>([
  ["Stranger Registration Requested", "register-stranger"],
  ["Base Photo Update Requested", "update-photo"],
  ["Action Declined", "declined"],
]);

/**
 * The subject of an entry of the bus. Null if its event is gone: erased, or expired. Throws if it is not an entry of
 * Gatepost.
 *
 * @param find the event as it is stored now
 */
export async function subjectOf(
  envelope: unknown,
  find: (id: string) => Promise<StoredEvent | null>,
): Promise<Subject | null> {
  const box = ofBox.safeParse(envelope).data;
  if (box !== undefined) return subjectOfBox(box);
  const evacuation = ofEvacuation.safeParse(envelope).data;
  if (evacuation !== undefined) return subjectOfEvacuation(evacuation);
  const target = ofTarget.safeParse(envelope).data;
  if (target !== undefined) return subjectOfTarget(target);
  const acknowledged = ofAcknowledgement.safeParse(envelope).data;
  if (acknowledged !== undefined) {
    const [newest = ""] = acknowledged.detail.acknowledgement.events;
    const stored = await find(newest);
    return stored && subjectOfEvent(stored, "acknowledged", false);
  }
  const alarm = ofAlarm.safeParse(envelope).data;
  if (alarm !== undefined) {
    const stored = await find(alarm.detail.events[0] ?? "");
    return stored && subjectOfEvent(stored, "not-acknowledged", false);
  }
  const visit = ofVisit.safeParse(envelope).data;
  if (visit !== undefined) return subjectOfVisit(visit.detail, await find(visit.detail.eventId));
  const { "detail-type": type, detail } = ofEvent.parse(envelope);
  const stored = await find(detail.event.id);
  return stored && subjectOfEvent(stored, byType.get(type) ?? "passing", detail.late);
}

/** Whether an entry is what a check announces. */
export function isTest(envelope: unknown): boolean {
  return z.object({ "detail-type": z.literal("Gatepost Test") }).safeParse(envelope).success;
}

/** The same of a stored event. */
export function subjectOfEvent(stored: StoredEvent, about: Subject["about"], late: boolean): Subject {
  const event = merge(stored);
  const { device, person } = event;
  return {
    about,
    event,
    stored,
    late,
    at: event.time,
    person: knownPerson(person),
    personType: person.type,
    box: event.box.id,
    device: firstShown(device.name, device.id, device.endpoint, device.ip),
  };
}

function subjectOfVisit(
  { visit, flags, late }: z.output<typeof ofVisit>["detail"],
  stored: StoredEvent | null,
): Subject | null {
  const about = flags.includes("before-visit") ? "visitor-early" : "visitor-arrived";
  return stored && { ...subjectOfEvent(stored, about, late), visit };
}

/** Whether people must be alerted at once: past quiet hours, and before others. */
export function isUrgent({ about, personType }: Pick<Subject, "about" | "personType">): boolean {
  return personType === "blacklist" || about === "evacuation" || about === "drill";
}

const ofNoEvent = { event: null, stored: null, person: null, personType: null, late: false } as const;

function subjectOfEvacuation({ "detail-type": type, time, detail }: z.output<typeof ofEvacuation>): Subject {
  const { id, site, isDrill } = detail.roll;
  return {
    about: type === "Evacuation Ended" ? "evacuation-over" : isDrill ? "drill" : "evacuation",
    ...ofNoEvent,
    box: site,
    device: null,
    roll: id,
    at: time,
  };
}

function subjectOfTarget({ "detail-type": type, time, detail }: z.output<typeof ofTarget>): Subject {
  const { rule, ...target } = detail;
  const isFailing = type === "Target Failing";
  return {
    about: isFailing ? "target-failing" : "target-recovered",
    ...ofNoEvent,
    box: rule,
    device: null,
    target,
    at: isFailing ? target.since : time,
  };
}

const aboutBox = {
  "Box Silent": "silent",
  "Box Recovered": "recovered",
  "Unknown Action Requested": "unknown-action",
} as const;

function subjectOfBox({ "detail-type": type, detail }: z.output<typeof ofBox>): Subject {
  const about = aboutBox[type];
  const { box, device, since } = detail;
  return { about, ...ofNoEvent, box: box.id, device, at: since };
}
