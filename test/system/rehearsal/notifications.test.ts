import { afterAll, beforeAll, expect } from "vitest";
import { PushService } from "../../standins/push-service.ts";
import { pemOf } from "../../support/certificates.ts";
import { notifications } from "../blackbox/notifications.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { copyOfUploads, rehearseHere, whereRehearsable } from "./started.ts";

const host = "push.example.com";

whereRehearsable(() => {
  let rehearsal: Rehearsal;
  beforeAll(async () => {
    // Not within the time that a hook of the tests below has: a first synth installs SST's platform.
    await (await copyOfUploads()).remove();
  }, synthTimeoutMs);
  afterAll(() => expect([rehearsal.refused, rehearsal.bus.lost]).toEqual([[], []]));

  const start = async () => {
    const service = await PushService.open(host);
    const { folder, remove } = await copyOfUploads();
    rehearsal = await rehearseHere(folder, { hosts: { [host]: { port: service.port, ca: pemOf("first.crt") } } });
    const stop = async () => {
      await rehearsal.stop();
      await remove();
      await service.close();
    };
    return { ...rehearsal, service, stop };
  };

  notifications("the synthesised deployment", start, { isHttps: true });
});
