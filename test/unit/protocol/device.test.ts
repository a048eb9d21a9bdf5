import { describe, expect, it } from "vitest";
import { deviceType, splitEndpoint } from "../../../packages/protocol/src/device.ts";

describe("a device type", () => {
  it.each([
    ["0", "turnstile"],
    ["1", "capture"],
    ["2", "ipc-static"],
    ["3", "ipc-dynamic"],
    ["4", "access-control"],
    ["photo", "photo"],
    ["RTSP", "rtsp"],
    ["card", "card"],
    ["FILE", "file"],
    [" gb28181 ", "gb28181"],
    ["turnstile", "turnstile"],
  ])("sent as %j is %s", (sent, type) => {
    expect(deviceType(sent)).toBe(type);
  });

  it.each(["5", "-1", "00", "0.0", "drone", "", "constructor"])("is absent if it is sent as %j", (sent) => {
    expect(deviceType(sent)).toBeNull();
  });
});

describe("an endpoint", () => {
  it.each([
    ["AKOPKKKKK__192.168.1.25", "AKOPKKKKK", "192.168.1.25"],
    ["0xe0a50900062b__rtsp://10.0.0.9:554/main__stream", "0xe0a50900062b", "rtsp://10.0.0.9:554/main__stream"],
    ["A___1", "A", "_1"],
    ["__192.168.1.25", "", "192.168.1.25"],
    ["AKOPKKKKK__", "AKOPKKKKK", ""],
  ])("%j is split at the first two underscores", (endpoint, serial, address) => {
    expect(splitEndpoint(endpoint)).toEqual({ serial, address });
  });

  it("without two underscores has no parts", () => {
    expect(splitEndpoint("AKOP_192.168.1.25")).toEqual({ serial: "", address: "" });
  });
});
