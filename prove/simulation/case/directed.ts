import { pick, type Random, whole } from "../../../packages/simulator/src/random.ts";
import type { Trouble, TroubleKind } from "../aws/troubles.ts";
import type { Case, ReportSpec, Step } from "./case.ts";
import { boxes } from "./keys.ts";

/*
 * Stories that chance alone makes too rarely: each is about one guard of the product, and the fault without it. Their
 * times, their processes and their other faults are random.
 */

type Story = Pick<Case, "steps" | "troubles"> & Partial<Pick<Case, "start" | "lagMs">>;

/** When the rest of erasures is finished, and when the rest of later ones is; ms since the beginning. */
const finishAt = 90_000;
const finishAgainAt = finishAt + 72_000;

export function story(random: Random): Story {
  return pick(
    [sharedPicture, sharedPicture, inTwoMonths, erasedMeanwhile, announcedLater, lagging, lagging, slept, inTabs],
    random,
  )(random);
}

/**
 * Events of one person show the same registered picture. One of them is erased; the others come before, while the
 * erasure waits, right before it is finished, or after it. Where each is taken, a process may remember the picture. One
 * may bring it and never be stored, because its box does not ask again.
 */
function sharedPicture(random: Random): Story {
  const usual = whole(0, 3, random);
  const slot = () => (random() < 0.6 ? usual : whole(0, 3, random));
  const brings = (passing: number) => reportOf(passing, "7", { pictures: ["registered"] });
  const times = {
    early: whole(1500, 5500, random),
    waiting: whole(15_000, 85_000, random),
    late: finishAt - whole(60, 1000, random),
  };
  const at = times[pick<keyof typeof times>(["early", "waiting", "waiting", "late"], random)];
  const isStored = random() < 0.5;
  const second = inPieces(brings(1), at, slot(), random);
  return {
    steps: [
      post(1000, [brings(0)], slot()),
      { do: "erase-event", at: whole(6000, 9000, random), report: brings(0) },
      ...(isStored ? second : second.map((step) => ({ ...step, tries: 1 }))),
      { do: "finish", at: finishAt, by: 0 },
      ...maybe(0.4, post(finishAt + whole(1500, 5000, random), [brings(2)], slot()), random),
      { do: "finish", at: finishAgainAt, by: 1 },
      ...maybe(0.7, post(finishAgainAt + whole(1000, 4000, random), [brings(3)], slot()), random),
    ],
    troubles: [
      ...(isStored ? [] : [during("dynamo-refuses", at + 25, 700, 1)]),
      ...maybe(0.6, during("dynamo-lag", finishAt - 1200, 3000, 0.9), random),
      ...maybe(0.2, during("s3-slow", finishAt - 500, 1500, 0.5), random),
    ],
  };
}

/** An event shows the picture of two months. Another shows the picture of the second month, and is erased. */
function inTwoMonths(random: Random): Story {
  const start = Date.UTC(2026, 10, 1) - 9000;
  const slot = () => whole(0, 3, random);
  const erased = reportOf(0, "7", { pictures: ["registered"] });
  const kept = reportOf(1, "7", { pictures: ["registered"] });
  const erase: Step =
    random() < 0.5
      ? { do: "erase-event", at: 15_000, report: erased }
      : { do: "erase-person", at: 15_000, person: "7", box: erased.box };
  return {
    start,
    steps: [
      post(whole(1000, 8000, random), [kept], slot()),
      post(whole(9000, 12_000, random), [{ ...kept, kind: pick(["history", "pass-record"], random) }], slot()),
      post(whole(9000, 12_000, random), [erased], slot()),
      erase,
      { do: "finish", at: finishAt, by: 0 },
    ],
    troubles: [...maybe(0.5, during("dynamo-late", 9000, 3000, 0.4), random)],
  };
}

/** A report brings the picture at once, or adds it to an event that a report without one has made. */
function inPieces(report: ReportSpec, at: number, to: number, random: Random): (Step & { do: "post" })[] {
  const whole = post(at, [report], to);
  if (random() < 0.5) return [whole];
  const first = { ...report, kind: "realtime" as const, pictures: [], extras: [], want: "0" as const };
  return [post(at - 300, [first], to), whole];
}

/** A person is erased while the index does not show an event of theirs yet, or while a report is on its way. */
function erasedMeanwhile(random: Random): Story {
  const at = whole(1000, 3000, random);
  return {
    steps: [
      post(at, [reportOf(0, "7", { pictures: ["registered", "scene"] })], whole(0, 3, random)),
      { do: "erase-person", at: at + whole(1, 600, random), person: "7", box: null },
      { do: "finish", at: finishAt, by: 0 },
    ],
    troubles: [
      ...maybe(0.8, during("dynamo-lag", at, 2000, 0.9), random),
      ...maybe(0.3, during("dynamo-slow", at, 2000, 0.5), random),
    ],
  };
}

/**
 * The bus is away when an action is asked for. It is announced later, and a follower of the changes was there before.
 */
function announcedLater(random: Random): Story {
  const at = whole(3000, 9000, random);
  return {
    steps: [
      post(at, [{ ...reportOf(0, "9", {}), isStranger: true, want: "1001" }], whole(0, 3, random)),
      { do: "follow", at: at + whole(12_000, 40_000, random) },
      { do: "sweep", at: at + whole(65_000, 80_000, random), by: 0 },
    ],
    troubles: [
      during("bus-refuses", at - 500, 8000, 1),
      ...maybe(0.3, during("dynamo-loses-answer", at + 60_000, 20_000, 0.3), random),
    ],
  };
}

/**
 * The index lags by many seconds, for all rows or for events alone, while pages are open. Several processes write,
 * and their clocks differ; some answers are lost.
 */
function lagging(random: Random): Story {
  const from = 4000;
  const posts = Array.from({ length: whole(6, 14, random) }, (_, n) =>
    post(whole(from - 1000, 20_000, random), [reportOf(n, "9", {})], whole(0, 3, random)),
  );
  const lasts = whole(3000, 15_000, random);
  return {
    lagMs: pick([5000, 25_000, 60_000], random),
    steps: [
      { do: "watch", at: 300, tabs: 1 },
      ...maybe(0.5, { do: "watch", at: whole(from, 14_000, random), tabs: 2 } as const, random),
      ...posts,
      { do: "see", at: whole(8000, 22_000, random), report: reportOf(0, "9", {}) },
      ...maybe(0.5, { do: "lose", at: whole(from, 16_000, random) } as const, random),
      ...maybe(
        0.4,
        { do: "erase-event", at: whole(9000, 22_000, random), report: reportOf(1, "9", {}) } as const,
        random,
      ),
    ],
    troubles: [
      during(pick<TroubleKind>(["events-lag", "dynamo-lag"], random), from, lasts, pick([0.4, 0.9], random)),
      ...maybe(0.5, during("dynamo-loses-answer", from, lasts, 0.3), random),
      ...maybe(0.4, during("uplink-loses-answer", from, lasts, 0.4), random),
    ],
  };
}

const hour = 60 * 60 * 1000;

/** A laptop sleeps for minutes, an hour, most of a day, or a year. Events are made, seen and erased meanwhile. */
function slept(random: Random): Story {
  const [from, ms] = [9000, pick([60_000, hour - 20_000, hour + 60_000, 20 * hour, 365 * 24 * hour], random)];
  const wakesAt = from + ms;
  const count = whole(3, 9, random);
  return {
    steps: [
      { do: "watch", at: 300, tabs: whole(1, 3, random) },
      ...Array.from({ length: count }, (_, n) => post(2000 + n * 600, [reportOf(n, "9", {})], whole(0, 3, random))),
      { do: "sleep", at: from, ms },
      { do: "erase-event", at: from + whole(500, 9000, random), report: reportOf(0, "9", {}) },
      { do: "see", at: from + whole(500, 9000, random), report: reportOf(1, "9", {}) },
      post(from + whole(500, 15_000, random), [reportOf(50, "9", {})], whole(0, 3, random)),
      // A finished erasure is not told again when the laptop wakes.
      ...(ms > hour ? ([200_000, 400_000, 600_000] as const).map((at) => ({ do: "finish", at, by: 0 }) as const) : []),
      ...(ms > 24 * hour ? [{ do: "remove-expired", at: wakesAt - 60_000 } as const] : []),
      post(wakesAt + whole(-300, 9000, random), [reportOf(51, "9", {})], whole(0, 3, random)),
      { do: "see", at: wakesAt + whole(0, 9000, random), report: reportOf(2, "9", {}) },
    ],
    troubles: [
      ...maybe(0.5, during("dynamo-slow", wakesAt, 5000, 0.5), random),
      ...maybe(0.5, during("uplink-loses-answer", wakesAt, 5000, 0.5), random),
    ],
  };
}

/** The tabs of one browser: the asking one is hidden, closed, or has no network, and another one continues. */
function inTabs(random: Random): Story {
  const at = () => whole(2000, 20_000, random);
  return {
    steps: [
      { do: "watch", at: 300, tabs: whole(2, 4, random) },
      ...Array.from({ length: 12 }, (_, n) => post(at(), [reportOf(n, "9", {})], whole(0, 3, random))),
      ...Array.from({ length: 3 }, () => ({ do: "lose", at: at() }) as const),
      { do: "close", at: at() },
      { do: "see", at: whole(10_000, 24_000, random), report: reportOf(0, "9", {}) },
      ...maybe(0.3, { do: "sleep", at: at(), ms: whole(1000, 30_000, random) } as const, random),
    ],
    troubles: [...maybe(0.5, during("uplink-loses-answer", 3000, 15_000, 0.3), random)],
  };
}

function post(at: number, reports: ReportSpec[], to: number): Step & { do: "post" } {
  return { do: "post", at, box: reports[0]?.box ?? boxes[0], reports, to };
}

function reportOf(passing: number, person: string, has: Partial<ReportSpec>): ReportSpec {
  return {
    passing,
    box: boxes[passing % boxes.length] ?? boxes[0],
    isStranger: false,
    person,
    face: 0,
    name: "who",
    isBroken: false,
    kind: "history",
    extras: [],
    pictures: [],
    want: "0",
    isFit: true,
    ...has,
  };
}

function during(kind: TroubleKind, from: number, ms: number, strength: number): Trouble {
  return { kind, from, until: from + ms, strength };
}

function maybe<One>(chance: number, one: One, random: Random): One[] {
  return random() < chance ? [one] : [];
}
