import type { Mutant } from "./mutant.ts";
import { byPower } from "./storage.ts";

const bridge = "packages/bridge/src";

/** Mutants of the bridge's spool. */
export const bridgeMutants: readonly Mutant[] = [
  {
    name: "spool-synced-now-and-then",
    file: `${bridge}/spool/schema.ts`,
    text: "PRAGMA synchronous = FULL",
    becomes: "PRAGMA synchronous = NORMAL",
    why: "the relay acknowledges reports that a power cut loses",
    caughtBy: byPower("bridge-spool"),
  },
  {
    name: "spool-folder-not-durable",
    file: `${bridge}/folder.ts`,
    text: "    makeDurably(resolve(path));\n",
    becomes: '    process.getBuiltinModule("node:fs").mkdirSync(resolve(path), { recursive: true, mode: 0o700 });\n',
    why: "a new spool is lost with all that is in it",
    caughtBy: byPower("bridge-spool"),
  },
  {
    name: "relay-answers-first",
    file: `${bridge}/relay/relay.ts`,
    text: "      await deps.take({",
    becomes: "      void deps.take({",
    why: "the relay acknowledges before the spool has it",
    caughtBy: byPower("bridge-spool", 400),
  },
  {
    name: "bridge-acknowledges-too-early",
    file: `${bridge}/box-pipeline.ts`,
    text: "    await this.#spool.append(report, seen);",
    becomes: "    void this.#spool.append(report, seen);",
    why: "the bridge acknowledges reports that are not in its spool",
    caughtBy: byPower("bridge-spool", 400),
  },
  {
    name: "settled-before-it-is-delivered",
    file: `${bridge}/cloud/sender.ts`,
    text: "    const verdict = await delivery.run();\n",
    becomes: "    await spool.settle(report, []);\n    const verdict = await delivery.run();\n",
    why: "reports that the cloud has not taken yet are removed from the spool",
    caughtBy: byPower("bridge-spool", 400),
  },
  {
    name: "delivered-whatever-the-cloud-says",
    file: `${bridge}/cloud/sender.ts`,
    text: '    if (verdict.kind === "later") return verdict;\n    await spool.settle',
    becomes: "    await spool.settle",
    why: "a report is removed while the cloud is away",
    caughtBy: byPower("bridge-spool"),
  },
  {
    name: "refused-and-forgotten",
    file: `${bridge}/spool/spool.ts`,
    text: "      for (const refusal of refusals) this.#refuse(report, refusal);\n",
    becomes: "",
    why: "refused reports are no dead letters",
    caughtBy: byPower("bridge-spool", 400),
  },
  {
    name: "refused-and-sent-for-ever",
    file: `${bridge}/spool/spool.ts`,
    text: "      const removed = this.#remove.get(report.id);\n",
    becomes: "      const removed = refusals.length > 0 ? undefined : this.#remove.get(report.id);\n",
    why: "a report waits and is a dead letter at the same time",
    caughtBy: byPower("bridge-spool", 400),
  },
  {
    name: "spool-makes-room-of-what-is-young",
    file: `${bridge}/spool/spool.ts`,
    text: 'oldest.at < tooOld ? "dropped-age"',
    becomes: 'oldest.at > tooOld ? "dropped-age"',
    why: "the spool drops a report that it has just taken",
    caughtBy: byPower("bridge-spool"),
  },
];
