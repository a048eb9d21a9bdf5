import { pick, type Random, seededFor, whole } from "../../../packages/simulator/src/random.ts";
import { type Disturbance, faults, otherKinds, services, type Trouble, type TroubleKind } from "../aws/troubles.ts";
import { bridgeSlot, slotNames } from "../aws/world.ts";
import { type Case, type ReportSpec, type Step, usualLagMs } from "./case.ts";
import { story } from "./directed.ts";
import { boxes } from "./keys.ts";

/** ms since the beginning in which things happen, and in which they go wrong. */
const busyMs = 20_000;
const troubledMs = 26_000;

/** When the rest of erasures may be finished, ms since the beginning. */
const finishAt = 95_000;

/** ms by which the clocks of two processes may differ, as packages/aws allows. */
const maxSkewMs = 5000;

const day = 24 * 60 * 60 * 1000;

const noon = Date.UTC(2026, 9, 20, 12);
/** A few seconds before the month ends: later events belong to another one. */
const endOfMonth = Date.UTC(2026, 10, 1) - 9000;

/** ms by which indexes are behind at most: mostly as little as they are in an ordinary year. */
const lags = [usualLagMs, usualLagMs, usualLagMs, usualLagMs, 5000, 25_000, 60_000] as const;

/** Makes a case by chance. The same seed makes the same case. */
export function generate(seed: number): Case {
  // Drawn apart: a case does the same whether or not the bus hears of its events.
  const announcesEvents = seededFor(seed, "announcing")() < 0.5;
  return { lagMs: pick<number>(lags, seededFor(seed, "lag")), ...played(seed), announcesEvents };
}

function played(seed: number): Omit<Case, "announcesEvents" | "lagMs"> & Partial<Pick<Case, "lagMs">> {
  const random = seededFor(seed, "case");
  if (random() < 0.3) {
    const told = story(random);
    const skewMs = random() < 0.5 ? maxSkewMs : 0;
    return { seed, start: noon, skewMs, ...told, steps: told.steps.toSorted((a, b) => a.at - b.at) };
  }
  const passings = passingsOf(random);
  const hasBridge = random() < 0.25;
  const posted = posts(passings, random);
  const rarely = rare(passings, posted, random);
  const steps = [
    ...posted.map((step) => (hasBridge && random() < 0.6 ? overBridge(step) : step)),
    ...someTimes(whole(1, 4, random), () => ({ do: "sweep", at: anyTime(random), by: whole(0, 2, random) }) as const),
    ...rarely,
  ];
  const wanders = random() < 0.3;
  return {
    seed,
    start: random() < 0.25 ? endOfMonth : noon,
    skewMs: wanders ? maxSkewMs : 0,
    steps: [...steps, ...(random() < 0.15 ? afterExpiry(passings, random) : [])].sort((a, b) => a.at - b.at),
    troubles: [...troublesOf(random, hasBridge), ...whileFinishing(rarely, random)],
  };
}

/** When an erasure is finished, indexes may lag and calls be slow, too. */
function whileFinishing(steps: readonly Step[], random: Random): Trouble[] {
  if (!steps.some((step) => step.do === "finish" && step.at === finishAt)) return [];
  const kinds = (["dynamo-lag", "dynamo-slow", "s3-slow"] as const).filter(() => random() < 0.4);
  return kinds.map((kind) => ({ kind, from: finishAt - 1000, until: finishAt + 2000, strength: 0.5 }));
}

function overBridge(step: Step): Step {
  return step.do === "post" ? { do: "relay", at: step.at, box: step.box, reports: step.reports } : step;
}

function anyTime(random: Random): number {
  return Math.round(500 + random() * busyMs);
}

function someTimes<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** The reports of passings, one or several each. */
function passingsOf(random: Random): ReportSpec[][] {
  return someTimes(whole(2, 7, random), () => random()).map((_, passing) => {
    const isStranger = random() < 0.3;
    const asksFor = pick<ReportSpec["want"]>(["0", "1001", "1001", "1002"], random);
    // Reports of one kind do not contradict each other: if they did, the one stored first would be believed.
    const unfit = isStranger ? pick<ReportSpec["kind"][]>([[], [], ["history"], ["pass-record"]], random) : [];
    const common = {
      passing,
      box: pick(boxes, random),
      isStranger,
      person: pick(["7", "8", "9"], random),
      face: 0,
      name: "who",
      isBroken: false,
    };
    return someTimes(whole(1, 4, random), () => reportOf(common, { asksFor, unfit }, random));
  });
}

type Common = Pick<ReportSpec, "passing" | "box" | "isStranger" | "person" | "face" | "name" | "isBroken">;

/** `counted`: a report in real time with a member more. It has no face, and is no other passing. */
const ofKnownPeople = [
  ...(["realtime", "counted", "history", "history"] as const),
  ...(["history", "history", "pass-record", "pass-record"] as const),
] as const;

function reportOf(
  common: Common,
  { asksFor, unfit }: { asksFor: ReportSpec["want"]; unfit: readonly ReportSpec["kind"][] },
  random: Random,
): ReportSpec {
  const { isStranger } = common;
  const kinds = isStranger ? (["history", "pass-record"] as const) : ofKnownPeople;
  const drawn = pick<(typeof ofKnownPeople)[number]>(kinds, random);
  const kind = drawn === "counted" ? "realtime" : drawn;
  const isFit = !unfit.includes(kind);
  if (kind === "realtime") {
    const extras = drawn === "counted" ? ["x_counter"] : [];
    return { ...common, kind, extras, pictures: [], want: "0", isFit };
  }
  const isBroken = random() < 0.12;
  const sent = (["registered", "scene"] as const).filter(() => random() < 0.5);
  return {
    ...common,
    kind,
    face: !isStranger && random() < 0.15 ? 1 : 0,
    extras: ["x_a", "x_b", "x_c"].filter(() => random() < 0.5),
    pictures: isBroken ? sent.filter((picture) => picture !== "scene") : sent,
    want: kind === "history" ? asksFor : "0",
    isFit,
    isBroken,
  };
}

function posts(passings: readonly ReportSpec[][], random: Random): Step[] {
  return passings.flatMap((reports) => {
    // Now and then all reports of a passing are sent at once.
    const together = random() < 0.25 ? anyTime(random) : null;
    const post = (some: ReportSpec[]): Step => ({
      do: "post",
      at: together === null ? anyTime(random) : together + whole(0, 60, random),
      box: reports[0]?.box ?? "gate-1",
      reports: some,
      to: whole(0, 3, random),
    });
    const first = reports.find(({ kind, isBroken }) => kind === "history" && !isBroken);
    if (first !== undefined && reports.length === 1 && random() < 0.5) {
      return [
        post([
          { ...first, name: "first" },
          { ...first, name: "second" },
        ]),
      ];
    }
    if (random() < 0.2) return [post(reports)];
    const each = reports.map((report) => post([report]));
    // A box that has no answer sends it again, while the first may still be on its way.
    const again = each
      .filter(() => random() < 0.35)
      .map((step) => ({ ...step, at: step.at + whole(0, together === null ? 3000 : 80, random) }));
    return [...each, ...again];
  });
}

/** Rare steps. */
function rare(passings: readonly ReportSpec[][], posted: readonly Step[], random: Random): Step[] {
  const at = () => anyTime(random);
  const reports = passings.flat();
  const report = reports[whole(0, reports.length, random)];
  const steps: [chance: number, step: Step | null][] = [
    [0.35, eraseOf(posted, random)],
    [0.2, report === undefined ? null : { do: "erase-event", at: at(), report }],
    [0.5, { do: "finish", at: finishAt, by: 0 }],
    [
      0.25,
      {
        do: "garbage",
        at: at(),
        box: pick(boxes, random),
        text: `{"what": ${whole(0, 1000, random)}`,
        to: whole(0, 3, random),
      },
    ],
    // Not the id of a person: a status that has it goes with an erasure of that person.
    [
      0.2,
      { do: "status", at: at(), box: pick(boxes, random), count: whole(10, 1000, random), to: whole(0, 3, random) },
    ],
    [0.25, { do: "replay", at: at() }],
    [0.4, { do: random() < 0.5 ? "settle" : "answer", at: at() + 3000, as: random() < 0.5 ? "done" : "failed" }],
    [0.1, { do: "revoke", at: at(), box: "gate-3" }],
    [0.3, { do: "watch", at: 300, tabs: whole(1, 3, random) }],
    [0.15, { do: "watch", at: at(), tabs: whole(1, 3, random) }],
    [0.3, { do: "lose", at: at() }],
    [0.15, { do: "close", at: at() }],
    [0.15, { do: "sleep", at: at(), ms: whole(2000, 40_000, random) }],
    [0.3, report === undefined ? null : { do: "see", at: at(), report }],
    [0.4, { do: "follow", at: at() }],
    [0.4, { do: "follow", at: at() }],
    [0.2, { do: "sweep", at: 70_000 + at(), by: 1 }],
  ];
  const chosen = steps.flatMap(([chance, step]) => (step !== null && random() < chance ? [step] : []));
  return [...chosen, ...late(passings, chosen, random)];
}

/** A person is erased at any time, or while a report of theirs is on its way. */
function eraseOf(posted: readonly Step[], random: Random): Step {
  const box = random() < 0.5 ? null : pick(boxes, random);
  const one = posted[whole(0, posted.length, random)];
  const about = one?.do === "post" && random() < 0.5 ? one.reports[0] : undefined;
  if (one === undefined || about === undefined) {
    return { do: "erase-person", at: anyTime(random), person: pick(["7", "8", "9"], random), box };
  }
  return { do: "erase-person", at: one.at + whole(0, 200, random), person: about.person, box: box && about.box };
}

/** After an erasure, or a revocation, boxes send again; some of it while the erasure is finished. */
function late(passings: readonly ReportSpec[][], chosen: readonly Step[], random: Random): Step[] {
  const isOf = (what: Step["do"]) => chosen.some((step) => step.do === what);
  if (!isOf("erase-person") && !isOf("erase-event") && !isOf("revoke")) return [];
  return posts(passings, random)
    .filter(() => random() < 0.4)
    .map((step) => ({
      ...step,
      at: random() < 0.5 ? whole(28_000, finishAt, random) : finishAt + whole(-150, 250, random),
    }));
}

/** A report of a kind that the passing did not have before: it must not join expired reports. */
function ofAnotherKind(reports: readonly ReportSpec[]): ReportSpec[][] {
  const [first] = reports;
  const kind = (["history", "pass-record"] as const).find((one) => reports.every((report) => report.kind !== one));
  if (first === undefined || kind === undefined) return [];
  return [[{ ...first, kind, want: "0", isFit: true, isBroken: false }]];
}

/** Everything expires, and boxes send some of it again. */
function afterExpiry(passings: readonly ReportSpec[][], random: Random): Step[] {
  const at = day + 300_000;
  const again = posts([...passings, ...passings.flatMap(ofAnotherKind)], random).filter(() => random() < 0.4);
  const sleep: Step = { do: "sleep", at: 2 * troubledMs, ms: at - 2 * troubledMs };
  return [sleep, { do: "remove-expired", at }, ...again.map((step) => ({ ...step, at: at + 1000 + step.at }))];
}

function troublesOf(random: Random, hasBridge: boolean): Trouble[] {
  // Now and then nothing goes wrong: then more is promised.
  if (random() < 0.08) return [];
  const troubles = someTimes(whole(1, 6, random), (): Trouble => {
    const from = whole(600, busyMs, random);
    if (random() < 0.3) {
      const slot = hasBridge && random() < 0.5 ? bridgeSlot : pick(slotNames, random);
      return { kind: "crash", from, slot, calls: whole(1, 9, random), isAfter: random() < 0.5 };
    }
    const until = Math.min(troubledMs, from + whole(1000, 12_000, random));
    return { kind: kindOf(random), from, until, strength: pick([0.15, 0.4, 0.9], random) };
  });
  const always: Disturbance = { kind: "dynamo-partial", from: 600, until: Number.MAX_SAFE_INTEGER, strength: 0.3 };
  return random() < 0.3 ? [...troubles, always] : troubles;
}

function kindOf(random: Random): TroubleKind {
  if (random() < 0.35) return pick(otherKinds, random);
  return `${pick(services, random)}-${pick(faults, random)}`;
}
