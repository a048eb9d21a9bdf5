import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds wrong with the page as it stands, each as a line. */
export async function axeFaults(page: Page): Promise<string[]> {
  // Run by the debugger, which no policy of a page holds back; the page itself could not load it.
  await page.evaluate(axe.source);
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
