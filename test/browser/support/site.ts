import { vi } from "vitest";
import { type Office, openOffice } from "./office.ts";
import { report } from "./report.ts";
import type { Runtime } from "./runtimes.ts";

const minute = 60_000;
const hour = 60 * minute;
/** ms after which AWS has noted the devices of a box. */
const notedMs = 2 * minute;

/** Devices of the first box: a way in, a way out, and one without a direction. */
const [wayIn, canteen] = ["BOX1__10.0.0.2", "BOX1__10.0.0.4"];
export const wayOut = "BOX1__10.0.0.3";

interface Passed {
  /** ms. */
  ago?: number;
  type?: number;
  group?: string;
  device?: string | undefined;
}

/** An office with the site HQ, whose gates have directions. */
export interface Site extends Office {
  /** A person passes at the site. */
  passes(id: string, name: string, passed?: Passed): Promise<void>;
}

/** Opens an office with four people inside HQ, of whom one went in yesterday, and with a passing at another site. */
export async function openSite(open: Runtime["open"] = openOffice): Promise<Site> {
  const office = await open({ scale: 0.2, looks: 6, hoursAgo: notedMs / hour });
  const { api } = office;
  const passes = (id: string, name: string, { ago = minute, type = 1, device = wayIn, group }: Passed = {}) =>
    report(office, {
      identity_id: id,
      identity_name: name,
      timestamp: office.now() - ago,
      ...(group === undefined ? {} : { group_name: group }),
      ext_data: { person_type: type, ep_id: device },
    });
  // Ada has passed each device, and gone out.
  for (const [n, device] of [wayIn, canteen, wayOut].entries()) {
    await passes("1", "Ada Stone", { ago: (60 - n) * hour, device });
  }
  await passes("2", "Ravi Menon", { ago: 26 * hour });
  await passes("3", "刘芳");
  await passes("4", "Kwame Mensah", { type: 2 });
  await passes("5", "Rosa Silva", { type: 5, ago: 2 * minute });
  for (const [n, device] of [wayIn, wayIn, wayOut].entries()) {
    await passes(`9${n}`, "", { type: 4, device, ago: (n + 1) * 1000 });
  }
  await api.ask("PUT /v1/sites/{id}", { path: { id: "hq" }, body: { name: "HQ" } });
  await api.ask("PATCH /v1/boxes/{id}", { path: { id: "gate-1" }, body: { site: "hq" } });
  await office.toPresent();
  const devicesOf = async () => (await api.ask("GET /v1/boxes/{id}", { path: { id: "gate-1" } })).devices;
  await vi.waitUntil(async () => (await devicesOf()).length === 3, { timeout: 150_000 });
  const labels = { [`${wayIn}`]: ["Gate S1", "in"], [`${wayOut}`]: ["Gate S3", "out"] } as const;
  for (const { id, key } of await devicesOf()) {
    const [label, direction] = labels[id] ?? [];
    if (label === undefined || direction === undefined) continue;
    await api.ask("PATCH /v1/devices/{id}", { path: { id: key }, body: { label, direction } });
  }
  await report(office, { identity_id: "7", identity_name: "Elsewhere" }, office.boxes[1]);
  return { ...office, passes };
}
