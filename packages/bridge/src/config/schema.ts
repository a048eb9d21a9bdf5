import { dayMs, hourMs, minuteMs, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { listenAt, se5Address } from "./addresses.ts";
import { peopleSchema } from "./people.ts";
import { terminalSchema } from "./terminal.ts";

const sizes: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const times: Record<string, number> = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs };

function quantity(units: Record<string, number>, example: string, least: number) {
  return z.string(`write it as ${example}`).transform((text, context) => {
    const [, number, unit = ""] = /^(\d{1,9})\s*([a-z]{1,2})$/i.exec(text.trim()) ?? [];
    const value = Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
    if (value >= least) return value;
    const message = Number.isNaN(value) ? `write it as ${example}` : `it is too small; write it as ${example}`;
    context.issues.push({ code: "custom", message, input: text });
    return z.NEVER;
  });
}

/** A number of bytes, as `4gb`. */
const size = (example: string, least = 1) => quantity(sizes, example, least);

/** A number of ms, as `14d`. */
const span = (example: string, least = 1000) => quantity(times, example, least);

const token = key(
  /^gpi_[\w-]{27,100}$/,
  "give the ingest key of this box, as gpi_…; `gatepost keys create --scope ingest --box NAME` makes one",
);
const readToken = key(/^gp[ra]_[\w-]{27,100}$/, "give a read key, as gpr_…");
const megabyte = 1024 ** 2;

/** A missing value and a wrong value have the same message. */
function key(pattern: RegExp, todo: string) {
  return z.string(todo).regex(pattern, todo);
}

const serialTodo = 'write the serials of terminals as texts, as ["CN1234567890"]';
const serial = z.string(serialTodo).regex(/^[\w.-]{1,32}$/, serialTodo);

const zoneTodo = "write the time zone as Asia/Shanghai";

function isZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
}

const boxTodo = "write each box as `- name: gate-1`, with its `token` in the next line";
const box = z
  .strictObject(
    {
      /** The name of the box in the cloud. */
      name: z
        .string("give the box its name in the cloud")
        .min(1, "give the box its name in the cloud")
        .max(64, "it is longer than a name in the cloud: 64 characters"),
      token,
      /** Absent for a box that posts to the relay. */
      se5: se5Address.exactOptional(),
      /** Absent for a terminal of another maker that only delivers by itself. */
      terminal: terminalSchema.exactOptional(),
      /** The serials of terminals of ZKTeco, which send no key to the relay. */
      serials: z.array(serial, serialTodo).min(1, serialTodo).max(50, "a box has at most 50 serials").exactOptional(),
      /** The time zone by which the relay has terminals set their clocks. Absent: the zone of this machine. */
      zone: z.string(zoneTodo).refine(isZone, zoneTodo).exactOptional(),
      /** Absent if no one is registered on it. */
      people: peopleSchema.exactOptional(),
    },
    boxTodo,
  )
  .refine(({ se5, terminal }) => se5 === undefined || terminal === undefined, {
    path: ["terminal"],
    error: "a box has either `se5` or `terminal`",
  });

const acting = z.strictObject(
  {
    /**
     * `automatic`: photos that a box asks for are accepted without a person if the box says that the faces are the
     * same.
     */
    mode: z.enum(["review", "automatic"], "write review or automatic").default("review"),
    token: key(
      /^gpr_[\w-]{27,100}$/,
      "give a read key that is limited to these boxes, as gpr_…; `gatepost keys create --scope read --box NAME` makes one",
    ),
  },
  "write `acting:` with `token: gpr_…` in the next line, or leave it out",
);

const spool = z.strictObject(
  {
    folder: z.string("name a folder").min(1, "name a folder").default("gatepost-bridge"),
    max_bytes: size("4gb", 128 * megabyte).default(4096 * megabyte),
    max_age: span("14d", 60_000).default(14 * dayMs),
  },
  "write `spool:` with `folder: …` in the next line, or leave it out",
);

const relay = z.strictObject(
  { listen: listenAt("0.0.0.0"), max_body: size("64mb").default(64 * megabyte) },
  "write `relay:` with `listen: 9528` in the next line, or leave it out",
);

const cloudTodo = "write the address of the cloud as https://gatepost.example";
const cloud = z.strictObject(
  {
    /** Keys and paths are written behind it: behind a question mark they would end up in logs. */
    url: z.url({ protocol: /^https?$/, error: cloudTodo }).regex(/^[^?#@]*$/, `${cloudTodo}, without ?, # and @`),
    /** Larger batches are split: on AWS a body of 6 MB is refused before Gatepost sees it. */
    max_body: size("5mb", 1024).default(5 * megabyte),
    /** For all boxes together. */
    bandwidth_per_second: size("2mb", 1024).exactOptional(),
    /** For `gatepost backfill`, which asks the cloud which events it has. */
    read_token: readToken.exactOptional(),
  },
  "write `cloud:` with `url: https://gatepost.example` in the next line",
);

/**
 * Values that no two boxes may share, as text; null if a box does not have them. If two boxes had one address, the
 * events of an SE5 would be doubled, and an order for one box would be reported as done at both. One platform may serve
 * many boxes.
 */
const ownFacts: readonly (readonly [
  key: keyof z.output<typeof box>,
  what: string,
  of: (one: z.output<typeof box>) => string | null,
])[] = [
  ["name", "name", ({ name }) => name],
  ["token", "token", ({ token }) => token],
  ["se5", "address", ({ se5 }) => (se5 === undefined ? null : `${se5.host}:${se5.livePort}`)],
  ["terminal", "address", ({ terminal }) => (terminal === undefined ? null : `${terminal.host}:${terminal.port}`)],
  [
    "people",
    "address and library",
    ({ people }) =>
      people === undefined || "sophonsight" in people ? null : `${people.host}:${people.port} ${people.library}`,
  ],
];

/** The schema of the bridge's YAML file. */
export const configSchema = z
  .strictObject(
    {
      cloud,
      spool: spool.prefault({}),
      relay: relay.exactOptional(),
      /** Absent if nothing is done on boxes. */
      acting: acting.exactOptional(),
      metrics: listenAt("127.0.0.1").prefault("127.0.0.1:9529"),
      boxes: z.array(box, `name the boxes under \`boxes:\`; ${boxTodo}`).min(1, "name one box at least").max(1000),
    },
    "write it as docs/bridge.md says",
  )
  .superRefine(({ boxes, relay: posted }, context) => {
    const posting = boxes.findIndex(({ terminal }) => terminal?.make === "uniview");
    if (posting < 0 || posted !== undefined) return;
    const message = "a terminal of Uniview posts to the relay; write `relay:` with `listen: 9528` in the next line";
    context.addIssue({ code: "custom", path: ["boxes", posting, "terminal"], message });
  })
  .superRefine(({ boxes, acting }, context) => {
    if (acting !== undefined && boxes.every(({ people }) => people === undefined)) {
      const message = "name `people` of one box at least, to act on; see docs/acting.md";
      context.addIssue({ code: "custom", path: ["acting"], message });
    }
    const serials = boxes.flatMap((one, index) => (one.serials ?? []).map((of) => ({ of, index })));
    for (const [at, { of, index }] of serials.entries()) {
      if (serials.findIndex((one) => one.of === of) === at) continue;
      const message = `two boxes have the serial ${of}; a terminal is one box`;
      context.addIssue({ code: "custom", path: ["boxes", index, "serials"], message });
    }
    for (const [key, what, facts] of ownFacts) {
      const seen = new Set<string>();
      for (const [index, one] of boxes.entries()) {
        const fact = facts(one);
        const message = `two boxes have this ${what}; each needs its own`;
        if (fact !== null && seen.has(fact)) context.addIssue({ code: "custom", path: ["boxes", index, key], message });
        if (fact !== null) seen.add(fact);
      }
    }
  });

export type BridgeConfig = z.output<typeof configSchema>;
export type BoxConfig = BridgeConfig["boxes"][number];
