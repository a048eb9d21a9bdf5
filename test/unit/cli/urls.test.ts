import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { expect, it, onTestFinished, vi } from "vitest";
import { lanAddress, localAddress, urlOf } from "../../../packages/cli/src/urls.ts";

const facts = { netmask: "255.255.255.0", mac: "00:00:00:00:00:00", cidr: null };
const inner = { ...facts, address: "127.0.0.1", family: "IPv4", internal: true } as const;
const interfaceAt = (address: string) => ({ ...facts, address, family: "IPv4", internal: false }) as const;
const ofV6 = (address: string) => ({ ...facts, address, family: "IPv6", internal: false, scopeid: 0 }) as const;

function withNetworks(networks: ReturnType<typeof os.networkInterfaces>): void {
  const asked = vi.spyOn(os, "networkInterfaces").mockReturnValue(networks);
  syncBuiltinESMExports();
  onTestFinished(() => {
    asked.mockRestore();
    syncBuiltinESMExports();
  });
}

it("boxes get an IPv4 address of this machine on a network", () => {
  withNetworks({
    lo: [inner],
    eth0: [ofV6("fe80::1"), interfaceAt("169.254.7.7")],
    eth1: [interfaceAt("192.168.1.20"), interfaceAt("10.0.0.9")],
  });
  expect([lanAddress("0.0.0.0"), lanAddress("::")]).toEqual(["192.168.1.20", "192.168.1.20"]);
  expect(lanAddress("10.1.1.1")).toBe("10.1.1.1");
});

it("a machine without a network gets its own address, and IPv6 gets brackets", () => {
  withNetworks({ lo: [inner], eth0: [interfaceAt("169.254.7.7")] });
  expect([lanAddress("0.0.0.0"), lanAddress("::")]).toEqual(["127.0.0.1", "::1"]);
  expect([localAddress("0.0.0.0"), localAddress("10.1.1.1")]).toEqual(["127.0.0.1", "10.1.1.1"]);
  expect([urlOf("::1", 9528), urlOf("10.1.1.1", 9528, "https")]).toEqual([
    "http://[::1]:9528",
    "https://10.1.1.1:9528",
  ]);
});
