import { Profiles, type StoredPassing } from "@gatepost/core/people";
import { MemoryItems } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import { noon } from "../../contract/samples.ts";

const passing = (event: string, at: number, name: string | null): StoredPassing => ({
  event,
  box: "gate-1",
  time: at,
  at,
  isClockWrong: false,
  own: null,
  device: { id: null, ip: null, endpoint: null },
  score: null,
  pictures: [],
  person: { key: "7", id: "7", name, type: "vip", group: null },
});

describe("the profile of a person", () => {
  it.each([
    ["was forgotten", [], [passing("a", noon, "Ada"), passing("b", noon + 1, null)]],
    [
      "got another name on one day",
      [passing("a", noon, "Ada"), passing("b", noon + 2, "Ada")],
      [passing("b", noon + 2, "Ada"), passing("c", noon + 1, "Eve")],
    ],
  ])("that %s has its latest name if the first look for it fails", async (_, before, stored) => {
    let isFailing = true;
    const profiles = new Profiles({
      items: new MemoryItems({ clock: () => noon }),
      async *read() {
        if (isFailing) throw new Error("throttled");
        yield stored;
      },
    });
    for (const one of before) await profiles.note(one);
    const last = stored[1] ?? passing("none", noon, null);
    await expect(profiles.note(last, true)).rejects.toThrow("throttled");
    isFailing = false;
    await profiles.note(last, true);
    expect(await profiles.of(["gate-1"])).toMatchObject([{ name: "Ada" }]);
  });
});
