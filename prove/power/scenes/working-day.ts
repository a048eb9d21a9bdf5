import { hash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { pick, seededFor } from "../../../packages/simulator/src/random.ts";
import { Driver } from "../driver.ts";
import { readTables } from "../observe.ts";
import { Passings } from "../passing.ts";
import type { Scene } from "../recording.ts";
import { bound } from "./bound.ts";
import { Hearer } from "./hearer.ts";
import { seedData, tokenOf } from "./seeded-data.ts";
import { serving } from "./serving.ts";

const created = z.object({ id: z.string(), token: z.string() });
const listed = z.object({ keys: z.array(z.object({ id: z.string(), box: z.string().nullable() })) });
const actions = z.object({ actions: z.array(z.object({ id: z.string() })) });

const boxStatus = { dev_sno: "S", gateway_sn: "1", gateway_status: "online", gateway_ext_data: {}, sub_devices: [] };

/** Everything that a server does in a day, in a second. */
export const workingDay: Scene = {
  name: "working-day",
  share: 44,
  async prepare({ root, seed }) {
    const random = seededFor(seed, "working-day");
    const data = join(root, "data");
    const passings = new Passings("day", random);
    const [box, narrow, admin] = [tokenOf("gpi", random), tokenOf("gpi", random), tokenOf("gpa", random)];
    const shared = passings.picture("scene of the hall");
    const [known, leaving, alsoLeaving] = [passings.next(), passings.next({ shared, isLong: true }), passings.next()];
    const hearer = await Hearer.listen(seededFor(seed, "hearer"));
    await seedData(data, Date.now, async ({ key, post }) => {
      await key("ingest", "gate-1", box);
      await key("ingest", "gate-2", narrow);
      await key("admin", null, admin);
      for (const one of [known, leaving, alsoLeaving, leaving]) await post(`/${box}/HistoryEvent`, one.history);
      await post(`/${narrow}/Status`, JSON.stringify({ ...boxStatus, gateway_ext_data: { last: leaving.person } }));
    });
    const untold = new Set(readTables(data).events);
    await writeFile(join(data, "rules.json"), hearer.rules, { mode: 0o600 });
    const driver = new Driver();
    driver.holds([
      ...[box, admin, narrow].map((token) => ({ kind: "key", token }) as const),
      ...[known, leaving, alsoLeaving].map(({ claims }) => claims.history),
    ]);
    return {
      ...serving({
        root,
        more: ["--allow-private-targets", "--announce-events"],
        check: { hasRules: true, company: { hearer, box }, untold },
      }),
      arrivals: hearer.arrivals,
      hasRules: true,
      operations: () => driver.operations,
      [Symbol.asyncDispose]: () => hearer.close(),
      async drive(url) {
        const send = bound(driver, url);
        const report = (path: string, kind: "history" | "realtime", one = passings.next()) =>
          send({ path: `/${box}/${path}`, body: one[kind], claims: [one.claims[kind]], isRepeated: true });
        const [early, asking] = [passings.next(), passings.next({ wantAction: "1001", isStranger: true })];
        await report("RealTimeEvent", "realtime", early);
        await report("HistoryEvent", "history", early);
        await report("HistoryEvent", "history", passings.next({ shared }));
        await report("HistoryEvent", "history", asking);
        await report("HistoryEvent", "history", known);
        // Another report with a picture that is there: it must not be in the pack twice when its person is erased.
        await report("RealTimeEvent", "realtime", alsoLeaving);
        await Promise.all(
          Array.from({ length: 5 }, (_, index) =>
            report(
              "HistoryEvent",
              "history",
              passings.next(index % 2 === 0 ? {} : { wantAction: "1001", isStranger: true }),
            ),
          ),
        );
        const batch = [passings.next(), passings.next({ shared }), passings.next({ wantAction: "1002" })];
        await send({
          path: `/${box}/HistoryEvent`,
          body: `[${batch.map(({ history }) => history).join()}]`,
          claims: batch.map(({ claims }) => claims.history),
          isRepeated: true,
        });
        const nonsense = `{ nobody understands ${random()}`;
        await send({
          path: `/${box}/HistoryEvent`,
          body: nonsense,
          isRepeated: true,
          claims: [{ kind: "quarantined", sha256: hash("sha256", nonsense) }],
        });
        const serial = `SNO${Math.floor(random() * 1e9)}`;
        await send({
          path: `/${box}/Status`,
          body: JSON.stringify({ ...boxStatus, dev_sno: serial }),
          claims: [{ kind: "status", box: "gate-1", serial }],
        });
        const made = await send({ path: "/v1/keys", body: '{"scope":"ingest","box":"gate-3"}', token: admin });
        const { token, id } = created.parse(JSON.parse(made.body));
        made.operation.claims.push({ kind: "key", token });
        const late = passings.next({ shared });
        await send({ path: `/${token}/`, body: late.history, claims: [late.claims.history] });
        const keys = listed.parse(
          JSON.parse((await send({ method: "GET", path: "/v1/keys", token: admin })).body),
        ).keys;
        const old = keys.find((key) => key.box === "gate-2")?.id ?? "";
        await send({
          method: "DELETE",
          path: `/v1/keys/${old}`,
          token: admin,
          claims: [{ kind: "revoked", token: narrow }],
        });
        const page = actions.parse(JSON.parse((await send({ method: "GET", path: "/v1/actions", token: admin })).body));
        for (const action of page.actions.slice(0, 1)) {
          await send({
            path: `/v1/actions/${action.id}`,
            body: '{"state":"done"}',
            token: admin,
            claims: [{ kind: "settled", person: action.id, state: "done" }],
          });
        }
        // From here on the subscriber fails now and then, so that entries wait or are set aside when the server ends.
        hearer.mood = { behaviour: pick(["fails", "refuses", "cuts", "lost"], random), strength: 0.4 };
        await Promise.all([
          send({
            method: "DELETE",
            path: `/v1/people?id=${leaving.person}&all=1`,
            token: admin,
            claims: [{ kind: "erased", person: leaving.person, traces: leaving.traces }],
          }),
          report("HistoryEvent", "history"),
          report("HistoryEvent", "history", passings.next({ shared })),
        ]);
        await send({
          method: "DELETE",
          path: `/v1/people?id=${alsoLeaving.person}&box=gate-1`,
          token: admin,
          claims: [{ kind: "erased", person: alsoLeaving.person, traces: alsoLeaving.traces }],
        });
        await send({ method: "DELETE", path: `/v1/keys/${id}`, token: admin, claims: [{ kind: "revoked", token }] });
        await report("HistoryEvent", "history");
        // Until the webhook has received nearly everything.
        await sleep(300);
        hearer.mood = { behaviour: "takes", strength: 0 };
      },
    };
  },
};
