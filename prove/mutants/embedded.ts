import type { Mutant } from "./mutant.ts";
import { byPower } from "./storage.ts";

const embedded = "packages/embedded/src";
const deliver = "packages/receive/src/deliver";
const announce = "packages/core/src/actions/announce.ts";

/** Storing, erasing, removing and announcing on one machine. */
export const embeddedMutants: readonly Mutant[] = [
  {
    name: "erased-place-not-noted",
    file: `${embedded}/erasure/eraser.ts`,
    text: "      this.#sql.noteErasures.run(month, sha256);\n",
    becomes: "",
    why: "the bytes of an erased picture stay",
    caughtBy: byPower("working-day"),
  },
  {
    name: "erasure-noted-as-done-before-it-is",
    file: `${embedded}/erasure/eraser.ts`,
    text: `      await this.#reserve.run(() => this.#overwrite(month, position, bytes));
      await this.#write(() => this.#sql.dropErasure.run(month, position, bytes));`,
    becomes: `      await this.#write(() => this.#sql.dropErasure.run(month, position, bytes));
      await this.#reserve.run(() => this.#overwrite(month, position, bytes));`,
    why: "a cut between the two leaves the bytes of an erased picture",
    caughtBy: byPower("working-day", 800),
  },
  {
    name: "erasure-not-finished-at-the-start",
    file: `${embedded}/runtime/runtime.ts`,
    text: "  await eraser.finishLeft();\n",
    becomes: "",
    why: "data that an ended process had begun to erase stays",
    caughtBy: byPower("working-day", 800),
  },
  {
    name: "quarantine-of-the-erased-stays",
    file: `${embedded}/erasure/eraser.ts`,
    text: "    const quarantine = Number(this.#sql.dropQuarantine.run(id).changes);\n",
    becomes: "    const quarantine = 0;\n",
    why: "a report of an erased person stays in quarantine",
    caughtBy: byPower("working-day"),
  },
  {
    name: "status-of-the-erased-stays",
    file: `${embedded}/erasure/eraser.ts`,
    text: "    await eraseStatuses({ person, box }, { items: this.#items, log: this.#log });\n",
    becomes: "",
    why: "a box's notices about an erased person stay",
    caughtBy: byPower("working-day"),
  },
  {
    name: "shared-picture-erased",
    file: `${embedded}/erasure/eraser-sql.ts`,
    text: "month = ? AND sha256 = ? AND NOT ",
    becomes: "month = ? AND sha256 = ? OR NOT ",
    why: "an erasure takes a picture that other events show, or fails for it",
    caughtBy: byPower("working-day"),
  },
  {
    name: "further-event-of-a-picture-not-noted",
    file: `${embedded}/events/shown-pictures.ts`,
    text: "    if (this.#addFurther.run(made, ...picture).changes === 1) return;\n    throw",
    becomes: "    if (made > 0) return;\n    throw",
    why: "an erasure takes a picture that another event shows",
    caughtBy: byPower("working-day"),
  },
  {
    name: "erased-event-stays",
    file: `${embedded}/erasure/eraser.ts`,
    text: "() => ids.map((id) => this.#drop(id))",
    becomes: "() => ids.slice(1).map((id) => this.#drop(id))",
    why: "an erased person is shown",
    caughtBy: byPower("working-day"),
  },
  {
    name: "pack-removed-before-its-rows",
    file: `${embedded}/erasure/retention.ts`,
    text: "  async #removePack(month: string, dropSome = () => this.#dropSomePictures(month)): Promise<boolean> {\n",
    becomes:
      '  async #removePack(month: string, dropSome = () => this.#dropSomePictures(month)): Promise<boolean> {\n    const { rm } = await import("node:fs/promises");\n    await rm(this.#packs.pathOf(month), { force: true });\n',
    why: "a cut between the two leaves rows whose pictures are lost",
    caughtBy: byPower("retention", 400),
  },
  {
    name: "removal-of-a-pack-not-noted",
    file: `${embedded}/erasure/retention.ts`,
    text: "    this.#noteRemoval.run(month, wholePack);\n",
    becomes: "",
    why: "a cut behind the rows leaves a pack that is never removed",
    caughtBy: byPower("retention", 400),
  },
  {
    name: "removal-of-a-pack-not-synced",
    file: `${embedded}/pictures/store.ts`,
    text: "?.close();\n    syncFolder(this.#folder);\n",
    becomes: "?.close();\n",
    why: "a pack of expired pictures is back after a power cut",
    caughtBy: byPower("retention", 400),
  },
  {
    name: "what-is-kept-expires",
    file: `${embedded}/erasure/retention.ts`,
    text: "AND expires_at <= ?1 LIMIT ?2",
    becomes: "AND expires_at >= ?1 LIMIT ?2",
    why: "the sweep removes data that has not expired",
    caughtBy: byPower("retention"),
  },
  {
    name: "quarantine-expires-at-once",
    file: `${embedded}/erasure/retention.ts`,
    text: "`received_at <= ?1 AND quarantine.id NOT IN",
    becomes: "`received_at >= ?1 AND quarantine.id NOT IN",
    why: "the sweep removes data that has not expired",
    caughtBy: byPower("retention"),
  },
  {
    name: "log-of-expired-rows-stays",
    file: `${embedded}/erasure/retention.ts`,
    text: "    await emptyLog(this.#database, this.#writer);\n",
    becomes: "",
    why: "expired data stays in the log",
    caughtBy: byPower("retention"),
  },
  {
    name: "known-picture-appended-again",
    file: `${embedded}/pictures/store.ts`,
    text: "    if (this.#placeOf(month, picture.sha256)?.lost === null) return;\n",
    becomes: "",
    why: "no erasure finds the second copy of a picture",
    caughtBy: byPower("working-day", 600),
  },
  {
    name: "revoked-key-opens",
    file: "packages/core/src/keys/finder.ts",
    text: "stored.revokedAt === undefined",
    becomes: "stored.revokedAt !== 0",
    why: "a revoked key is still taken",
    caughtBy: byPower("working-day"),
  },
  {
    name: "revocation-answered-before-it-is-durable",
    file: "packages/core/src/keys/admin.ts",
    text: "    const { applied } = await this.#deps.urgent.write(revocation(id, at));",
    becomes: `    const applied = true;
    setTimeout(() => void this.#deps.urgent.write(revocation(id, at)), 5);`,
    why: "a revoked key opens again after a cut",
    caughtBy: byPower("working-day"),
  },
  {
    name: "pictures-of-an-event-not-noted",
    file: `${embedded}/events/index.ts`,
    text: "const pictures = this.#pictures.show(report, made);",
    becomes: "const pictures = null;",
    why: "an erasure does not find the pictures of an event",
    caughtBy: byPower("working-day"),
  },
  {
    name: "action-not-enqueued",
    file: `${embedded}/events/index.ts`,
    text: "const enqueued = this.#enqueue(entry);\n    this.#newEvents",
    becomes: "const enqueued = true;\n    this.#newEvents",
    why: "an action is announced without a row, and lost if that fails",
    caughtBy: byPower("working-day"),
  },
  {
    name: "second-report-not-kept",
    file: `${embedded}/events/index.ts`,
    text: "    if (brought !== null) this.#keepReport({ eventId, fingerprint, report: brought }, made);\n",
    becomes: "",
    why: "the history report that joins a real-time one is lost",
    caughtBy: byPower("working-day"),
  },
  {
    name: "announced-before-it-is-put",
    file: announce,
    text: `  const isTold = await put(event, entryOf, deps, timeoutMs);
  if (isTold || !hasWaited) await deps.actions.markAnnounced(action.id, isTold);`,
    becomes: `  await deps.actions.markAnnounced(action.id, true);
  const isTold = await put(event, entryOf, deps, timeoutMs);`,
    why: "a cut between the two leaves an action that is never announced",
    caughtBy: byPower("working-day", 800),
  },
  {
    name: "recorded-before-it-is-put",
    file: announce,
    text: `  await put(event, (announcing) => eventRecorded(event, announcing), deps, timeoutMs);
  await deps.eventOutbox.markAnnounced(event.id);`,
    becomes: `  await deps.eventOutbox.markAnnounced(event.id);
  await put(event, (announcing) => eventRecorded(event, announcing), deps, timeoutMs);`,
    why: "a cut between the two leaves an event that is never announced",
    caughtBy: byPower("working-day", 800),
  },
  {
    name: "event-not-in-the-outbox",
    file: `${embedded}/events/index.ts`,
    text: "    if (isAwaited) this.#await.run(made, now);\n",
    becomes: "",
    why: "an event is announced without a row, and lost if that fails",
    caughtBy: byPower("working-day"),
  },
  {
    name: "delivered-before-it-is-sent",
    file: `${embedded}/bus/delivery-worker.ts`,
    text: "        const answer = await attempt(next, current, age, this.#deps);\n",
    becomes:
      "        await this.#deps.rows.delivered(next.id, this.#deps.clock());\n        const answer = await attempt(next, current, age, this.#deps);\n",
    why: "a cut while a webhook is called leaves an entry that is never sent",
    caughtBy: byPower("working-day", 800),
  },
  {
    name: "answer-of-a-subscriber-not-kept",
    file: `${embedded}/actions/outbox.ts`,
    text: "      if (found !== null && next !== null) this.#setOrdered(found, next);\n",
    becomes: "",
    why: "the answer of a subscriber is lost",
    caughtBy: byPower("working-day"),
  },
  {
    name: "quarantined-twice",
    file: `${deliver}/quarantine.ts`,
    text: `idOf("qrt", [box, path, await sha256Of(body)])`,
    becomes: `idOf("qrt", [box, path, String(receivedAt), await sha256Of(body)])`,
    why: "a repeated report is kept twice",
    caughtBy: byPower("working-day"),
  },
  {
    name: "event-written-before-its-pictures",
    file: `${deliver}/record.ts`,
    text: "  return { passing, report: await writePictures(passing, place, deps) };\n",
    becomes:
      "  writePictures(passing, place, deps).catch(() => undefined);\n  return { passing, report: passing.report };\n",
    why: "an event names pictures that are not there, or cannot be stored",
    caughtBy: byPower("working-day"),
  },
  {
    name: "parts-of-a-batch-lost",
    file: `${deliver}/receive.ts`,
    text: "    outcomes.push(...(await recordSome(some, batch, deps)));\n",
    becomes: "    outcomes.push(...(await recordSome(some.slice(0, 2), batch, deps)));\n",
    why: "a batch is acknowledged of which a part is not stored",
    caughtBy: byPower("working-day"),
  },
  {
    name: "status-not-kept",
    file: `${deliver}/record.ts`,
    text: "  await writeBoxStatus({ box, kind, receivedAt, report }, deps);\n",
    becomes:
      "  setTimeout(() => writeBoxStatus({ box, kind, receivedAt, report }, deps).catch(() => undefined), 50);\n",
    why: "a status is acknowledged before it is durable",
    caughtBy: byPower("working-day", 400),
  },
];
