import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../../support/erase-person.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const post = (body: unknown) => send(deps, { path: `/${token}/HistoryEvent`, body });
const ids = () => deps.events().map(({ person }) => person.id);
const erase = (person: string) => erasePerson(deps.reads.eraser, person, "gate-1");
const rest = () => String(Buffer.from(deps.lastRecord.body));
const erased = JSON.stringify(history({ identity_id: "7" }, { recognize_face: photo("7") }));
/** It has more values than a body may have. */
const huge = JSON.stringify({ list: Array.from({ length: 1_000_001 }, () => 1) });

async function replayed(pieces: string[]) {
  await post("garbage");
  return replay({ ...deps.lastRecord, body: Buffer.from(`[${pieces.join(",")}]`) }, deps);
}

describe("a batch that would be kept as a whole, with reports of an erased person,", () => {
  it("is read to its end if most of it is erased", async () => {
    await erase("7");
    const many = Array.from({ length: 10_001 }, (_, n) => history({ identity_id: "7", timestamp: noon - n }));
    await post([...many, history({ identity_id: "8" })]);
    await replay(deps.lastRecord, deps);
    expect(ids()).toEqual(["8"]);
  });

  it("keeps an unreadable piece among the rest", async () => {
    await erase("7");
    const bad = Array.from({ length: 120 }, (_, n) => JSON.stringify(`bad ${n}`));
    await replayed([erased, ...bad, huge]);
    expect(rest()).toContain(huge.slice(0, 100));
    expect(rest()).not.toContain(photo("7"));
  });

  it("keeps an oversized report if the most allowed are kept by themselves", async () => {
    await erase("7");
    const good = Array.from({ length: 150 }, (_, n) =>
      JSON.stringify(history({ identity_id: "8", timestamp: noon + n })),
    );
    const numbers = Array.from({ length: 101 }, (_, n) => `${n}`);
    await replayed([erased, ...good, ...numbers, huge]);
    expect(deps.events()).toHaveLength(150);
    expect(rest()).toContain(huge.slice(0, 100));
    expect(rest()).not.toContain(photo("7"));
  });
});
