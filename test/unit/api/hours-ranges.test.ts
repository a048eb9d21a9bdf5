import { expect, it } from "vitest";
import { expectOneValue } from "../../support/hours-agree.ts";
import { doJobs } from "../../support/memory/jobs.ts";
import { type RandomPassing, wayOf, waysReport } from "../../support/random-shifts.ts";
import { runs, seedOfRun } from "../../support/seeded.ts";
import { passing, runtime } from "./support.ts";

it("a day has one value in days, weeks, months, exports and closed months", async () => {
  const seed = seedOfRun("hours in all answers");
  for (let run = 0; run < runs(15).numRuns; run++) {
    const deps = await runtime();
    await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
    const ask = async (route: string, body?: unknown) => {
      const [method = "", path = ""] = route.split(" ");
      const answer = await deps.ask(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await answer.text();
      expect([route, answer.status < 300 ? "" : text]).toEqual([route, ""]);
      return text === "" ? null : (JSON.parse(text) as unknown);
    };
    await deps.deliver(waysReport);
    await ask("PUT /v1/sites/hq", { zone: ["UTC", "Asia/Shanghai", "Europe/Berlin"][run % 3] });
    const server = {
      ask,
      async pass({ person, at, group, direction }: RandomPassing) {
        const facts = { identity_id: person, group_name: group ?? "", timestamp: at };
        const body = passing({ ...facts, extData: wayOf(direction) });
        await deps.deliver(body, { receivedAt: at + 500 });
      },
      async exported(filter: object) {
        const asked = { kind: "export", what: "hours", format: "csv", filter };
        const { id } = (await ask("POST /v1/jobs", asked)) as { id: string };
        await doJobs(deps.deps, { events: 10, records: 10, bytes: 1_000_000 });
        const { result } = (await ask(`GET /v1/jobs/${id}`)) as { result: { url: string } };
        return (await deps.ask(result.url, { headers: { authorization: "" } })).text();
      },
    };
    await expectOneValue(server, { site: "hq", box: "gate-1", month: "2026-10" }, seed + run);
  }
});
