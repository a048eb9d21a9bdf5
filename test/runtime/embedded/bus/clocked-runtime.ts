import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openRuntime, type RuntimeOptions } from "@gatepost/embedded";
import { actionRequested, type BusEntry, eventIdOf, type Report } from "@gatepost/protocol";
import { writeEvent } from "../../../../packages/receive/src/deliver/writes.ts";
import { action, noon, report, upsert } from "../../../contract/samples.ts";
import { Subscriber } from "../../../support/subscriber.ts";
import { temporaryDataFolder } from "../temporary.ts";

export const minute = 60_000;
export const hour = 60 * minute;

export type ClockedRuntime = Awaited<ReturnType<typeof clockedRuntime>>;

/** A machine whose clock a test moves, and the subscribers of its rules. */
export async function clockedRuntime(bus: RuntimeOptions["bus"] = {}) {
  let now = noon;
  const folder = await temporaryDataFolder();
  const logged: { level: string; message: string; facts: unknown }[] = [];
  const collect = (level: string) => (message: string, facts?: unknown) => void logged.push({ level, message, facts });
  const options: RuntimeOptions = {
    data: folder.path,
    log: { info: collect("info"), warn: collect("warn"), error: collect("error") },
    clock: () => now,
    bus: { allowPrivateTargets: true, random: () => Math.SQRT1_2, ...bus },
  };
  const subscribers: Subscriber[] = [];
  const rulesFile = join(folder.path, "rules.json");
  const deps = {
    runtime: await openRuntime(options),
    logged,
    rulesFile,
    setRules: (rules: unknown) => writeFile(rulesFile, JSON.stringify(rules)),
    /** A webhook that accepts everything, until told otherwise. */
    async subscriber() {
      const subscriber = await Subscriber.listen();
      subscribers.push(subscriber);
      return subscriber;
    },
    setClock(time: number) {
      now = time;
    },
    /** Delivers all that is due. */
    async settle() {
      await deps.runtime.bus.tick();
      await deps.runtime.bus.idle();
    },
    /** Lets time pass, and does the work that becomes due meanwhile. */
    async advance(ms: number, step = minute) {
      const end = now + ms;
      while (now < end) {
        now = Math.min(end, now + step);
        await deps.settle();
      }
    },
    /** Stores an event that asks for an action; its announcement is pending. */
    async stored(
      name: string,
      wantAction: "1001" | "1002" = "1001",
      told: Partial<Report> = {},
      box = "gate-1",
    ): Promise<BusEntry> {
      const enqueued = action(name, wantAction, { at: new Date(now).toISOString() });
      const { event } = await writeEvent(
        upsert(name, { box, action: enqueued, report: report(told) }),
        deps.runtime.ingest,
      );
      if (event === null) throw new Error(`${name} is stored already`);
      const { pictures } = deps.runtime.ingest;
      return actionRequested(event, enqueued, {
        addressOf: (...picture) => pictures.address(...picture),
        now: deps.runtime.ingest.clock(),
      });
    },
    /** Stores one and puts it on the bus. */
    async announce(
      name: string,
      wantAction: "1001" | "1002" = "1001",
      told: Partial<Report> = {},
      box = "gate-1",
    ): Promise<BusEntry> {
      const entry = await deps.stored(name, wantAction, told, box);
      await deps.runtime.ingest.bus.put(entry);
      return entry;
    },
    async deadLetters(rule: string | null = null) {
      return (await deps.runtime.reads.deadLetters.list(rule, { limit: 500, cursor: null })).items;
    },
    async restart() {
      await deps.runtime.bus.close();
      await deps.runtime.close();
      deps.runtime = await openRuntime(options);
    },
    async close() {
      await deps.runtime.bus.close();
      for (const subscriber of subscribers) await subscriber.close();
      await deps.runtime.close();
      await folder.remove();
    },
  };
  return deps;
}

/** The id of the event of an entry. */
export function eventOf(entry: BusEntry): string {
  return eventIdOf(entry) ?? "";
}

/** A rule that sends everything there. */
export function rule(name: string, url: string, others: Record<string, unknown> = {}) {
  return { name, pattern: { source: ["gatepost"] }, target: { url }, ...others };
}
