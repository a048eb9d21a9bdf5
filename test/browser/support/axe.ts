import axe from "axe-core";
import type { Page } from "playwright-core";

/** The faults that axe finds on the page as it is, each as a line. */
export async function axeFaults(page: Page): Promise<string[]> {
  // Run by the debugger, which no policy of a page blocks; the page itself could not load it. It stays until a reload.
  if (await page.evaluate("window.axe === undefined")) await page.evaluate(axe.source);
  const found = await page.evaluate<{ id: string; help: string; nodes: { html: string; failureSummary: string }[] }[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)",
  );
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) =>
        `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary.replaceAll(/\s+/g, " ").slice(0, 300)}`,
    ),
  );
}
