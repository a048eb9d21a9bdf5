import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import * as z from "zod";

/*
 * Readers while boxes deliver, each kind in a separate program: their work must not delay the sender when it reads its
 * acknowledgements. `readers N` reads the live feed N times, `pager` pages through pictures.
 */
const [, , origin = "", token = "", who = "", count = "1"] = process.argv;

const page = z.object({
  events: z.array(z.object({ id: z.string(), pictures: z.record(z.string(), z.unknown()) })),
  next: z.string().nullable(),
});

async function connectReader(): Promise<void> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/live?token=${token}`, { perMessageDeflate: false });
  await once(socket, "open");
  socket.on("message", () => undefined);
  socket.send(JSON.stringify({ event_list: ["*"] }));
}

/** Reads page after page, and the pictures of each. */
async function keepPaging(): Promise<never> {
  const headers = { authorization: `Bearer ${token}` };
  const read = async (path: string) => {
    const answer = await fetch(origin + path, { headers });
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
    return answer;
  };
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
if (who === "readers") await Promise.all(Array.from({ length: Number(count) }, connectReader));
process.stdout.write(`${who} listening on ${origin}\n`);
if (who === "pager") await keepPaging();
