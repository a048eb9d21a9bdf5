import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { monthOf } from "@gatepost/protocol";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { Driver } from "../driver.ts";
import { Passings } from "../passing.ts";
import type { Scene } from "../recording.ts";
import { bound } from "./bound.ts";
import { seedData, tokenOf } from "./seeded-data.ts";
import { serving } from "./serving.ts";

const day = 86_400_000;
/** Older than the retention of a server. */
const longAgo = 120 * day;
/** Kept until half a day ago. */
const justNow = 90.5 * day;
/** In another month than now, and kept. */
const lately = 40 * day;

const maxWaitMs = 60_000;

/** A server that was off for months: expired data is removed when it starts, while boxes deliver. */
export const retention: Scene = {
  name: "retention",
  share: 14,
  async prepare({ root, seed }) {
    const random = seededFor(seed, "retention");
    const data = join(root, "data");
    const passings = new Passings("retention", random);
    const [box, admin] = [tokenOf("gpi", random), tokenOf("gpa", random)];
    const old = { at: Date.now() - longAgo };
    const recent = { at: Date.now() - lately };
    const expired = Array.from({ length: 4 }, () => passings.next(old));
    const expiredNow = Array.from({ length: 2 }, () => passings.next({ at: Date.now() - justNow }));
    const kept = Array.from({ length: 3 }, () => passings.next(recent));
    const nonsense = ["long ago", "lately"].map((when) => `{ ${when} nobody understood ${random()}`);
    await seedData(
      data,
      () => Date.now() - longAgo,
      async ({ key, post }) => {
        await key("ingest", "gate-1", box);
        await key("admin", null, admin);
        for (const one of expired) await post(`/${box}/HistoryEvent`, one.history);
        await post(`/${box}/HistoryEvent`, nonsense[0] ?? "");
      },
    );
    await seedData(
      data,
      () => Date.now() - justNow,
      async ({ post }) => {
        for (const one of expiredNow) await post(`/${box}/HistoryEvent`, one.history);
      },
    );
    await seedData(
      data,
      () => Date.now() - lately,
      async ({ post }) => {
        for (const one of kept) await post(`/${box}/HistoryEvent`, one.history);
        await post(`/${box}/HistoryEvent`, nonsense[1] ?? "");
      },
    );
    const driver = new Driver();
    driver.holds([
      { kind: "key", token: box },
      ...kept.map(({ claims }) => claims.history),
      ...[...expired, ...expiredNow].map(({ person, traces }) => ({ kind: "expired", person, traces }) as const),
      { kind: "expired", person: null, traces: ["long ago nobody understood"] },
      { kind: "quarantined", sha256: hash("sha256", nonsense[1] ?? "") },
    ]);
    return {
      ...serving({ root }),
      operations: () => driver.operations,
      async drive(url) {
        const send = bound(driver, url);
        for (let count = 0; count < 3; count++) {
          const one = passings.next();
          await send({
            path: `/${box}/HistoryEvent`,
            body: one.history,
            claims: [one.claims.history],
            isRepeated: true,
          });
        }
        await removal(join(data, "pictures", `${monthOf(old.at)}.pack`));
      },
    };
  },
};

/** Waits until a pack is gone, and for the writes after that: without it nothing of its removal would be recorded. */
async function removal(pack: string): Promise<void> {
  const until = Date.now() + maxWaitMs;
  while (existsSync(pack) && Date.now() < until) await sleep(20);
  if (existsSync(pack)) throw new Error(`${pack} was not removed`);
  await sleep(200);
}
