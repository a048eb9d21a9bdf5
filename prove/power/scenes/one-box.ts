import { join } from "node:path";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { Driver } from "../driver.ts";
import { Passings } from "../passing.ts";
import type { Play, Scene } from "../recording.ts";
import { bound } from "./bound.ts";
import { seedData, tokenOf } from "./seeded-data.ts";
import { serving } from "./serving.ts";

interface OneBox extends Pick<Scene, "name" | "share"> {
  turns: number;
  /** Passings that the box sends at once. */
  passingsInTurn: number;
  /** A body that cannot be understood, and that the box sends between the others. */
  nonsense?(turn: number, random: () => number): { body: string; sha256: string };
  /** Calls that fail, in the syntax of `strace`. */
  fault?: Play["fault"];
}

/** A server to which one box delivers, turn by turn. */
export function oneBox({ name, share, turns, passingsInTurn, nonsense, fault }: OneBox): Scene {
  return {
    name,
    share,
    async prepare({ root, seed }) {
      const random = seededFor(seed, name);
      const passings = new Passings(name, random);
      const box = tokenOf("gpi", random);
      await seedData(join(root, "data"), Date.now, ({ key }) => key("ingest", "gate-1", box));
      const driver = new Driver();
      driver.holds([{ kind: "key", token: box }]);
      return {
        ...serving({ root }),
        ...(fault === undefined ? {} : { fault }),
        operations: () => driver.operations,
        async drive(url) {
          const send = bound(driver, url);
          const path = `/${box}/HistoryEvent`;
          for (let turn = 0; turn < turns; turn++) {
            const sent = Array.from({ length: passingsInTurn }, () => {
              const { history, claims } = passings.next();
              return send({ path, body: history, claims: [claims.history], isRepeated: true });
            });
            const strange = nonsense?.(turn, random);
            if (strange !== undefined) {
              const { body, sha256 } = strange;
              sent.push(send({ path, body, claims: [{ kind: "quarantined", sha256 }] }));
            }
            await Promise.all(sent);
          }
        },
      };
    },
  };
}
