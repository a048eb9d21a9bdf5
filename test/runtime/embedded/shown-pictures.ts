import { cp } from "node:fs/promises";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import type { Picture, ReportKind } from "@gatepost/protocol";
import { day, noon, type picture, report, upsert } from "../../contract/samples.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { temporaryFolder } from "./temporary.ts";

export const month = "2026-11";

interface Shows {
  event: string;
  shown: readonly Picture[];
  kind?: ReportKind;
  now?: number;
  expiresAt?: number;
}

/** Stores pictures, and a report of an event that shows up to three of them. */
export async function show(runtime: Runtime, shows: Shows) {
  await Promise.all(shows.shown.map((one) => putPicture(runtime.ingest.pictures, month, "face", one)));
  return await refer(runtime, shows);
}

/** The same without storing the pictures. */
export function refer(
  runtime: Runtime,
  { event, shown, kind = "history", now = noon, expiresAt = noon + 90 * day }: Shows,
) {
  const kinds = ["face", "scene", "registered"] as const;
  const pictures = Object.fromEntries(shown.map(({ data: _, ...facts }, at) => [kinds[at], facts]));
  return runtime.ingest.index.upsert(upsert(event, { report: report({ kind, pictures }), now, expiresAt }));
}

export const erase = (runtime: Runtime, event: string) => runtime.eraser.eraseEvent(upsert(event).eventId);

const bytesOf = (runtime: Runtime, sha256: string) => runtime.reads.pictures.get(pictureAt(month, "face", sha256));

export const isThere = async (runtime: Runtime, { sha256 }: ReturnType<typeof picture>) =>
  (await bytesOf(runtime, sha256)) !== null;

/** A store on a copy of a folder as it is, as a process that was killed leaves it. */
export async function afterKill(folder: string): Promise<{ runtime: Runtime; folder: string; end(): Promise<void> }> {
  const left = await temporaryFolder();
  await cp(folder, left.path, { recursive: true });
  const log = { info() {}, warn() {}, error() {} };
  const runtime = await openRuntime({ data: left.path, clock: () => noon, log });
  return {
    runtime,
    folder: left.path,
    async end() {
      await runtime.close();
      await left.remove();
    },
  };
}
