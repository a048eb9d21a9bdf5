/*
 * Lists who passed, as the console does: node query.ts [FILTER=VALUE…], for example box=gate-1 type=stranger type=vip
 * In the environment: GATEPOST_URL, and GATEPOST_TOKEN, a key of scope read. The same in Python is ../python/events.py.
 */
import { client, Refusal } from "@gatepost/client";

const { GATEPOST_URL: url = "http://127.0.0.1:9528", GATEPOST_TOKEN: token = "" } = process.env;
const gatepost = client({ url, token });

// Nobody reads on, as `head`.
process.stdout.on("error", () => process.exit());

const filter: Record<string, string[]> = {};
for (const argument of process.argv.slice(2)) {
  const [name = "", ...value] = argument.split("=");
  filter[name] = [...(filter[name] ?? []), value.join("=")];
}

/** All events that the filter finds, newest first, page after page. */
async function* pages() {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await gatepost.events({ ...filter, limit: 200, ...(cursor && { cursor }) });
    yield* page.events;
    cursor = page.next;
  }
}

try {
  for await (const { time, box, person } of pages())
    process.stdout.write(`${[time, box.id, person.type, person.id ?? "-", person.name ?? "-"].join("\t")}\n`);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  // What is wrong with a filter is said by its name.
  process.stderr.write(`${error.status}: ${error.message}\n`);
  process.exitCode = 1;
}
