import { join } from "node:path";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { checkData } from "../check-data.ts";
import { Driver } from "../driver.ts";
import { Passings } from "../passing.ts";
import type { Scene } from "../recording.ts";
import { bound } from "./bound.ts";
import { seedData, tokenOf } from "./seeded-data.ts";

const turns = 20;
const passingsInTurn = 3;

/** A disk of which a sync fails now and then, and what it was to make durable may be gone for good. */
export const failingSync: Scene = {
  name: "failing-sync",
  share: 6,
  async prepare({ root, seed }) {
    const random = seededFor(seed, "failing-sync");
    const data = join(root, "data");
    const passings = new Passings("sync", random);
    const box = tokenOf("gpi", random);
    await seedData(data, Date.now, ({ key }) => key("ingest", "gate-1", box));
    let driver = new Driver("");
    return {
      args: ["serve", "--port", "0", "--host", "127.0.0.1", "--data", data],
      ready: /^listening on (\S+)$/,
      // Not those of the start, which would end it.
      fault: "fdatasync:error=EIO:when=40+5",
      arrivals: [],
      look: { kind: "data", within: "data" },
      operations: () => driver.operations,
      check: (found) => checkData({ ...found, data: join(found.root, "data") }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
      async drive(url) {
        driver = new Driver(url);
        const send = bound(driver);
        driver.holds([{ kind: "key", token: box }]);
        for (let turn = 0; turn < turns; turn++) {
          await Promise.all(
            Array.from({ length: passingsInTurn }, () => {
              const one = passings.next();
              const claims = [one.claims.history];
              return send({ path: `/${box}/HistoryEvent`, body: one.history, claims, isRepeated: true });
            }),
          );
        }
      },
    };
  },
};
