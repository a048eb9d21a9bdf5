import type { Page } from "playwright-core";

const shown = `(() => {
  const nodes = document.createTreeWalker(document);
  let count = 1;
  while (nodes.nextNode() !== null) count++;
  return count;
})()`;

/** Nodes that are in memory and in no page any more: the rest of pages that were left. */
export async function keptNodes(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  for (let turn = 0; turn < 3; turn++) await devtools.send("HeapProfiler.collectGarbage");
  const { nodes } = await devtools.send("Memory.getDOMCounters");
  await devtools.detach();
  return nodes - (await page.evaluate<number>(shown));
}
