import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const runtime = fileURLToPath(new URL("lambda-runtime.ts", import.meta.url));
const quickScrypt = fileURLToPath(new URL("../../support/quick-scrypt.ts", import.meta.url));

/** Most environments of one function. Further invocations wait, although Lambda would start more. */
const maxEnvironments = 3;

export interface LambdaOptions {
  name: string;
  /** As "bundle.handler". */
  handler: string;
  /** The folder of its unpacked archive. */
  folder: string;
  /** The folder of Node's compile cache; without it, each process compiles anew. */
  compiled?: string;
  /** Seconds. */
  timeout: number;
  environment: Record<string, string>;
  /** ms by which its clock is ahead. */
  aheadMs?(): number;
  log(line: string): void;
  /** Gets the process of each invocation as it begins. */
  invoking?(process: ChildProcess): void;
}

export class TimedOut extends Error {}

/** One process of a function. */
interface Environment {
  child: ChildProcess;
  /** Rejects when the process ends, whyever. */
  ended: Promise<never>;
}

/** A function, run in separate processes from its unpacked archive. */
export class Lambda {
  readonly #options: LambdaOptions;
  readonly #idle: Environment[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #waiting: ((environment: Promise<Environment>) => void)[] = [];

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  /** Its result. Throws TimedOut after its time, and an Error if the handler throws. */
  async invoke(event: unknown): Promise<unknown> {
    const environment = await this.#take();
    const { child, ended } = environment;
    const timeout = this.#options.timeout * 1000;
    const late = setTimeout(() => child.kill("SIGKILL"), timeout);
    try {
      const answered = once(child, "message");
      // What a process that has just ended cannot be sent is told by its end.
      const aheadMs = this.#options.aheadMs?.() ?? 0;
      const deadline = Date.now() + aheadMs + timeout;
      child.send({ event, deadline, requestId: randomUUID(), aheadMs }, () => {});
      this.#options.invoking?.(child);
      const [{ result, error }] = await Promise.race([answered, ended]);
      if (error !== undefined) throw new Error(error);
      return result;
    } finally {
      clearTimeout(late);
      this.#giveBack(environment);
    }
  }

  async close(): Promise<void> {
    for (const child of this.#all) {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    }
  }

  #take(): Promise<Environment> {
    const idle = this.#idle.splice(0).filter((environment) => this.#isAlive(environment));
    const taken = idle.pop();
    this.#idle.push(...idle);
    if (taken !== undefined) return Promise.resolve(taken);
    if (this.#all.size < maxEnvironments) return this.#start();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(environment: Environment): void {
    // A waiting invocation gets another environment once this one has ended.
    if (!this.#isAlive(environment)) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(environment);
    else next(Promise.resolve(environment));
  }

  /** A process that has ended is still connected for a moment, and one that is not any more has not ended for one. */
  #isAlive({ child }: Environment): boolean {
    return child.connected && this.#all.has(child);
  }

  async #start(): Promise<Environment> {
    const child = this.#fork();
    this.#all.add(child);
    const ended = endOf(child);
    // A caller that awaits it gets the error; an idle one may end without a listener.
    ended.catch(() => {
      this.#all.delete(child);
      this.#waiting.shift()?.(this.#start());
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => this.#options.log(`${chunk}`));
    }
    await Promise.race([once(child, "message"), ended]);
    return { child, ended };
  }

  #fork(): ChildProcess {
    const { folder, compiled, handler, name, environment } = this.#options;
    const exported = extname(handler);
    const file = join(folder, `${handler.slice(0, -exported.length)}.mjs`);
    const readable = [folder, runtime, quickScrypt].map((path) => `--allow-fs-read=${path}`);
    const cached = compiled === undefined ? [] : [`--allow-fs-read=${compiled}`, `--allow-fs-write=${compiled}`];
    return fork(runtime, [file, exported.slice(1)], {
      cwd: folder,
      execArgv: ["--permission", ...readable, ...cached],
      env: {
        ...environment,
        AWS_LAMBDA_FUNCTION_NAME: name,
        LAMBDA_TASK_ROOT: folder,
        TZ: ":UTC",
        ...(compiled !== undefined && { NODE_COMPILE_CACHE: compiled }),
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
  }
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, "exit");
  if (signal === "SIGKILL") throw new TimedOut("the function took longer than it may");
  throw new Error(`the environment ended with ${code ?? signal}`);
}
