import { promisify } from "node:util";
import { isPublic, literalAddress, post, publicLookup } from "@gatepost/alerts/targets";
import { afterEach, describe, expect, it } from "vitest";
import { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, rule } from "./clocked-runtime.ts";

const inside = [
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.100.100.200",
  "127.0.0.1",
  "127.255.255.254",
  "168.63.129.16",
  "169.254.169.254",
  "169.254.170.2",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.168.0.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:8.8.8.8",
  "::ffff:a9fe:a9fe",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
];
const outside = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1"];
const outside6 = ["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888", "2400:cb00::1"];

describe("addresses", () => {
  it.each(inside)("%s is not public", (address) => expect(isPublic(address)).toBe(false));
  it.each([...outside, ...outside6])("%s is public", (address) => expect(isPublic(address)).toBe(true));
});

const forms = [
  "http://127.0.0.1/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f.0.0.1/",
  "http://0177.0.0.1/",
  "http://0/",
  "http://127.0.0.1./",
  "http://１２７.0.0.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[0:0:0:0:0:0:0:1]/",
  "http://169.254.169.254/latest/meta-data/",
  "https://[fd00:ec2::254]/",
  "http://localhost/",
  "http://LOCALHOST./",
];

describe("a target", () => {
  const limits = { timeoutMs: 600_000, signal: new AbortController().signal };

  it.each(forms)("%s is refused before anything is sent", async (url) => {
    const sent = post({ url: new URL(url), headers: {}, body: "{}", allowPrivate: false }, limits);
    await expect(sent).rejects.toThrow(/is no public address|ENOTFOUND|EAI_AGAIN/);
  });

  it("is its own address if its host is one", () => {
    expect(literalAddress(new URL("http://0x7f.1/"))).toBe("127.0.0.1");
    expect(literalAddress(new URL("http://[::1]/"))).toBe("::1");
    expect(literalAddress(new URL("http://example.com/"))).toBeNull();
  });

  it("is never connected to at a private address of its name", async () => {
    const lookup = promisify(publicLookup);
    await expect(lookup("localhost", {})).rejects.toThrow("is no public address");
    await expect(lookup("localhost", { all: true })).rejects.toThrow("is no public address");
  });
});

describe("a rule with a private target", () => {
  let deps: ClockedRuntime;
  let hook: Subscriber;
  afterEach(async () => {
    await deps.close();
    await hook.close();
  });

  async function heard(options: { allowPrivateTargets: boolean }, allowPrivate: boolean, host = "127.0.0.1") {
    deps = await clockedRuntime(options);
    hook = await Subscriber.listen();
    const url = `http://${host}:${hook.port}`;
    await deps.setRules([rule("a", url, { target: { url, allowPrivate } })]);
    await deps.announce("a");
    await deps.settle();
    return hook.delivered.length;
  }

  it.each(["127.0.0.1", "localhost"])("as %s is refused, and the log says how to allow it", async (host) => {
    expect(await heard({ allowPrivateTargets: false }, false, host)).toBe(0);
    expect(JSON.stringify(deps.logged)).toContain("allowPrivate");
  });

  it("is allowed by the rule", async () => {
    expect(await heard({ allowPrivateTargets: false }, true)).toBe(1);
  });

  it("is allowed by the deployment", async () => {
    expect(await heard({ allowPrivateTargets: true }, false, "localhost")).toBe(1);
  });
});
