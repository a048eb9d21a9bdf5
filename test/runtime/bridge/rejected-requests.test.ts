import { GatepostError } from "@gatepost/core/errors";
import { expect, it, vi } from "vitest";
import { RejectedRequests } from "../../../packages/bridge/src/rejected-requests.ts";
import { ManualClock } from "../../unit/simulator/support.ts";

const minute = 60_000;

/** What a relay notes of requests, and a way to have one refused. */
function noting() {
  const clock = new ManualClock();
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const rejected = new RejectedRequests({ clock, log });
  const comes = (from: string, error: Error = new GatepostError("unauthorized", "no key")) => {
    const request = { method: "POST", candidates: [], segments: [], address: from, headers: {} };
    return expect(rejected.noting(() => Promise.reject(error), request)).rejects.toBe(error);
  };
  const said = () => log.warn.mock.calls.map(([, facts]) => facts);
  return { clock, rejected, comes, said };
}

it("logs requests without a key once a minute: their number and last address", async () => {
  const { clock, rejected, comes, said } = noting();
  for (const from of ["10.0.0.1", "10.0.0.2"]) await comes(from);
  clock.move(minute - 1);
  await comes("10.0.0.3");
  expect(said()).toEqual([{ from: "10.0.0.1", times: 1 }]);
  clock.move(1);
  for (const from of ["10.0.0.4", "10.0.0.5"]) await comes(from);
  expect(said().slice(1)).toEqual([{ from: "10.0.0.4", times: 4 }]);
  expect(rejected.seen).toEqual({ times: 5, at: clock.now(), from: "10.0.0.5" });
});

it("also logs requests without a key after the clock was set back", async () => {
  const { clock, comes, said } = noting();
  await comes("10.0.0.1");
  clock.move(-60 * minute);
  await comes("10.0.0.2");
  expect(said()).toHaveLength(2);
});

it("counts nothing that failed for another reason than a key", async () => {
  const { rejected, comes, said } = noting();
  await comes("10.0.0.1", new Error("a fault of the bridge"));
  expect([rejected.seen, said()]).toEqual([null, []]);
});
