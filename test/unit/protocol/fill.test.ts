import { fill, merge, type PictureKind, type Report, withholdingReason } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getPath, type Path, setPath } from "../../../packages/protocol/src/paths.ts";
import { picture, report } from "../../contract/samples.ts";
import { anyReport } from "../../support/arbitraries.ts";

const facts = (seed: string) => {
  const { data: _, ...rest } = picture(seed);
  return rest;
};
const pictures = (...kinds: PictureKind[]) => Object.fromEntries(kinds.map((kind) => [kind, facts(kind)]));

describe("a repeat of a held report", () => {
  it("changes nothing if it is equal", () => {
    const held = report({ score: [0.9, 1], pictures: pictures("face"), extra: { a: { b: 1 } } });
    expect(fill(held, { ...structuredClone(held), receivedAt: held.receivedAt + 5 })).toBeNull();
  });

  it("changes nothing if only its path is unexpected", () => {
    const [right, wrong] = [report(), report({ unexpectedAt: "live" })];
    expect(fill(right, wrong)).toBeNull();
    expect(fill(wrong, right)).toBeNull();
    expect(fill(wrong, report({ score: [0.9, 1] }))).toEqual({ ...wrong, score: [0.9, 1] });
  });

  it("changes nothing if it contradicts", () => {
    const held = report({ score: [0.9, 1], person: { id: "1", name: "first" }, pictures: pictures("scene") });
    const other = { ...held, score: [0.1, 100] as [number, number], person: { id: "1", name: "second" } };
    expect(fill(held, { ...other, pictures: { scene: facts("other") } })).toBeNull();
  });

  it("adds a picture, and removes the flag about it", () => {
    const flags = ["picture-unreadable:scene", "tolerant-parse"];
    const held = report({ pictures: pictures("face"), flags });
    const filled = fill(held, report({ pictures: pictures("face", "scene") }));
    expect(filled).toEqual({ ...held, pictures: pictures("face", "scene"), flags: ["tolerant-parse"] });
  });

  it("leaves no empty list of flags", () => {
    const held = report({ flags: ["picture-lost:scene"] });
    expect(fill(held, report({ pictures: pictures("scene") }))).toEqual(report({ pictures: pictures("scene") }));
  });

  it("leaves pictures unchanged without new ones, even an empty member", () => {
    const repeat = report({ extra: { a: 1 } });
    expect(fill(report({ pictures: {} }), repeat)).toEqual(report({ pictures: {}, extra: { a: 1 } }));
    expect(fill(report(), repeat)).toEqual(repeat);
  });

  it("adds its flags", () => {
    const flags = ["picture-truncated:scene", "charset"];
    expect(fill(report(), report({ pictures: pictures("scene"), flags }))?.flags).toEqual(flags);
    expect(fill(report(), report({ flags: ["tolerant-parse"] }))?.flags).toEqual(["tolerant-parse"]);
  });

  it("adds no flag about a picture that is already stored", () => {
    const flags = ["picture-unreadable:scene", "picture-truncated:registered", "second-picture:scene"];
    const held = report({ pictures: pictures("scene", "registered") });
    expect(fill(held, report({ flags }))?.flags).toEqual(["second-picture:scene"]);
    expect(fill(report(), report({ flags }))?.flags).toEqual(flags);
  });

  it("marks the face as unfit and leaves the stored facts", () => {
    const judged = (registrable: boolean) => report({ quality: { registrable } });
    const filled = fill(judged(true), judged(false));
    expect(filled).toEqual({ ...judged(true), unfit: true });
    expect(fill(filled ?? judged(true), judged(false))).toBeNull();
    expect(fill(judged(false), judged(true))).toBeNull();
    expect(fill(report(), judged(false))).toEqual(judged(false));
  });

  it("replaces a truncated picture by an intact one, save the face", () => {
    const flags = ["picture-truncated:face", "picture-truncated:scene"];
    const held = report({ pictures: pictures("face", "scene"), flags });
    const intact = { face: facts("whole face"), scene: facts("whole scene") };
    expect(fill(held, report({ pictures: intact }))).toEqual({
      ...held,
      pictures: { ...held.pictures, scene: intact.scene },
      flags: ["picture-truncated:face"],
    });
    expect(fill(held, report({ pictures: intact, flags }))).toBeNull();
  });

  it("restores a lost picture, but does not replace a lost face by another face", () => {
    const flags = ["picture-lost:face", "picture-lost:scene", "tolerant-parse"];
    const held = report({ pictures: pictures("face", "scene"), flags });
    const december = { receivedAt: Date.UTC(2026, 11, 2) };
    expect(fill(held, report({ ...december, pictures: pictures("face") }))).toEqual({
      ...held,
      pictures: { ...held.pictures, face: { ...facts("face"), month: "2026-12" } },
      flags: ["picture-lost:scene", "tolerant-parse"],
    });
    const other = report({ pictures: { face: facts("other face"), scene: facts("other scene") } });
    expect(fill(held, other)).toEqual({
      ...held,
      pictures: { ...held.pictures, scene: facts("other scene") },
      flags: ["picture-lost:face", "tolerant-parse"],
    });
    expect(fill(held, { ...other, flags })).toBeNull();
  });

  it("records the month of its picture if that is another one", () => {
    const later = Date.UTC(2026, 11, 2);
    const filled = fill(report(), report({ receivedAt: later, pictures: pictures("scene") }));
    expect(filled?.pictures?.scene).toEqual({ ...facts("scene"), month: "2026-12" });
    expect(filled?.receivedAt).toBe(report().receivedAt);
    expect(fill(report({ receivedAt: later }), filled ?? report())?.pictures?.scene).toEqual(facts("scene"));
  });

  it("adds values at any depth, and a score with its scale", () => {
    const held = report({ person: { id: "1" }, attributes: { age: "youth" }, extra: { a: { b: 1 }, n: null } });
    const filled = fill(
      held,
      report({
        person: { id: "1", name: "new" },
        score: [6, 100],
        attributes: { age: "aged", gender: "male", faceBox: [1] },
        extra: { a: { b: 2, c: 3 }, n: 4 },
      }),
    );
    expect(filled).toEqual({
      ...held,
      device: report().device,
      person: { id: "1", name: "new" },
      score: [6, 100],
      attributes: { age: "youth", gender: "male", faceBox: [1] },
      extra: { a: { b: 1, c: 3 }, n: 4 },
    });
  });

  it("adds the flag about a text that was cut", () => {
    const repeat = report({ person: { id: "1", name: "x" }, flags: ["text-cut:person.name"] });
    expect(fill(report({ person: { id: "1" } }), repeat)?.flags).toEqual(["text-cut:person.name"]);
    expect(fill(report(), report({ extra: { a: { b: 1 } }, flags: ["text-cut:extra"] }))?.flags).toEqual([
      "text-cut:extra",
    ]);
    const whole = report({ quality: { box: { a: 1 } }, flags: ["object-cut:quality.box"] });
    expect(fill(report(), whole)?.flags).toEqual(["object-cut:quality.box"]);
  });

  it("adds its picture without its values if both together would be too large", () => {
    const large = (name: string) => ({ [name]: Array.from({ length: 6 }, () => name.repeat(8000)) });
    const held = report({ extra: large("a") });
    expect(fill(held, report({ extra: large("b") }))).toBeNull();
    const filled = fill(held, report({ extra: large("b"), pictures: pictures("scene") }));
    expect(filled).toEqual({ ...held, pictures: pictures("scene") });
  });

  it("keeps odd names as they are", () => {
    const extra = JSON.parse('{"__proto__":{"a":1},"constructor":"x"}');
    expect(JSON.stringify(fill(report(), report({ extra }))?.extra)).toBe(JSON.stringify(extra));
  });
});

/** The members with a value; null is the same as absent. */
const withoutNulls = (members: object): object =>
  JSON.parse(JSON.stringify(members), (_, value) =>
    value === null || typeof value !== "object" || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)),
  );

const sameKind = (reports: readonly Report[]) =>
  reports.map((one): Report => ({ ...one, kind: "history", dialect: "history-nested" }));
const filledBy = (held: Report, repeats: readonly Report[]) =>
  repeats.reduce((filled, repeat) => fill(filled, repeat) ?? filled, held);

/** The members that a repeat may bring by itself, also nested ones. */
const members = [
  ...["score", "serial", "enteredAt", "leftAt", "pictures", "extra"],
  ...["device.id", "device.ip", "person.id", "person.name", "person.type", "person.info"],
  ...["quality.registrable", "quality.box", "attributes.age", "attributes.gender", "attributes.faceBox"],
].map((path) => path.split("."));

/** A report with only the values at these paths of another one. */
function partOf(whole: Report, paths: readonly Path[], begun: Report): Report {
  for (const path of paths) {
    const value = getPath(whole, path);
    if (value !== null) setPath(begun, path, value);
  }
  return begun;
}

describe("filling", () => {
  it("changes nothing that is stored, and nothing that it is given", () => {
    fc.assert(
      fc.property(anyReport, anyReport, (one, other) => {
        const [held, repeat] = sameKind([one, other]) as [Report, Report];
        const [heldText, repeatText] = [JSON.stringify(held), JSON.stringify(repeat)];
        const filled = fill(held, repeat);
        expect([JSON.stringify(held), JSON.stringify(repeat)]).toEqual([heldText, repeatText]);
        if (filled === null) return;
        const { flags: _, ...kept } = held;
        expect(JSON.parse(JSON.stringify(filled))).toMatchObject(withoutNulls(kept));
      }),
    );
  });

  it("adds nothing a second time", () => {
    fc.assert(
      fc.property(anyReport, fc.array(anyReport, { maxLength: 4 }), (one, others) => {
        const [held, ...repeats] = sameKind([one, ...others]) as [Report, ...Report[]];
        const filled = filledBy(held, repeats);
        expect(repeats.map((repeat) => fill(filled, repeat))).toEqual(repeats.map(() => null));
      }),
    );
  });

  it("gives the same flags in every order of repeats", () => {
    const kinds: readonly PictureKind[] = ["scene", "registered"];
    const others = ["charset", "tolerant-parse", "field-unreadable:score", "second-picture:scene"];
    const repeat = fc.record({
      pictures: fc.subarray([...kinds]),
      unreadable: fc.subarray([...kinds]),
      flags: fc.subarray(others),
      registrable: fc.constantFrom(true, false, undefined),
    });
    fc.assert(
      fc.property(fc.array(repeat, { minLength: 1, maxLength: 5 }), fc.constantFrom(0, 2), (drawn, joined) => {
        const reports = drawn.map(({ pictures: shown, unreadable, flags, registrable }) =>
          report({
            pictures: pictures(...shown),
            flags: [
              ...flags,
              ...unreadable.filter((kind) => !shown.includes(kind)).map((kind) => `picture-unreadable:${kind}`),
            ],
            ...(registrable === undefined ? {} : { quality: { registrable } }),
          }),
        );
        const seenIn = (repeats: readonly Report[]) => {
          const [first = report(), ...rest] = repeats.slice(joined);
          const live = repeats.slice(0, joined).map((one): Report => ({ ...one, kind: "live" }));
          const [begun, ...further] = live;
          const held = [filledBy(first, rest), ...(begun === undefined ? [] : [filledBy(begun, further)])];
          const { flags } = merge({ id: "evt_1", box: "b", isSecondFace: false, actions: [], reports: held });
          return { flags, withheld: withholdingReason("1001", [...held, report({ person: { type: "stranger" } })]) };
        };
        const [some, rest] = [reports.slice(0, joined), reports.slice(joined)];
        expect(seenIn([...some.toReversed(), ...rest.toReversed()])).toEqual(seenIn(reports));
      }),
    );
  });

  it("gives the same event in every order of repeats that do not contradict each other", () => {
    const parts = fc.tuple(anyReport, fc.array(fc.subarray(members), { minLength: 1, maxLength: 5 }));
    fc.assert(
      fc.property(parts, ([one, chosen]) => {
        const [whole] = sameKind([{ ...one, flags: [] }]) as [Report];
        const { kind, dialect, receivedAt } = whole;
        const reports = chosen.map((paths) => partOf(whole, paths, { kind, dialect, receivedAt }));
        const eventOf = ([first, ...rest]: readonly Report[]) =>
          merge({
            id: "evt_1",
            box: "b",
            isSecondFace: false,
            actions: [],
            reports: first === undefined ? [] : [filledBy(first, rest)],
          });
        expect(eventOf(reports.toReversed())).toEqual(eventOf(reports));
      }),
    );
  });
});
