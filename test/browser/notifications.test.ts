import { createECDH } from "node:crypto";
import type { Browser, Worker } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PushService } from "../standins/push-service.ts";
import { axeFaults } from "./support/axe.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { type Visitor, visit } from "./support/visitor.ts";

/** A browser of a machine without a push service gets what the stand-in has for it. */
const subscribing = `
  const kept = () => JSON.parse(localStorage.getItem("test-target") ?? "null");
  const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const subscription = () => kept() && {
    endpoint: kept().endpoint,
    options: { applicationServerKey: bytesOf(kept().publicKey).buffer },
    toJSON: kept,
    unsubscribe: async () => localStorage.removeItem("test-target"),
  };
  if ("PushManager" in window) {
    PushManager.prototype.getSubscription = async () => subscription();
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      localStorage.setItem("test-target", JSON.stringify({ ...(await pushTarget(applicationServerKey)), publicKey: applicationServerKey }));
      return subscription();
    };
  }`;

inChromium("notifications in the console", () => {
  let office: OneMachine;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6, allowPrivateTargets: true });
    await hire(office, { name: "Jonas Keller", email: "jonas@example.com", role: "guard" });
    browser = await openChromium({ notifies: true });
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  /** A guard at the settings of a browser that has a push service. */
  async function guard(service: PushService) {
    const visitor = await visit(browser);
    const { page } = visitor;
    const context = page.context();
    await context.grantPermissions(["notifications"], { origin: office.url });
    await page.exposeFunction("pushTarget", (key: string) => service.subscribe("desk", key));
    await page.addInitScript(subscribing);
    await signInAs(visitor, office, "jonas@example.com", "#/settings/browser");
    const toggle = page.getByRole("switch", { name: "Notifications, also when the page is closed" });
    await toggle.waitFor();
    return { visitor, toggle };
  }

  /** Hands the messages that the push service took to the service worker, as they come. */
  async function deliver({ page }: Visitor, service: PushService) {
    const session = await page.context().newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
        const [one] = registrations;
        if (one !== undefined) resolve(one.registrationId);
      });
    });
    await session.send("ServiceWorker.enable");
    const registrationId = await registered;
    let handed = 0;
    return async () => {
      for (const content of service.contentsOf("desk").slice(handed)) {
        handed += 1;
        const data = JSON.stringify(content);
        await session.send("ServiceWorker.deliverPushMessage", { origin: office.url, registrationId, data });
      }
    };
  }

  const shownBy = (worker: Worker) =>
    worker.evaluate<string[]>(
      "self.registration.getNotifications().then((all) => all.map(({ title, body }) => title + ': ' + body))",
    );

  it("turns them on, tests them, opens a pressed one, and ends them at sign-out", async () => {
    const service = await PushService.listen();
    const { visitor, toggle } = await guard(service);
    const { page } = visitor;
    expect(await toggle.isChecked()).toBe(false);
    await toggle.click();
    const asked = page.getByRole("dialog", { name: "Contact for push services" });
    const typed = asked.getByRole("textbox", { name: "E-mail address of the operator" });
    expect(await typed.inputValue()).toBe("jonas@example.com");
    await typed.fill("it@gate.local");
    await asked.getByRole("button", { name: "Turn on" }).click();
    await asked.getByText("must be an e-mail address that can exist").waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await typed.fill("it@example.com");
    await asked.getByRole("button", { name: "Turn on" }).click();
    await expect.poll(() => toggle.isChecked()).toBe(true);
    const hand = await deliver(visitor, service);
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect.poll(() => service.contentsOf("desk")).toHaveLength(1);
    await hand();
    await page
      .getByRole("status")
      .filter({ hasText: /^arrived after \d+\.\d s$/ })
      .waitFor();
    expect(service.contacts).toEqual(["mailto:it@example.com"]);
    service.troubles.push(403);
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("status").getByText('The push service refused it. {"reason":"BadJwtToken"}').waitFor();
    service.troubles.push(403);
    service.reason = "way".repeat(100);
    await page.setViewportSize({ width: 320, height: 700 });
    await page.getByRole("button", { name: "Send a test" }).click();
    const words = page.getByRole("status").getByText(`The push service refused it. ${service.reason.slice(0, 200)}`);
    await words.waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    expect(await words.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    const [worker] = page.context().serviceWorkers();
    if (worker === undefined) throw new Error("there is no service worker");
    expect(await shownBy(worker)).toEqual(["Gatepost test: Notifications reach this browser."]);
    await page.getByRole("checkbox", { name: "Strangers", exact: true }).click();
    await expect
      .poll(async () => (await office.runtime.reads.push.subscriptions.all())[0]?.kinds)
      .toEqual(["blacklist", "strangers"]);
    expect(await axeFaults(page)).toEqual([]);
    await office.strangerPasses();
    await expect.poll(() => service.contentsOf("desk")).toHaveLength(2);
    await hand();
    await expect.poll(() => shownBy(worker)).toHaveLength(2);
    const { address } = service.contentsOf("desk")[1] as { address: string };
    await worker.evaluate(`self.registration.getNotifications().then((all) => {
        const notification = all.find(({ data }) => data === ${JSON.stringify(address)});
        self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
      })`);
    await page.waitForURL(`${office.url}/${address}`);
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await expect.poll(() => office.runtime.reads.push.subscriptions.all()).toEqual([]);
    await expect.poll(() => shownBy(worker)).toEqual([]);
    await visitor.leave();
  });

  it("subscribes anew, with its choices, if the server has new keys", async () => {
    await office.runtime.reads.push.contact.keep("it@example.com");
    const service = await PushService.listen();
    const { visitor, toggle } = await guard(service);
    const { page } = visitor;
    await toggle.click();
    await expect.poll(() => toggle.isChecked()).toBe(true);
    await page.getByRole("checkbox", { name: "Strangers", exact: true }).click();
    const kinds = async () => (await office.runtime.reads.push.subscriptions.all()).map((one) => one.kinds);
    await expect.poll(kinds).toEqual([["blacklist", "strangers"]]);
    // As if the subscription were for other keys.
    const other = createECDH("prime256v1").generateKeys("base64url");
    const former = { ...service.subscribe("desk", other), publicKey: other };
    await page.evaluate((text) => localStorage.setItem("test-target", text), JSON.stringify(former));
    await page.reload();
    await expect.poll(() => service.publicKeyOf("desk")).toBe((await office.runtime.reads.push.keys.read()).publicKey);
    await expect.poll(() => toggle.isChecked()).toBe(true);
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect.poll(() => service.contentsOf("desk")).toHaveLength(1);
    expect(await kinds()).toEqual([["blacklist", "strangers"]]);
    await visitor.leave();
  });

  it("has a service worker of 6 KB at most, which no browser keeps", async () => {
    const answer = await fetch(`${office.url}/sw.js`);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await answer.arrayBuffer()).byteLength).toBeLessThanOrEqual(6 * 1024);
  });

  it("says in one line that plain http has none, and links to what helps", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await page.addInitScript("Object.defineProperty(window, 'isSecureContext', { value: false })");
    await signInAs(visitor, office, "jonas@example.com", "#/settings/browser");
    await page.getByText("Over http, this browser shows no notifications").waitFor();
    expect(await page.getByRole("switch").count()).toBe(0);
    await page.getByRole("link", { name: "How to serve Gatepost by https" }).click();
    await page.getByRole("heading", { name: "How to serve Gatepost by https" }).waitFor();
    await visitor.leave();
  });
});
