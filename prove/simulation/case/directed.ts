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
    [
      sharedPicture,
      sharedPicture,
      inTwoMonths,
      erasedMeanwhile,
      overtaken,
      overtaken,
      givenUp,
      farBehind,
      hidden,
      hidden,
      unreachable,
      announcedLater,
    ],
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
 * A part of the stream waits, so that events overtake each other. Readers lose their connections right before it
 * continues, and resume behind their last event.
 */
function overtaken(random: Random): Story {
  const from = 12_000;
  const until = from + (random() < 0.5 ? whole(1000, 3000, random) : whole(6000, 12_000, random));
  const at = () => whole(from - 200, until, random);
  const count = whole(6, 13, random);
  const posts = Array.from({ length: count }, (_, n) => post(at(), [reportOf(n, "9", {})], whole(0, 3, random)));
  // Some come while a reader is handed over, by clocks that differ.
  const after = Array.from({ length: 8 }, (_, n) =>
    post(whole(until, until + 13_000, random), [reportOf(20 + n, "9", {})], whole(0, 3, random)),
  );
  const holds = pick<TroubleKind>(["stream-holds-0", "stream-holds-1"], random);
  return {
    steps: [
      ...Array.from({ length: 3 }, (_, n) => ({ do: "watch", at: 300 + n * 700 }) as const),
      post(9000, [reportOf(90, "9", {})], 0),
      ...posts,
      ...after,
      { do: "lose", at: until - whole(0, 500, random) },
      ...maybe(0.3, { do: "lose", at: at() } as const, random),
      // Behind it, a reader does not look for what it has missed before.
      post(40_000, [reportOf(91, "9", {})], 1),
    ],
    troubles: [
      during(holds, from, until - from, 1),
      ...maybe(0.2, during("stream-stalls", from, until - from, 0.3), random),
      ...maybe(0.3, during("dynamo-lag", from, until - from + 3000, 0.9), random),
      ...maybe(0.2, during("stream-repeats", from, until - from, 0.5), random),
    ],
  };
}

/** The stream gives a batch up, and continues with the later ones. */
function givenUp(random: Random): Story {
  const from = 12_000;
  const lasts = whole(6200, 7500, random);
  const later = Array.from({ length: whole(1, 4, random) }, (_, n) =>
    post(from + lasts + whole(-200, 400, random), [reportOf(2 + n, "9", {})], whole(0, 3, random)),
  );
  return {
    steps: [
      { do: "watch", at: 300 },
      post(9000, [reportOf(0, "9", {})], 0),
      post(from - whole(20, 300, random), [reportOf(1, "9", {})], 1),
      ...later,
      post(40_000, [reportOf(91, "9", {})], 1),
    ],
    troubles: [during("dynamo-refuses", from, lasts, 1)],
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

/** For a while no connection can be reached or closed. */
function unreachable(random: Random): Story {
  const from = 12_000;
  const lasts = whole(800, 4000, random);
  const posts = Array.from({ length: whole(1, 4, random) }, (_, n) =>
    post(from + whole(0, lasts, random), [reportOf(n, "9", {})], whole(0, 3, random)),
  );
  return {
    steps: [
      { do: "watch", at: 300 },
      post(9000, [reportOf(90, "9", {})], 0),
      ...posts,
      post(40_000, [reportOf(91, "9", {})], 1),
    ],
    troubles: [
      during("sockets-refuses", from, lasts, 1),
      ...maybe(0.3, during("stream-repeats", from, lasts, 0.5), random),
    ],
  };
}

/**
 * The list of connections, or the feed of changes, lags by many seconds while readers come, or come back, and everything
 * else goes well. Events come meanwhile, and after that. Readers may lose their connections once more.
 */
function hidden(random: Random): Story {
  const from = 10_500;
  const lags = pick<TroubleKind>(["connections-lag", "events-lag"], random);
  const posts = Array.from({ length: 16 }, (_, n) =>
    post(12_000 + n * 4000 + whole(0, 4000, random), [reportOf(n, "9", {})], whole(0, 3, random)),
  );
  return {
    lagMs: pick([25_000, 60_000], random),
    steps: [
      ...Array.from({ length: 2 }, (_, n) => ({ do: "watch", at: 300 + n * 700 }) as const),
      post(9000, [reportOf(90, "9", {})], 0),
      { do: "lose", at: whole(from, 14_000, random) },
      // The note about a disconnected reader covers the others.
      ...maybe(0.4, { do: "watch", at: whole(from, 14_000, random) } as const, random),
      ...posts,
      ...maybe(0.5, { do: "lose", at: whole(19_000, 34_000, random) } as const, random),
    ],
    troubles: [during(lags, from, whole(2000, 12_000, random), pick([0.4, 0.9], random))],
  };
}

/**
 * A reader comes back far behind, and is told slowly what it has missed. New events are made meanwhile. It loses its
 * connection before it has all, at any time or right after one of them, and resumes behind its last event.
 */
function farBehind(random: Random): Story {
  const returnsBy = 18_000;
  const missed = Array.from({ length: whole(20, 40, random) }, (_, n) =>
    post(11_000 + n * 30, [reportOf(n, "9", {})], whole(0, 3, random)),
  );
  const newer = () => whole(returnsBy, returnsBy + 20_000, random);
  const meanwhile = Array.from({ length: 8 }, (_, n) =>
    post(newer(), [reportOf(50 + n, "9", {})], whole(0, 3, random)),
  );
  const first = Math.min(...meanwhile.map(({ at }) => at));
  const lost = random() < 0.5 ? first + whole(300, 1500, random) : newer() + 2000;
  return {
    steps: [
      { do: "watch", at: 300 },
      post(9000, [reportOf(90, "9", {})], 0),
      { do: "lose", at: 10_600 },
      ...missed,
      ...meanwhile,
      { do: "lose", at: lost },
      post(60_000, [reportOf(91, "9", {})], 1),
    ],
    troubles: [
      during("sockets-slow", 10_600, whole(15_000, 30_000, random), 1),
      ...maybe(0.3, during("dynamo-slow", 14_000, 12_000, 0.5), random),
    ],
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
