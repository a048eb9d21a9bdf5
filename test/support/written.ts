import { AsyncLocalStorage } from "node:async_hooks";
import { KeySearch, LogSearch } from "./logged-keys.ts";

/** The output to the two streams of this process. */
class Written {
  readonly stdout: Uint8Array[] = [];
  readonly stderr: Uint8Array[] = [];
  /** Searches for keys in logged lines, even in those that are not shown. */
  readonly searches = { stdout: new LogSearch(), stderr: new KeySearch() };
}

const writers = new AsyncLocalStorage<Written>();

for (const name of ["stdout", "stderr"] as const) {
  const stream = process[name];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...others: never[]) => {
    const written = writers.getStore();
    if (written === undefined) return write(chunk, ...others);
    written.searches[name].add(chunk);
    written[name].push(Buffer.from(chunk as Uint8Array));
    return true;
  };
}

/** Does something, and gives what it writes to stdout and stderr instead of showing it, also after its end. */
export function writtenBy<Result>(act: () => Result): { result: Result; stdout(): string; stderr(): string } {
  const written = new Written();
  const result = writers.run(written, act);
  const text = (chunks: Uint8Array[]) => Buffer.concat(chunks).toString();
  return { result, stdout: () => text(written.stdout), stderr: () => text(written.stderr) };
}
