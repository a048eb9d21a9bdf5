import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";

/*
 * Readers while boxes deliver, each kind in a separate program: their work must not delay the sender when it reads its
 * acknowledgements. `readers N` follows the feed of changes N times, `pager` pages through pictures.
 */
const [, , origin = "", token = "", who = "", count = "1"] = process.argv;

const page = z.object({
  events: z.array(z.object({ id: z.string(), pictures: z.record(z.string(), z.unknown()) })),
  next: z.string().nullable(),
});
const feedPage = z.object({ next: z.string() });

async function read(path: string): Promise<Response> {
  const answer = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
  return answer;
}

const readFeed = async (after: string) =>
  feedPage.parse(await (await read(`/v1/events?order=received&wait=20&after=${encodeURIComponent(after)}`)).json());

/** Follows the feed of changes without an end. */
async function keepFollowing(begin: string): Promise<never> {
  for (let after = begin; ; ) after = (await readFeed(after)).next;
}

/** Reads page after page, and the pictures of each. */
async function keepPaging(): Promise<never> {
  for (let cursor = ""; ; ) {
    const { events, next } = page.parse(await (await read(`/v1/events?limit=50${cursor}`)).json());
    for (const { id, pictures } of events) {
      for (const kind of Object.keys(pictures)) await (await read(`/v1/events/${id}/pictures/${kind}`)).arrayBuffer();
    }
    cursor = next === null ? "" : `&cursor=${encodeURIComponent(next)}`;
    await sleep(50);
  }
}

process.on("SIGTERM", () => process.exit());
if (who === "readers") {
  const { next } = await readFeed("end");
  for (let n = 0; n < Number(count); n++) void keepFollowing(next);
}
process.stdout.write(`${who} listening on ${origin}\n`);
if (who === "pager") await keepPaging();
