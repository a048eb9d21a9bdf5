import { afterAll, beforeAll, expect, it } from "vitest";
import { Box, Client } from "../../support/client.ts";
import { history } from "../../support/reports.ts";
import { isLong } from "../../support/seeded.ts";
import { documentsClient } from "../blackbox/documents-client.ts";
import { type Live, live } from "../blackbox/live.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { copyOfUploads, rehearseHere, whereRehearsable } from "./started.ts";

whereRehearsable(() => {
  let deps: Rehearsal;
  let remove = async () => {};
  beforeAll(async () => {
    const copy = await copyOfUploads();
    remove = copy.remove;
    deps = await rehearseHere(copy.folder);
  }, synthTimeoutMs);
  afterAll(async () => {
    await deps.stop();
    await remove();
  });
  const start = async (): Promise<Live> => ({
    url: deps.url,
    admin: deps.admin,
    address: (token) => deps.live.address(token),
    repeats: true,
    stop: async () => {},
  });

  // On the stand-ins all of it runs each time (test/contract/aws), and live.test.ts checks how it is deployed.
  if (isLong) live("the synthesised deployment", start);
  documentsClient("the synthesised deployment", start);

  it("no role was in the way, and no key is in the log", async () => {
    // If the documents' client cannot run, nothing was logged yet.
    const { token } = await new Client(deps).createKey("gate-9");
    await new Box(deps.url, token).post("/HistoryEvent", history());
    expect(deps.refused).toEqual([]);
    expect(deps.log()).toContain('"level"');
    expect(deps.log()).not.toMatch(/gp[ira]_[\w-]{20}/);
  });
});
