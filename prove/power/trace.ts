import { resolve, sep } from "node:path";
import type { Call, CallFacts } from "./calls.ts";

/** The system calls that change files or send data; `strace` records these. */
export const traced = [
  ...["openat", "close", "dup", "dup2", "dup3", "fcntl"],
  ...["write", "writev", "pwrite64", "pwritev", "pwritev2", "ftruncate", "truncate", "fallocate", "sendto", "sendmsg"],
  ...["fsync", "fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "link", "linkat", "symlink"],
  ...["unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "copy_file_range", "sendfile"],
];

interface Line {
  thread: string;
  at: number;
  name: string;
  args: string;
  /** The result of the call; null if it had not returned yet. */
  result: number | null;
}

interface OpenFile {
  path: string;
  isAppending: boolean;
  position: number;
}

const bytes = String.raw`((?:\\x[0-9a-f]{2})*)`;
const fileArgument = new RegExp(`^(\\d+)<${bytes}>`);
const clientArgument = /^\d+<TCP(?:v6)?:\[[^\]]*\]?:?\d*->.*?:(\d+)\]>/;
const quoted = new RegExp(`"${bytes}"`, "g");
const firstBytes = new RegExp(`"${bytes}`);
const answerLine = /^HTTP\/1\.1 (\d{3})/;

/**
 * Reads what `strace -f -ttt -yy -xx` has written, as far as it is about files below a folder and about answers. Throws for
 * an unknown call: a rig that overlooks a call proves nothing.
 */
export function readTrace(text: string, folder: string): Call[] {
  const reader = new TraceReader(folder);
  for (const line of text.split("\n")) reader.read(line);
  return reader.calls;
}

/** How many calls of each name the busiest thread of a trace made. */
export function countCalls(text: string): Map<string, number> {
  const calls = Map.groupBy(text.matchAll(/^(\d+) +[\d.]+ (\w+)\(/gm), ([, thread, name]) => `${thread} ${name}`);
  const counts = new Map<string, number>();
  for (const [call, made] of calls) {
    const name = call.split(" ")[1] ?? "";
    counts.set(name, Math.max(counts.get(name) ?? 0, made.length));
  }
  return counts;
}

class TraceReader {
  readonly calls: Call[] = [];
  readonly #folder: string;
  readonly #files = new Map<string, OpenFile>();
  readonly #unfinished = new Map<string, Line & { sync: number | null }>();
  #syncs = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(text: string): void {
    const [, thread = "", time = "", rest = ""] = /^(\d+) +(\d+\.\d+) (.*)$/s.exec(text) ?? [];
    if (rest === "" || rest.startsWith("+++") || rest.startsWith("---")) return;
    const at = Number(time) * 1000;
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest);
    if (resumed !== null) this.#resume({ thread, at }, resumed[1] ?? "");
    else this.#begin({ thread, at, ...callIn(rest) }, rest.endsWith("<unfinished ...>"));
  }

  #begin(line: Line, isUnfinished: boolean): void {
    const sync = this.#atBeginning(line);
    if (isUnfinished) this.#unfinished.set(line.thread, { ...line, sync });
    else this.#atEnd(line, sync);
  }

  /** A call that took a while counts from its end: calls meanwhile count as earlier ones. */
  #resume({ thread, at }: Pick<Line, "thread" | "at">, rest: string): void {
    const line = this.#unfinished.get(thread);
    this.#unfinished.delete(thread);
    if (line !== undefined) this.#atEnd({ ...line, at, result: resultIn(rest) }, line.sync);
  }

  /** Handles the effects that count from the beginning of a call. Returns the number of a sync. */
  #atBeginning({ at, name, args }: Line): number | null {
    const port = clientArgument.exec(args)?.[1];
    if (port !== undefined && /^(?:writev?|send)/.test(name)) {
      const status = answerLine.exec(decode(firstBytes.exec(args.slice(0, 400))?.[1]).toString("latin1"))?.[1];
      if (status !== undefined) this.calls.push({ at, kind: "answer", port: Number(port), status: Number(status) });
    }
    const path = this.#openPath(args);
    if (path === null || (name !== "fsync" && name !== "fdatasync")) return null;
    this.#syncs += 1;
    this.calls.push({ at, kind: "sync-begin", path, sync: this.#syncs, isDone: false });
    return this.#syncs;
  }

  #atEnd(line: Line, sync: number | null): void {
    const path = this.#openPath(line.args);
    if (sync !== null && path !== null) {
      this.calls.push({ at: line.at, kind: "sync-end", path, sync, isDone: line.result === 0 });
    } else if ((line.result ?? -1) >= 0) {
      for (const facts of this.#effects(line, path)) this.calls.push({ at: line.at, ...facts });
    }
  }

  #effects(line: Line, path: string | null): CallFacts[] {
    const { name, args } = line;
    if (name === "openat") return this.#open(line);
    if (name === "close") return this.#close(args);
    if (path !== null) return this.#onFile(line, path);
    const paths = quotedIn(args).map((one) => resolve(decode(one).toString()));
    if (!paths.some((one) => this.#isBelow(one))) return [];
    const [from = "", to = ""] = paths;
    if (name === "unlink" || (name === "unlinkat" && !args.includes("AT_REMOVEDIR")))
      return [{ kind: "unlink", path: from }];
    if (name === "rmdir" || name === "unlinkat") return [{ kind: "remove-folder", path: from }];
    if (name.startsWith("mkdir")) return [{ kind: "make-folder", path: from }];
    if (name.startsWith("rename")) return [{ kind: "rename", path: from, to }];
    throw new Error(`a call that the disk model does not know: ${name}(${args.slice(0, 200)}`);
  }

  #open({ args, result }: Line): CallFacts[] {
    const [encoded] = quotedIn(args);
    const path = resolve(decode(encoded).toString());
    if (!this.#isBelow(path)) return [];
    this.#files.set(String(result), { path, isAppending: args.includes("O_APPEND"), position: 0 });
    if (args.includes("O_TRUNC"))
      return [
        { kind: "create", path },
        { kind: "change", path, change: { size: 0 } },
      ];
    return args.includes("O_CREAT") ? [{ kind: "create", path }] : [];
  }

  #close(args: string): CallFacts[] {
    this.#files.delete(/^\d+/.exec(args)?.[0] ?? "");
    return [];
  }

  #onFile({ name, args, result }: Line, path: string): CallFacts[] {
    const numbers = [...args.matchAll(/, (\d+)(?=[,)]| <unfinished)/g)].map(([, number]) => Number(number));
    if (name === "ftruncate") return [{ kind: "change", path, change: { size: numbers[0] ?? 0 } }];
    if (name === "fcntl" || (name === "fallocate" && args.includes("KEEP_SIZE"))) return [];
    if (!/^p?write/.test(name)) throw new Error(`a call that the disk model does not know: ${name} of ${path}`);
    const offset = name.startsWith("p")
      ? (numbers.at(name === "pwritev2" ? -2 : -1) ?? 0)
      : this.#position(args, result);
    const data = Buffer.concat(quotedIn(args).map(decode));
    if (data.length < (result ?? 0)) throw new Error(`${name} of ${path}: the trace has only a part of it`);
    return [{ kind: "change", path, change: { offset, data: data.subarray(0, result ?? 0) } }];
  }

  /** The position of a write that names none; null is the end of the file. */
  #position(args: string, written: number | null): number | null {
    const file = this.#files.get(/^\d+/.exec(args)?.[0] ?? "");
    if (file === undefined || file.isAppending) return null;
    file.position += written ?? 0;
    return file.position - (written ?? 0);
  }

  /** The path of the file that a call is about, if it is below the folder. */
  #openPath(args: string): string | null {
    const encoded = fileArgument.exec(args)?.[2];
    const path = encoded === undefined || encoded === "" ? null : decode(encoded).toString();
    return path !== null && this.#isBelow(path) ? path : null;
  }

  #isBelow(path: string): boolean {
    return path.startsWith(this.#folder + sep) || path === this.#folder;
  }
}

function callIn(rest: string): Pick<Line, "name" | "args" | "result"> {
  const open = rest.indexOf("(");
  return { name: rest.slice(0, open), args: rest.slice(open + 1), result: resultIn(rest) };
}

function resultIn(text: string): number | null {
  const result = / = (-?\d+)(?:<.*>)?(?: [A-Z]+ \([^)]*\))?(?: \(.*\))?$/s.exec(text.slice(-600))?.[1];
  return result === undefined ? null : Number(result);
}

function quotedIn(args: string): string[] {
  return [...args.matchAll(quoted)].map(([, encoded = ""]) => encoded);
}

function decode(encoded = ""): Buffer {
  return Buffer.from(encoded.replaceAll("\\x", ""), "hex");
}
