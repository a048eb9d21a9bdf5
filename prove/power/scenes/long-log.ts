import { hash } from "node:crypto";
import { join } from "node:path";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { checkData } from "../check-data.ts";
import { Driver } from "../driver.ts";
import { Passings } from "../passing.ts";
import type { Scene } from "../recording.ts";
import { bound } from "./bound.ts";
import { seedData, tokenOf } from "./seeded-data.ts";

/** The log is copied into the database from four megabytes on, and begins anew: all turns write twice as many. */
const passingsInTurn = 6;
const turns = 16;
const bodyBytes = 400_000;

/** So much is kept that the database moves its log into its file, again and again, while boxes deliver. */
export const longLog: Scene = {
  name: "long-log",
  share: 6,
  async prepare({ root, seed }) {
    const random = seededFor(seed, "long-log");
    const data = join(root, "data");
    const passings = new Passings("log", random);
    const box = tokenOf("gpi", random);
    await seedData(data, Date.now, ({ key }) => key("ingest", "gate-1", box));
    let driver = new Driver("");
    return {
      args: ["serve", "--port", "0", "--host", "127.0.0.1", "--data", data],
      ready: /^listening on (\S+)$/,
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
          const nonsense = `{ number ${turn} ${String(random()).repeat(bodyBytes / 18)}`;
          await Promise.all([
            send({
              path: `/${box}/HistoryEvent`,
              body: nonsense,
              claims: [{ kind: "quarantined", sha256: hash("sha256", nonsense) }],
            }),
            ...Array.from({ length: passingsInTurn }, () => {
              const one = passings.next();
              const claims = [one.claims.history];
              return send({ path: `/${box}/HistoryEvent`, body: one.history, claims, isRepeated: true });
            }),
          ]);
        }
      },
    };
  },
};
