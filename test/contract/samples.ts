import { createHash } from "node:crypto";
import type { Job } from "@gatepost/api";
import type { Upsert } from "@gatepost/core/events";
import { actionId, actionNames, idOf, type Picture, type Report, type WantAction } from "@gatepost/protocol";

export const noon = Date.UTC(2026, 10, 20, 12);
export const day = 24 * 60 * 60 * 1000;

/** A different JPEG for each seed; `bytes` long. */
export function picture(seed: string, bytes = 200): Picture {
  const data = Buffer.alloc(bytes, seed);
  data.writeUIntBE(0xffd8ff, 0, 3);
  return { data, bytes, contentType: "image/jpeg", sha256: createHash("sha256").update(data).digest("hex") };
}

/** A report of a passing at noon, with overrides. */
export function report(overrides: Partial<Report> = {}): Report {
  return {
    kind: "history",
    dialect: "history-nested",
    receivedAt: noon,
    time: noon,
    device: { ip: "192.168.1.25" },
    person: { id: "666666", name: "小明", type: "vip" },
    ...overrides,
  };
}

/** A write of one report; equal names give equal events. */
export function upsert(name: string, overrides: Partial<Upsert> = {}): Upsert {
  return {
    eventId: idOf("evt", [name]),
    box: "gate-1",
    isSecondFace: false,
    report: report(),
    fingerprint: "face-a",
    replaces: null,
    action: null,
    isAwaited: false,
    now: noon,
    expiresAt: noon + 30 * day,
    ...overrides,
  };
}

export function action(event: string, wantAction: WantAction, overrides: Partial<NonNullable<Upsert["action"]>> = {}) {
  return {
    id: actionId(idOf("evt", [event]), wantAction),
    wantAction,
    name: actionNames[wantAction],
    state: "pending" as const,
    reason: null,
    at: new Date(noon).toISOString(),
    ...overrides,
  };
}

/** A replay that was requested at noon, with overrides. */
export const replayJob = (id: string, overrides: Partial<Job> = {}): Job => ({
  id: `job_${id}`,
  step: 0,
  by: "key_1",
  state: "waiting",
  asked: { kind: "replay" },
  progress: null,
  done: 0,
  of: 0,
  createdAt: noon,
  startedAt: null,
  endedAt: null,
  result: null,
  reason: null,
  ...overrides,
});
