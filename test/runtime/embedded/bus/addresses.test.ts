import { promisify } from "node:util";
import { isPublic, literalAddress, post, publicLookup } from "@gatepost/alerts/targets";
import { afterEach, describe, expect, it } from "vitest";
import { Subscriber } from "../../../support/subscriber.ts";
import addresses from "./addresses.json" with { type: "json" };
import { type ClockedRuntime, clockedRuntime, rule } from "./clocked-runtime.ts";

describe("addresses", () => {
  it.each(addresses.inside)("%s is not public", (address) => expect(isPublic(address)).toBe(false));
  it.each(addresses.outside)("%s is public", (address) => expect(isPublic(address)).toBe(true));
});

describe("a target", () => {
  const limits = { timeoutMs: 600_000, signal: new AbortController().signal };

  it.each(addresses.forms)("%s is refused before anything is sent", async (url) => {
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
