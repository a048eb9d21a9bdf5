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
  return pick([sharedPicture, sharedPicture, inTwoMonths, erasedMeanwhile, announcedLater], random)(random);
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
