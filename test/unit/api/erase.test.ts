import { beforeEach, describe, expect, it } from "vitest";
import { doJobs } from "../../support/memory/jobs.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

async function deliver(id: string, box = "gate-1", timestamp = noon): Promise<string> {
  const [outcome] = await deps.deliver(passing({ identity_id: id, timestamp }), { box });
  return outcome?.event?.id ?? "";
}

const erase = (path: string) => deps.ask(path, { method: "DELETE" });

describe("an event", () => {
  it("an event is erased once, and then not found", async () => {
    const id = await deliver("77");
    const answer = await erase(`/v1/events/${id}`);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect((await deps.ask(`/v1/events/${id}`)).status).toBe(404);
    expect((await erase(`/v1/events/${id}`)).status).toBe(404);
  });

  it("a read key cannot erase an event", async () => {
    const id = await deliver("77");
    const refused = await deps.ask(`/v1/events/${id}`, { method: "DELETE", token: deps.tokens.read });
    expect(refused.status).toBe(403);
    expect((await deps.ask(`/v1/events/${id}`)).status).toBe(200);
  });
});

describe("a person", () => {
  beforeEach(async () => {
    await deliver("77");
    await deliver("77", "gate-1", noon + 1);
    await deliver("77", "gate-2");
    await deliver("78");
  });

  it("a person is erased at one box, then at all", async () => {
    expect(await (await erase("/v1/people?id=77&box=gate-1")).json()).toMatchObject({ erased: 2 });
    expect(await (await erase("/v1/people?id=77&all=1")).json()).toMatchObject({ erased: 1 });
    expect(await (await erase("/v1/people?id=77&all=1")).json()).toMatchObject({ erased: 0 });
    expect(await (await deps.ask("/v1/events")).json()).toMatchObject({ events: [{ person: { id: "78" } }] });
  });

  it("the log does not name an erased person", async () => {
    await erase("/v1/people?id=77&all=1");
    const facts = expect.objectContaining({ events: 3, job: expect.stringMatching(/^job_/) });
    expect(deps.lines).toContainEqual({ level: "info", message: "person erased", facts });
    expect(JSON.stringify(deps.lines)).not.toContain(`"77"`);
  });

  it.each(["id=77", "id=77&box=gate-1&all=1", "all=1", "id=&all=1", "id=77&all=yes"])(
    "?%s is refused",
    async (query) => {
      expect((await erase(`/v1/people?${query}`)).status).toBe(400);
      expect(await (await deps.ask("/v1/events")).json()).toHaveProperty("events.length", 4);
    },
  );
});

describe("a repeated erasure of a person", () => {
  const jobs = async () => (await deps.deps.jobs.store.unended()).map(({ id }) => id);
  const jobOf = async (answer: Response) => ((await answer.json()) as { job: string }).job;
  const create = (person: string) =>
    deps.ask("/v1/jobs", { method: "POST", body: JSON.stringify({ kind: "erase", person, all: true }) });

  /** Erases while no slice of a job is done. */
  const failToErase = async (path: string) => {
    const { queue } = deps.deps.jobs;
    const { alone } = queue;
    queue.alone = () => Promise.reject(new Error("the disk does not answer"));
    expect((await erase(path)).status).toBe(503);
    queue.alone = alone;
  };

  it("continues the job that has not ended, which takes one place", async () => {
    for (let n = 0; n < 11; n++) await failToErase("/v1/people?id=77&all=1");
    const [job] = await jobs();
    expect(await jobs()).toHaveLength(1);
    await failToErase("/v1/people?id=77&box=gate-1");
    await failToErase("/v1/people?id=78&all=1");
    expect(await jobs()).toHaveLength(3);
    expect((await create("79")).status).toBe(202);
    expect(await jobOf(await erase("/v1/people?id=77&all=1"))).toBe(job);
    expect(await jobOf(await erase("/v1/people?id=77&all=1"))).not.toBe(job);
    expect(job).toMatch(/^job_[0-9a-f]{24}$/);
  });

  it("gets the same job at the same time, even if the list of jobs lags", async () => {
    deps.deps.jobs.store.unfinished = async () => [];
    const made = async () => Promise.all([1, 2, 3].map(async () => jobOf(await erase("/v1/people?id=77&all=1"))));
    const first = new Set(await made());
    const second = new Set(await made());
    expect([first.size, second.size, new Set([...first, ...second]).size]).toEqual([1, 1, 2]);
  });

  it("is refused without room for its job, unless it has one", async () => {
    await failToErase("/v1/people?id=77&all=1");
    for (let n = 0; n < 9; n++) expect((await create(`other ${n}`)).status).toBe(202);
    const refused = await erase("/v1/people?id=78&all=1");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await erase("/v1/people?id=77&all=1")).status).toBe(200);
  });

  it("begins another job once the first was stopped, which is answered 409", async () => {
    const { queue } = deps.deps.jobs;
    const { alone } = queue;
    queue.alone = async (id) => {
      await deps.ask(`/v1/jobs/${id}`, { method: "DELETE" });
      return false;
    };
    const stopped = await erase("/v1/people?id=77&all=1");
    queue.alone = alone;
    const detail = "the job was stopped; ask for it again: finished work is kept";
    expect([stopped.status, await stopped.json()]).toEqual([409, expect.objectContaining({ detail })]);
    expect((await erase("/v1/people?id=77&all=1")).status).toBe(200);
  });
});

describe("an erasure of a person whose process ends", () => {
  /** Ends the process after some calls of what an erasure writes. Returns a function that starts the next process. */
  const endAfter = (calls: number) => {
    const { deps: ports } = deps;
    const before = { eraser: ports.eraser, jobs: ports.jobs, audit: ports.audit };
    let left = calls;
    const dying = <Port extends object>(port: Port): Port =>
      new Proxy(port, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== "function") return member;
          return (...args: unknown[]) => {
            left -= 1;
            if (left < 0) throw new Error("the process has ended");
            return Reflect.apply(member, target, args);
          };
        },
      });
    ports.eraser = dying(before.eraser);
    ports.audit = dying(before.audit);
    ports.jobs = { ...before.jobs, store: dying(before.jobs.store), queue: dying(before.jobs.queue) };
    return () => {
      Object.assign(ports, before);
      return left >= 0;
    };
  };

  /** Erases a person by a process that ends after some calls, then by the next. */
  const eraseTwice = async (calls: number) => {
    const person = `person-${calls}`;
    for (let n = 0; n < 3; n++) await deliver(person, n === 0 ? "gate-2" : "gate-1", noon + n);
    const restart = endAfter(calls);
    const { status } = await erase(`/v1/people?id=${person}&all=1`);
    const isWhole = restart();
    expect(status).toBe(isWhole ? 200 : 503);
    await doJobs(deps.deps);
    return { isWhole, left: deps.ingest.events().filter((event) => event.person?.id === person) };
  };

  it("at any step continues in the next process, with a listed receipt", async () => {
    const jobs: string[] = [];
    const { store } = deps.deps.jobs;
    const { createOnce } = store;
    store.createOnce = async (job) => {
      jobs.push(job.id);
      return createOnce.call(store, job);
    };
    for (let calls = 0, isOver = false; !isOver; calls++) {
      const { isWhole, left } = await eraseTwice(calls);
      isOver = isWhole;
      expect(left).toHaveLength(jobs.length > 0 ? 0 : 3);
      expect(calls).toBeLessThan(100);
    }
    expect(jobs.length).toBeGreaterThan(10);
    for (const id of jobs) {
      const result = { erased: { events: 3 }, suppressed: true };
      expect(await (await deps.ask(`/v1/jobs/${id}`)).json()).toMatchObject({ state: "done", result });
    }
    const { erased } = (await (await deps.ask("/v1/people/erased?limit=500")).json()) as { erased: { job: string }[] };
    expect(erased).toEqual(erased.map(() => expect.objectContaining({ events: 3 })));
    // Of the first one the process ended before the audit log could say that it is stored.
    expect(erased.map(({ job }) => job)).toEqual(expect.arrayContaining(jobs.slice(1)));
  });

  it("is shown to administrators until it has ended", async () => {
    await deliver("77");
    const restart = endAfter(6);
    expect((await erase("/v1/people?id=77&all=1")).status).toBe(503);
    restart();
    const erasing = async () => ((await (await deps.ask("/v1/me")).json()) as { erasing: number }).erasing;
    expect(await erasing()).toBe(1);
    await doJobs(deps.deps);
    expect(await erasing()).toBe(0);
  });
});
