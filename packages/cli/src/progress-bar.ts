import type { Progress } from "./jobs/wait.ts";

const width = 30;

/** A bar on stderr that shows progress, if that is a terminal; else it does nothing. */
export class ProgressBar implements Disposable {
  readonly #stream: { isTTY?: boolean; write(text: string): unknown };
  readonly #what: string;
  #isShown = false;

  constructor(what: string, stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr) {
    this.#what = what;
    this.#stream = stream;
  }

  show({ done, of }: Progress): void {
    if (this.#stream.isTTY !== true) return;
    this.#isShown = true;
    const filled = of === 0 ? 0 : Math.round((width * Math.min(done, of)) / of);
    const bar = "#".repeat(filled) + "-".repeat(width - filled);
    this.#stream.write(`\r\u001B[2K${this.#what} [${bar}] ${done} of ${of}`);
  }

  /** Leaves the line as if nothing had been there. */
  [Symbol.dispose](): void {
    if (this.#isShown) this.#stream.write("\r\u001B[2K");
  }
}

/** All pages of a list of the API, from the first on. `ask` gets the cursor of the page; undefined for the first. */
export async function* pagesOf<Page extends { next: string | null }>(
  ask: (cursor: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  for (let cursor: string | undefined; ; ) {
    const page = await ask(cursor);
    yield page;
    if (page.next === null) return;
    cursor = page.next;
  }
}
