import type { Browser, Page, Request } from "playwright-core";
import { expect } from "vitest";

/** A person at a browser, and what went wrong in it. */
export interface Visitor {
  page: Page;
  /** What the policy refused, errors of the page's own script, and dialogues that it opened. */
  faults: string[];
  /** Bytes of each loaded script, on the line. */
  scripts(): Promise<number[]>;
  leave(): Promise<void>;
}

interface Look {
  width?: number;
  height?: number;
  language?: "en" | "zh";
  theme?: "light" | "dark";
}

/** Requests for changes of events. */
export const changes = /\/v1\/events\?order=received/;

/** Requests of each page that have no answer yet. A page always waits for changes. */
const unanswered = new WeakMap<Page, Set<Request>>();

/** Resolves when a page waits for no answer, except for changes, and has painted. */
export async function idle(page: Page): Promise<void> {
  await expect.poll(() => unanswered.get(page)?.size).toBe(0);
  await page.evaluate("new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))");
}

/** Notes what the Content-Security-Policy refuses, from the first moment of a page. */
const noteViolations = `
  window.refused = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.refused.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample);
  });`;

export async function visit(
  browser: Browser,
  { width = 1280, height = 900, language = "en", theme = "light" }: Look = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language === "zh" ? "zh-CN" : "en-GB",
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  interceptAtOnce(page);
  const faults: string[] = [];
  const loaded: Request[] = [];
  await page.addInitScript(noteViolations);
  page.on("pageerror", (error) => faults.push(`error: ${error.stack}`));
  page.on("dialog", async (dialog) => {
    faults.push(`dialogue: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content.Security.Policy|TrustedHTML|TrustedScript/i.test(message.text())) faults.push(message.text());
  });
  const waiting = new Set<Request>();
  unanswered.set(page, waiting);
  page.on("request", (request) => !changes.test(request.url()) && waiting.add(request));
  page.on("requestfailed", (request) => waiting.delete(request));
  page.on("requestfinished", (request) => {
    waiting.delete(request);
    if (request.resourceType() === "script") loaded.push(request);
  });
  return {
    page,
    faults,
    scripts: () => Promise.all(loaded.map(async (request) => (await request.sizes()).responseBodySize)),
    async leave() {
      const refused = await page.evaluate<string[]>("window.refused ?? []").catch(() => []);
      // What a test asks the server for in the place of the page may be under way.
      for (const one of context.pages()) await one.unrouteAll({ behavior: "ignoreErrors" });
      await context.close();
      expect([...faults, ...refused].join("\n")).toBe("");
    },
  };
}

/**
 * Lets `route` of a page resolve once its requests are intercepted. Chromium answers a moment before, and what the page
 * asks for in that moment would go past the route.
 */
function interceptAtOnce(page: Page): void {
  const route = page.route.bind(page);
  page.route = async (...asked) => {
    const routed = await route(...asked);
    if (page.url() === "about:blank") return routed;
    const probe = await route("**/is-intercepted", (request) => request.fulfill({ status: 204 }));
    await page.waitForFunction(async () => (await fetch("/is-intercepted")).status === 204);
    await probe.dispose();
    return routed;
  };
}

/** Opens the sign-in link and waits for the page behind it. */
export async function signIn({ page }: Visitor, url: string, token: string): Promise<void> {
  await page.goto(`${url}/#token=${token}`);
  await page.getByRole("navigation").first().waitFor();
}

/** Presses two keys that belong together, at once: the page does not wait long for the second one. */
export async function pressPair({ keyboard }: Page, first: string, second: string): Promise<void> {
  await Promise.all([keyboard.press(first), keyboard.press(second)]);
}

/** Elements that overflow the page sideways, unless something around them scrolls. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const width = document.documentElement.clientWidth;
    const clips = (element) => {
      for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== "visible") return true;
      }
      return false;
    };
    const wide = document.documentElement.scrollWidth > width ? ["the page is " + document.documentElement.scrollWidth + " px wide"] : [];
    const out = [...document.body.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && (box.right > width + 1 || box.left < -1) && !clips(element) && !element.matches(".hide, .hide *, .skip");
    });
    const over = [...document.querySelectorAll("main section, main article, main form, main .panel, main nav")]
      .filter((element) => getComputedStyle(element).overflowX === "visible" && element.scrollWidth > element.clientWidth + 1)
      .map((element) => "its content is " + element.scrollWidth + " px wide in " + element.clientWidth + ": " + element.outerHTML.slice(0, 120));
    const dialogues = [...document.querySelectorAll("dialog[open]")]
      .filter((dialog) => dialog.scrollWidth > dialog.clientWidth + 1)
      .map((dialog) => "the dialogue is " + dialog.scrollWidth + " px wide in " + dialog.clientWidth);
    return [...wide, ...dialogues, ...over.slice(0, 5), ...out.slice(0, 5).map((element) => element.outerHTML.slice(0, 160))];
  })()`);
}

/** Words in Latin letters that are no data of a box, no code and no key, as a page in Chinese shows them. */
export function latinWords(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent.closest("bdi, code, kbd, pre, .mono, [lang=en], script, noscript") !== null || parent.offsetParent === null) continue;
      found.push(...(node.textContent.match(/[A-Za-z]{3,}/g) ?? []));
    }
    return [...new Set(found)];
  })()`);
}
