import { isLoopback, serveMetrics } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import { describe, expect, it, onTestFinished } from "vitest";
import { Counter, gaugeText, Histogram } from "../../../../packages/embedded/src/runtime/metrics/series.ts";
import { boxRequest } from "../../../support/http.ts";
import { history, realtime } from "../../../support/reports.ts";
import { start } from "../live/support.ts";

describe("the text of metrics", () => {
  it("has counters with escaped labels, and a limited number of series", () => {
    const counter = new Counter("things", "All of them.");
    counter.add({ kind: 'a"b\\c\nd' });
    counter.add({ kind: 'a"b\\c\nd' }, 2);
    expect(counter.text()).toBe(
      '# TYPE things counter\n# HELP things All of them.\nthings_total{kind="a\\"b\\\\c\\nd"} 3',
    );
    for (let n = 0; n < 2000; n++) counter.add({ kind: `${n}` });
    expect(counter.text().split("\n")).toHaveLength(502);
  });

  it("has histograms whose buckets add up, and gauges", async () => {
    const histogram = new Histogram("took", "How long.", [0.1, 1]);
    for (const seconds of [0.05, 0.1, 0.5, 3]) histogram.observe(seconds);
    expect(histogram.text().split("\n").slice(2)).toEqual([
      'took_bucket{le="0.1"} 2',
      'took_bucket{le="1"} 3',
      'took_bucket{le="+Inf"} 4',
      "took_sum 3.65",
      "took_count 4",
    ]);
    await expect(histogram.time(() => Promise.reject(new Error("full")))).rejects.toThrow("full");
    expect(histogram.text()).toContain("took_count 5");
    expect(gaugeText("now", "Now.", [[{}, 1]])).toBe("# TYPE now gauge\n# HELP now Now.\nnow 1");
  });
});

it("counts received and refused reports, durations and queues, and names no box", async () => {
  const deps = await start();
  await deps.deliver(history());
  await deps.deliver(history());
  const token = (await deps.key("ingest")).token;
  await receiver(deps.runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body: "{broken" }));
  const body = JSON.stringify(realtime({ identity_id: "2" }));
  await fetch(`${deps.url}/${token}/PassRecord`, { method: "POST", body });
  await fetch(`${deps.url}/gpi_${"x".repeat(40)}/HistoryEvent`, { method: "POST", body: "{}" });
  const ask = (key: string) => fetch(`${deps.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  expect((await ask(deps.reader.token)).status).toBe(403);
  const answer = await ask((await deps.key("admin")).token);
  expect(answer.headers.get("content-type")).toMatch(/^application\/openmetrics-text; version=1.0.0/);
  const text = await answer.text();
  for (const line of [
    'gatepost_reports_total{kind="history",dialect="history-nested",outcome="created"} 1',
    'gatepost_reports_total{kind="history",dialect="history-nested",outcome="duplicate"} 1',
    'gatepost_unexpected_dialect_total{route="pass-record",dialect="se3-realtime"} 1',
    'gatepost_quarantined_total{reason="not-json"} 1',
    'gatepost_refused_total{kind="wrong-key"} 1',
    "gatepost_store_seconds_count 3",
    'gatepost_queue{queue="quarantine"} 1',
    'gatepost_queue{queue="deadletters"} 0',
    'gatepost_boxes{state="silent"} 0',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  expect(text).toMatch(/gatepost_sync_seconds_count [1-9]/);
  expect(text).toMatch(/gatepost_disk_bytes\{part="all"\} \d+/);
  expect(text.endsWith("# EOF\n")).toBe(true);
  expect(text).not.toContain("gate-1");
});

it("is served on its own port without a key, and nothing else is", async () => {
  let isFailing = false;
  const served = await serveMetrics({ host: "127.0.0.1", port: 0 }, async () => {
    if (isFailing) throw new Error("busy");
    return "# EOF\n";
  });
  onTestFinished(() => served.close());
  const ask = async (path: string, method = "GET") => {
    const answer = await fetch(`http://127.0.0.1:${served.port}${path}`, { method });
    return [answer.status, await answer.text()];
  };
  expect(await ask("/metrics")).toEqual([200, "# EOF\n"]);
  expect(await ask("/v1/events")).toEqual([404, ""]);
  expect(await ask("/metrics", "POST")).toEqual([404, ""]);
  isFailing = true;
  expect(await ask("/metrics")).toEqual([503, ""]);
});

it.each([
  ["127.0.0.1", true],
  ["127.8.8.8", true],
  ["localhost", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["127.example", false],
  ["192.168.1.2", false],
])("knows for %s whether only this machine reaches it", (host, isOwn) => {
  expect(isLoopback(host)).toBe(isOwn);
});
