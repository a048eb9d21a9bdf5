import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { Driver } from "../driver.ts";
import { Passings } from "../passing.ts";
import type { Scene } from "../recording.ts";
import { bound } from "./bound.ts";
import { serving } from "./serving.ts";

const firstKeys = z.object({ ingest: z.object({ token: z.string() }), admin: z.object({ token: z.string() }) });

/** The first start on a machine, in a folder of a folder that is not there yet, and the first reports. */
export const firstStart: Scene = {
  name: "first-start",
  share: 12,
  async prepare({ root, seed }) {
    const random = seededFor(seed, "first-start");
    const passings = new Passings("first", random);
    const within = join("new", "data");
    const data = join(root, within);
    const driver = new Driver();
    return {
      ...serving({ root, within, check: { isFirstStart: true } }),
      operations: () => driver.operations,
      async drive(url) {
        const send = bound(driver, url);
        const { ingest, admin } = firstKeys.parse(JSON.parse(await readFile(join(data, "first-keys.json"), "utf8")));
        for (let count = 0; count < 4; count++) {
          const one = passings.next(count === 2 ? { wantAction: "1001", isStranger: true } : {});
          await send({
            path: `/${ingest.token}/HistoryEvent`,
            body: one.history,
            // A key under which a request was answered is valid after a cut, too.
            claims: [one.claims.history, { kind: "key", token: ingest.token }],
            isRepeated: count > 0,
          });
        }
        await send({
          method: "GET",
          path: "/v1/events",
          token: admin.token,
          claims: [{ kind: "key", token: admin.token }],
        });
      },
    };
  },
};
