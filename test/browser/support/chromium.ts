import { spawnSync } from "node:child_process";
import { type Browser, chromium } from "playwright-core";
import { describe } from "vitest";

/** Debian's name first; then the names of other systems. */
const names = ["chromium", "chromium-browser", "google-chrome"];

/** The same browser without its own windows, which take half of the processor's time. It shows no notifications. */
const withoutWindows = "chromium-headless-shell";

const isInstalled = (name: string) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;
const complete = names.find(isInstalled);
const usual = isInstalled(withoutWindows) ? withoutWindows : complete;

/** Why no browser test can run here, or null. If everything is required (as in CI), a missing browser is a failure. */
export const missingChromium =
  complete === undefined && process.env["GATEPOST_REQUIRE_ALL"] !== "1" ? "Chromium is not installed" : null;

if (missingChromium !== null) process.stdout.write(`skipped: ${missingChromium}\n`);

/** Tests in Chromium. Without it they are skipped. */
export const inChromium = describe.skipIf(missingChromium !== null);

/**
 * Opens a browser. Root may not sandbox it; what it is shown is ours.
 *
 * @param letters px of letters of the usual size, as its settings have them
 * @param notifies whether notifications can be shown
 */
export function openChromium({ letters = 16, notifies = false } = {}): Promise<Browser> {
  const found = notifies ? complete : usual;
  if (found === undefined) throw new Error("Chromium is not installed: apt-get install chromium");
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const drawn = ["--font-render-hinting=none", `--blink-settings=defaultFontSize=${letters}`];
  // Without a sound device, a tone could keep the browser waiting.
  const args = [...sandbox, ...drawn, "--disable-gpu", "--disable-dev-shm-usage", "--disable-audio-output"];
  return chromium.launch({ executablePath: pathOf(found), args });
}

function pathOf(name: string): string {
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}
