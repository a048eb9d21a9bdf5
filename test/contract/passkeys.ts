import {
  challengeMs,
  Factors,
  givenFactorKey,
  newChallenge,
  openChallenge,
  type SentCredential,
  sealChallenge,
} from "@gatepost/core/factors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeAt } from "../support/app-codes.ts";
import { Authenticator } from "../support/authenticator.ts";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const ann = { id: "acc_5c0e1d2b4a69787f3a", label: "ann@example.com", name: "Ann" };
const bo = { ...ann, id: "acc_000000000000000001" };
const host = "gate.example.com";
const origin = `https://${host}`;
const place = { host, origin };
const session = "ses_0a1b2c3d4e5f607182";

/** What a browser must not have signed, or a device not have said. */
const tampered = [
  ["another challenge", { challenge: Buffer.alloc(32, 1).toString("base64url") }],
  ["an empty challenge", { challenge: "" }],
  ["another origin", { origin: "https://evil.example" }],
  ["a host below", { origin: `https://x.${host}` }],
  ["another port", { origin: `${origin}:8443` }],
  ["an origin with a path", { origin: `${origin}/gate` }],
  ["http", { origin: `http://${host}` }],
  ["another host", { rpId: "evil.example" }],
  ["the domain above", { rpId: "example.com" }],
  ["an unverified person", { isVerified: false }],
  ["nobody present", { isPresent: false }],
  ["a frame of another site", { crossOrigin: true }],
] as const;

/** Passkeys of accounts, on any driver of the record store. */
export function passkeysContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps passkeys:`, () => {
    let opened: OpenedItems;
    let factors: Factors;
    let kept: ReturnType<typeof keptLog>;
    let device: Authenticator;
    /** How far the clock of the machine was set back. */
    let behindMs = 0;
    const factorsOf = (of: string | null) =>
      new Factors({
        items: opened.items,
        key: givenFactorKey(Buffer.alloc(32, 7)),
        host: of,
        log: kept.log,
        clock: () => opened.clock() - behindMs,
        believed: () => opened.clock(),
      });
    beforeEach(async () => {
      behindMs = 0;
      opened = await open();
      opened.setClock(noon);
      kept = keptLog();
      factors = factorsOf(host);
      device = new Authenticator(origin);
    });
    afterEach(() => opened.close());

    const begin = (person = ann, called = "Phone") => factors.addPasskey(person, { name: called, host, session });
    const confirm = (id: string, sent: SentCredential, account = ann.id) =>
      factors.confirmPasskey(account, id, { sent, session, place });
    const add = async (made = device, person = ann) => {
      const { id, options } = await begin(person);
      expect(await confirm(id, made.create(options), person.id)).toBe("confirmed");
      return id;
    };
    const remove = (id: string, isNeeded = false) => factors.remove(ann.id, id, { isNeeded });
    const ask = async (account: string | null = ann.id) => {
      const challenge = newChallenge(opened.clock() - behindMs);
      return { challenge, options: await factors.optionsFor(account, challenge, host) };
    };
    const use = async (changed = {}, by = device) => {
      const { challenge, options } = await ask();
      return factors.use(ann.id, { kind: "passkey", credential: by.get(options, changed), challenge, place });
    };

    it("a passkey counts once its browser has made it, and signs", async () => {
      const { id, options } = await begin();
      expect(options).toMatchObject({
        rp: { id: host, name: "Gatepost" },
        user: { id: Buffer.from(ann.id).toString("base64url"), name: ann.label, displayName: ann.name },
        attestation: "none",
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
      });
      expect([await factors.of(ann.id), await factors.needs(ann.id)]).toEqual([[], []]);
      expect(await confirm(id, device.create(options))).toBe("confirmed");
      expect([await factors.needs(ann.id), await confirm(id, device.create(options))]).toEqual([
        ["passkey"],
        "unknown",
      ]);
      const shown = {
        id,
        kind: "passkey",
        name: "Phone",
        createdAt: noon,
        lastUsedAt: null,
        left: null,
        isLost: false,
      };
      expect(await factors.of(ann.id)).toEqual([shown]);
      opened.setClock(noon + 1000);
      expect(await use()).toBe(true);
      expect((await factors.of(ann.id))[0]?.lastUsedAt).toBe(noon + 1000);
      const known = { id: device.id, type: "public-key", transports: ["internal"] };
      expect((await ask()).options).toMatchObject({
        rpId: host,
        userVerification: "required",
        allowCredentials: [known],
      });
      expect((await ask(null)).options).toMatchObject({ allowCredentials: [] });
      expect((await begin()).options).toMatchObject({ excludeCredentials: [known] });
    });

    it.each(tampered)("a signature with %s opens nothing", async (_, changed) => {
      await add();
      expect(await use(changed)).toBe(false);
      expect(await use()).toBe(true);
    });

    it.each([
      ...tampered,
      [
        "certificates of its maker",
        { fmt: "packed", statement: { alg: -7, sig: Buffer.alloc(8), x5c: [Buffer.alloc(8)] } },
      ],
      ["a wrong signature of itself", { fmt: "packed", statement: { alg: -7, sig: Buffer.alloc(8) } }],
      ["another attestation", { fmt: "android-safetynet", statement: { ver: "1", response: Buffer.alloc(8) } }],
    ] as const)("a passkey with %s is not taken", async (_, changed) => {
      const { id, options } = await begin();
      expect(await confirm(id, device.create(options, changed))).toBe("wrong");
      expect(await factors.needs(ann.id)).toEqual([]);
      expect(await confirm(id, device.create(options))).toBe("confirmed");
    });

    it("the credential of a new passkey does not sign, and a signature makes no passkey", async () => {
      await add();
      expect(await use({ type: "webauthn.create" })).toBe(false);
      const { id, options } = await begin();
      expect(await confirm(id, new Authenticator(origin).create(options, { type: "webauthn.get" }))).toBe("wrong");
    });

    it("a device that does not have the passkey signs for nobody", async () => {
      await add();
      const other = new Authenticator(origin);
      const { challenge, options } = await ask();
      const signed = other.get(options);
      const pretending = { ...signed, id: device.id, rawId: device.id };
      for (const credential of [signed, pretending])
        expect(await factors.use(ann.id, { kind: "passkey", credential, challenge, place })).toBe(false);
      expect(await factors.use(bo.id, { kind: "passkey", credential: device.get(options), challenge, place })).toBe(
        false,
      );
    });

    it("one of several uses of a signed challenge succeeds, and none later", async () => {
      await add();
      const { challenge, options } = await ask();
      const credential = device.get(options);
      const proof = { kind: "passkey", credential, challenge, place } as const;
      const used = await Promise.all(Array.from({ length: 5 }, () => factors.use(ann.id, proof)));
      expect(used.filter(Boolean)).toHaveLength(1);
      expect(await factors.use(ann.id, proof)).toBe(false);
      const again = { ...proof, credential: device.get(options) };
      expect(await factors.use(ann.id, again)).toBe(false);
    });

    it("a challenge that nobody signs leaves no record", async () => {
      await add();
      const writes: string[] = [];
      const { items } = opened;
      const watched = new Proxy(items, {
        get: (of, member) => {
          if (member === "write") return (change: { pk: string }) => writes.push(change.pk);
          return Reflect.get(of, member, of) as unknown;
        },
      });
      const clock = () => opened.clock();
      const deps = { key: givenFactorKey(Buffer.alloc(32, 7)), host, log: kept.log, clock, believed: clock };
      for (let n = 0; n < 3; n++)
        await new Factors({ ...deps, items: watched }).optionsFor(null, newChallenge(noon), host);
      expect(writes).toEqual([]);
    });

    it("a challenge works once while the clock is set back, and one of before does not work", async () => {
      device = new Authenticator(origin, { counts: false });
      await add();
      const [secret, boundTo] = [Buffer.alloc(32, 7), ""];
      const early = sealChallenge((await ask()).challenge, secret, boundTo);
      behindMs = 3_600_000;
      expect(openChallenge(early, secret, { boundTo, now: opened.clock() - behindMs })).toBeNull();
      const { challenge, options } = await ask();
      const again = { kind: "passkey", credential: device.get(options), challenge, place } as const;
      expect([await factors.use(ann.id, again), await factors.use(ann.id, again)]).toEqual([true, false]);
    });

    it("a passkey is awaited for five minutes, in its session and of its account alone", async () => {
      const { id, options } = await begin();
      const sent = device.create(options);
      const asked = { sent, session: "ses_000000000000000000", place };
      expect(await factors.confirmPasskey(ann.id, id, asked)).toBe("unknown");
      expect([await confirm(id, sent, bo.id), await factors.confirmCode(ann.id, id, "123456")]).toEqual([
        "unknown",
        "unknown",
      ]);
      opened.setClock(noon + challengeMs);
      expect(await confirm(id, sent)).toBe("unknown");
      opened.setClock(noon + challengeMs - 1);
      expect(await confirm(id, sent)).toBe("confirmed");
    });

    it("the challenge of one passkey makes no other one, and a device is added once", async () => {
      const [first, second] = [await begin(), await begin()];
      const sent = device.create(first.options);
      expect([await confirm(second.id, sent), await confirm(first.id, sent)]).toEqual(["wrong", "confirmed"]);
      expect(await confirm(second.id, device.create(second.options))).toBe("wrong");
      const unsigned = { ...new Authenticator(origin).create(second.options), id: "AAAA", rawId: "AAAA" };
      expect(await confirm(second.id, unsigned)).toBe("wrong");
    });

    it("a counter that goes back or stays is refused and told, and the person's own device goes on", async () => {
      const id = await add();
      expect(await use({ counter: 7 })).toBe(true);
      for (const counter of [7, 6, 1, 0])
        await expect(use({ counter })).rejects.toMatchObject({ kind: "forbidden", code: "passkey-copied" });
      expect(kept.lines.filter(({ facts }) => JSON.stringify(facts).includes(id))).toHaveLength(4);
      expect(await use({ counter: 8 })).toBe(true);
    });

    it("a device that does not count signs any number of times", async () => {
      device = new Authenticator(origin, { counts: false });
      await add();
      for (let n = 0; n < 3; n++) expect(await use()).toBe(true);
      expect(await use({ counter: 3 })).toBe(true);
      await expect(use()).rejects.toMatchObject({ code: "passkey-copied" });
    });

    it("a passkey of an earlier host is shown as lost, is no last factor, and still asks for a second step", async () => {
      const id = await add();
      const { codes } = await factors.addRecovery(ann.id);
      factors = factorsOf("new.example.com");
      expect((await factors.of(ann.id)).map(({ kind, isLost }) => [kind, isLost])).toEqual([
        ["passkey", true],
        ["recovery", false],
      ]);
      expect([await factors.needs(ann.id), await factors.has(ann.id)]).toEqual([["recovery"], false]);
      const [recovery] = (await factors.of(ann.id)).filter(({ kind }) => kind === "recovery");
      expect(await remove(recovery?.id ?? "")).toBe("stranded");
      await expect(factors.addRecovery(ann.id)).rejects.toMatchObject({ kind: "conflict" });
      const elsewhere = { host: "new.example.com", origin: "https://new.example.com" };
      const challenge = newChallenge(noon);
      const options = await factors.optionsFor(ann.id, challenge, elsewhere.host);
      expect(options).toMatchObject({ allowCredentials: [] });
      const proof = { kind: "passkey", credential: device.get(options), challenge, place: elsewhere } as const;
      expect(await factors.use(ann.id, proof)).toBe(false);
      for (const code of codes) expect(await factors.use(ann.id, { kind: "recovery", code })).toBe(true);
      const refused = { kind: "forbidden", code: "passkeys-elsewhere", message: expect.stringContaining(host) };
      await expect(factors.needs(ann.id)).rejects.toMatchObject(refused);
      factors = factorsOf(host);
      expect([await factors.needs(ann.id), await factors.has(ann.id)]).toEqual([["passkey"], true]);
      await factors.addRecovery(ann.id);
      factors = factorsOf(null);
      expect(await factors.needs(ann.id)).toEqual(["passkey", "recovery"]);
      expect([await remove(id), await factors.of(ann.id)]).toEqual(["removed", []]);
    });

    it("the last passkey of this host stays while one is needed, and one of an earlier host may go", async () => {
      const earlier = await add();
      factors = factorsOf("localhost");
      const { id, secret } = await factors.addCode({ id: ann.id, label: "Ann" }, "App");
      expect(await factors.confirmCode(ann.id, id, codeAt(secret, noon))).toBe("confirmed");
      expect([await remove(id, true), await remove(id), await remove(earlier, true)]).toEqual([
        "last",
        "stranded",
        "removed",
      ]);
      const here = await factors.addPasskey(ann, { name: "Key", host: "localhost", session });
      const at = { host: "localhost", origin: "http://localhost:9528" };
      const sent = new Authenticator(at.origin).create(here.options);
      expect(await factors.confirmPasskey(ann.id, here.id, { sent, session, place: at })).toBe("confirmed");
      expect([await remove(id, true), await remove(here.id, true)]).toEqual(["removed", "last"]);
    });

    it("an account has five passkeys at most, beside its codes", async () => {
      for (let n = 0; n < 5; n++) await add(new Authenticator(origin));
      await expect(begin()).rejects.toMatchObject({
        kind: "conflict",
        message: "you have 5 passkeys; remove one first",
      });
      const { id, secret } = await factors.addCode({ id: ann.id, label: "Ann" }, "App");
      expect(await factors.confirmCode(ann.id, id, codeAt(secret, noon))).toBe("confirmed");
      expect(await factors.needs(ann.id)).toEqual(["code", "passkey"]);
    });

    it("five passkeys of an earlier host are in nobody's way at this one", async () => {
      for (let n = 0; n < 5; n++) await add(new Authenticator(origin));
      factors = factorsOf("localhost");
      const at = { host: "localhost", origin: "http://localhost:9528" };
      for (let n = 0; n < 5; n++) {
        const { id, options } = await factors.addPasskey(ann, { name: "Key", host: at.host, session });
        const sent = new Authenticator(at.origin).create(options);
        expect(await factors.confirmPasskey(ann.id, id, { sent, session, place: at })).toBe("confirmed");
      }
      const sixth = factors.addPasskey(ann, { name: "Key", host: at.host, session });
      await expect(sixth).rejects.toMatchObject({ kind: "conflict" });
    });

    it("a removed passkey and one of before a reset open nothing, also by a challenge of before", async () => {
      const id = await add();
      const { challenge, options } = await ask();
      expect(await remove(id)).toBe("removed");
      const proof = { kind: "passkey", credential: device.get(options), challenge, place } as const;
      expect([await factors.use(ann.id, proof), await factors.needs(ann.id)]).toEqual([false, []]);
      device = new Authenticator(origin);
      await add();
      const begun = await begin();
      const next = await ask();
      await factors.removeAll(ann.id);
      const late = { ...proof, credential: device.get(next.options), challenge: next.challenge };
      expect(await factors.use(ann.id, late)).toBe(false);
      expect(await confirm(begun.id, new Authenticator(origin).create(begun.options))).toBe("unknown");
    });

    it.each([
      ["nothing", {}],
      ["no base64url", { clientDataJSON: "§", authenticatorData: "§", signature: "§", attestationObject: "§" }],
      ["JSON of another form", { clientDataJSON: Buffer.from("[1]").toString("base64url") }],
      ["JSON that is deep", { clientDataJSON: Buffer.from("[".repeat(6000)).toString("base64url") }],
      ["CBOR that is deep", { attestationObject: Buffer.alloc(40_000, 0x81).toString("base64url") }],
      [
        "CBOR that names a long text",
        { attestationObject: Buffer.from("7bffffffffffffffff", "hex").toString("base64url") },
      ],
      ["short data of a device", { authenticatorData: "AAAA" }],
      ["a long signature", { signature: "A".repeat(8000) }],
    ])("%s of a device is refused, and nothing fails", async (_, response) => {
      await add();
      const { challenge, options } = await ask();
      const signed = device.get(options);
      const isSignature = Object.keys(response).some((one) => one !== "attestationObject");
      const credential = {
        ...signed,
        response: isSignature ? { ...signed.response, ...response } : { clientDataJSON: "" },
      };
      expect(await factors.use(ann.id, { kind: "passkey", credential, challenge, place })).toBe(false);
      const { id, options: making } = await begin();
      const made = new Authenticator(origin).create(making);
      const isMade = "attestationObject" in response || "clientDataJSON" in response;
      const sent = { ...made, response: isMade ? { ...made.response, ...response } : { clientDataJSON: "" } };
      expect(await confirm(id, sent)).toBe("wrong");
    });
  });
}
