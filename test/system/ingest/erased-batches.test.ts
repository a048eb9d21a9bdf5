import { replay } from "@gatepost/ingest";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, noon } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const post = (body: unknown) => send(deps, { path: `/${token}/HistoryEvent`, body });
const ids = () => deps.events().map(({ person }) => person.id);
const erase = (person: string) => deps.reads.eraser.erasePerson(person, "gate-1");

describe("a batch that would be kept as a whole, with reports of somebody who was erased,", () => {
  it("that is mostly erased is read to its end", async () => {
    await erase("7");
    const many = Array.from({ length: 10_001 }, (_, n) => history({ identity_id: "7", timestamp: noon - n }));
    await post([...many, history({ identity_id: "8" })]);
    await replay(deps.lastRecord, deps);
    expect(ids()).toEqual(["8"]);
  });
});
