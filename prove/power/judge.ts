import type { FaceEvent } from "@gatepost/protocol";
import type { Arrival, Claim, Progress, Standing } from "./claims.ts";
import type { Shown, Stored } from "./observe.ts";

type Of<Kind extends Claim["kind"]> = Extract<Claim, { kind: Kind }>;

/** The claims of one kind, with how far each has come. */
function claimed<Kind extends Claim["kind"]>(
  standings: readonly Standing[],
  kind: Kind,
): { claim: Of<Kind>; progress: Progress }[] {
  return standings.flatMap(({ operation, progress }) =>
    operation.claims.flatMap((claim) => (isOf(claim, kind) ? [{ claim, progress }] : [])),
  );
}

function isOf<Kind extends Claim["kind"]>(claim: Claim, kind: Kind): claim is Of<Kind> {
  return claim.kind === kind;
}

/** The persons that are gone, or may be. */
function goneOf(standings: readonly Standing[]): Map<string, Progress> {
  const gone = [...claimed(standings, "erased"), ...claimed(standings, "expired")];
  return new Map(gone.flatMap(({ claim: { person }, progress }) => (person === null ? [] : [[person, progress]])));
}

/** Texts of which nothing may be left. */
export function tracesOf(standings: readonly Standing[], kind: "erased" | "expired"): string[] {
  return claimed(standings, kind).flatMap(({ claim, progress }) => (progress === "answered" ? claim.traces : []));
}

/** The texts of the persons whose erasure was begun and has taken an acknowledged event. */
export function tracesBegun({ events }: Shown, standings: readonly Standing[]): string[] {
  const shown = new Set(events.map(({ person }) => person.id));
  const stored = new Set(
    claimed(standings, "passing").flatMap(({ claim, progress }) => (progress === "answered" ? [claim.person] : [])),
  );
  return claimed(standings, "erased").flatMap(({ claim: { person, traces }, progress }) =>
    progress === "begun" && person !== null && stored.has(person) && !shown.has(person) ? traces : [],
  );
}

export function tokensOf(standings: readonly Standing[]): string[] {
  return [...claimed(standings, "key"), ...claimed(standings, "revoked")].map(({ claim }) => claim.token);
}

/** The operations that boxes send again, without erased or expired persons. */
export function repeated(standings: readonly Standing[]): Standing[] {
  const gone = goneOf(standings);
  const isGone = (person: string) => (gone.get(person) ?? "unsent") !== "unsent";
  return standings.filter(
    ({ operation: { request, claims } }) =>
      request !== null && !claims.some((claim) => claim.kind === "passing" && isGone(claim.person)),
  );
}

/** The broken promises of the answers, by the content that a Gatepost shows. */
export function judgeShown(shown: Shown, standings: readonly Standing[]): string[] {
  const passings = Map.groupBy(claimed(standings, "passing"), ({ claim }) => claim.person);
  const events = Map.groupBy(shown.events, ({ person }) => person.id ?? "");
  const gone = goneOf(standings);
  const strange = shown.events.filter(({ person }) => !passings.has(person.id ?? ""));
  return [
    ...strange.map(({ id, person }) => `event ${id} of ${person.id} was never sent`),
    ...[...shown.badPictures].flatMap(([id, bad]) => bad.map((fault) => `event ${id}: ${fault}`)),
    ...[...passings].flatMap(([person, reports]) =>
      judgePassing(person, { reports, events: events.get(person) ?? [], gone: gone.get(person) ?? "unsent" }),
    ),
    ...[...gone].flatMap(([person, progress]) =>
      progress === "answered" && events.has(person) ? [`${person} is gone, and shown`] : [],
    ),
    ...judgeKeys(shown, standings),
  ];
}

function judgePassing(
  person: string,
  {
    reports,
    events,
    gone,
  }: { reports: { claim: Of<"passing">; progress: Progress }[]; events: FaceEvent[]; gone: Progress },
): string[] {
  if (gone === "answered") return [];
  const answered = reports.filter(({ progress }) => progress === "answered").map(({ claim }) => claim);
  const [event, another] = events;
  if (another !== undefined) return [`${person} is shown ${events.length} times`];
  if (event === undefined) return answered.length > 0 && gone === "unsent" ? [`${person} is lost`] : [];
  if (reports.every(({ progress }) => progress === "unsent")) return [`${person} is shown before it was sent`];
  return answered.flatMap((claim) => judgeReport(event, claim));
}

function judgeReport(event: FaceEvent, { person, report, pictures, wantAction }: Of<"passing">): string[] {
  const faults: string[] = [];
  if (!event.reports.some(({ kind }) => kind === report)) faults.push(`${person}: its ${report} report is lost`);
  for (const [kind, sha256] of Object.entries(pictures)) {
    const shown = Object.entries(event.pictures).find(([name]) => name === kind)?.[1];
    if (shown?.sha256 !== sha256) faults.push(`${person}: its ${kind} picture is lost`);
  }
  if (wantAction !== null && !event.actions.some((action) => action.wantAction === wantAction))
    faults.push(`${person}: its action ${wantAction} is lost`);
  if (event.flags.some((flag) => flag.startsWith("picture-"))) faults.push(`${person}: flags ${event.flags}`);
  return faults;
}

function judgeKeys({ tokens }: Shown, standings: readonly Standing[]): string[] {
  const revoked = new Map(claimed(standings, "revoked").map(({ claim, progress }) => [claim.token, progress]));
  const made = claimed(standings, "key").filter(({ claim }) => (revoked.get(claim.token) ?? "unsent") === "unsent");
  return [
    ...made.flatMap(({ claim: { token }, progress }) =>
      progress === "answered" && tokens.get(token) !== true ? [`key ${token} was made and does not open`] : [],
    ),
    ...[...revoked].flatMap(([token, progress]) =>
      progress === "answered" && tokens.get(token) === true ? [`key ${token} is revoked and opens`] : [],
    ),
  ];
}

/** The same, by the content of the tables. `arrivals` is null if no rule asks for actions. */
export function judgeStored(
  stored: Stored,
  standings: readonly Standing[],
  arrivals: readonly Arrival[] | null,
): string[] {
  return [
    ...stored.faults,
    ...claimed(standings, "quarantined").flatMap(({ claim: { sha256 }, progress }) => {
      const times = stored.quarantine.filter((held) => held === sha256).length;
      return times > 1 || (progress === "answered" && times === 0) ? [`quarantine has ${sha256} ${times} times`] : [];
    }),
    ...claimed(standings, "status").flatMap(({ claim: { box, serial }, progress }) =>
      progress === "answered" && !stored.statuses.some((row) => row.box === box && row.report.includes(serial))
        ? [`the status ${serial} of ${box} is lost`]
        : [],
    ),
    ...claimed(standings, "settled").flatMap(({ claim: { person, state }, progress }) =>
      progress === "answered" && !stored.actions.some((action) => person === action.id && action.state === state)
        ? [`the answer to ${person} is lost`]
        : [],
    ),
    ...(arrivals === null ? [] : judgeDeliveries(stored, arrivals)),
  ];
}

/** Each of these events, if it is there still, waits to be announced, is in a queue or has arrived. */
export function judgeTold(
  { events, outbox, deliveries }: Stored,
  told: readonly string[],
  arrivals: readonly Arrival[],
): string[] {
  const heard = new Set([...outbox, ...deliveries.map(({ entryId }) => entryId), ...arrivals.map(({ id }) => id)]);
  const held = new Set(events);
  return told.flatMap((id) => (held.has(id) && !heard.has(id) ? [`${id} is recorded and nobody will hear it`] : []));
}

/** Announced actions are in a queue; delivered ones have arrived. */
function judgeDeliveries({ actions, deliveries }: Stored, arrivals: readonly Arrival[]): string[] {
  const arrived = new Set(arrivals.map(({ id }) => id));
  const queued = new Set(deliveries.map(({ entryId }) => entryId));
  return [
    ...actions.flatMap(({ id, state, wantAction }) =>
      wantAction === "1001" && (state === "announced" || state === "done") && !queued.has(id) && !arrived.has(id)
        ? [`${id} is announced and nobody will hear it`]
        : [],
    ),
    ...deliveries.flatMap(({ entryId, state }) =>
      state === "delivered" && !arrived.has(entryId) ? [`${entryId} is noted as delivered and has not arrived`] : [],
    ),
  ];
}
