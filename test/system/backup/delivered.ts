import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../support/client.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { jpeg, sha256 } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { serve } from "../cli/support.ts";

/** A unique passing, with a picture of some 60 KB. */
export function passing(number: number) {
  const face = Buffer.concat([jpeg(`face ${number}`), Buffer.alloc(60_000, number)]);
  return {
    face: sha256(face),
    body: history(
      { timestamp: noon + number * 1000, identity_id: `person ${number}` },
      { recognize_face: face.toString("base64") },
    ),
  };
}

/** Reports that are sent as fast as they are answered; later ones leave time for the tested work. */
const hurried = 30;

type Closers = ReturnType<typeof openedByTests>["closers"];

type Starting = (data: string) => Promise<{ url: string; admin: string; stop(): Promise<void> }>;

/** A server on a new folder, and senders that do not stop. */
export async function underLoad(closers: Closers, starting: Starting = startGatepost) {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const data = join(folder.path, "data");
  const server = await starting(data);
  closers.push(() => server.stop());
  const client = new Client(server);
  const { token } = await client.createKey("gate-1");
  const acknowledged: string[] = [];
  let number = 0;
  let isOver = false;
  const send = async () => {
    const box = new Box(server.url, token);
    while (!isOver) {
      const { face, body } = passing(number++);
      if ((await box.post("/HistoryEvent", body)).status === 200) acknowledged.push(face);
      if (number > hurried) await sleep(50);
    }
  };
  const senders = [send(), send(), send()];
  const end = async () => {
    isOver = true;
    await Promise.all(senders);
  };
  closers.push(end);
  await expect.poll(() => acknowledged.length).toBeGreaterThan(hurried);
  return { folder: folder.path, data, server, token, acknowledged, end };
}

/** The folder of a server that may run in the same process. */
export async function delivered(closers: Closers) {
  const { end, ...made } = await underLoad(closers, serve);
  await end();
  return made;
}

/** The faces of the events of a data folder, each compared with its bytes. */
export async function facesIn(data: string): Promise<string[]> {
  const server = await serve(data);
  try {
    const client = new Client(server);
    const events = await client.events();
    const faces = await Promise.all(events.map(async (event) => sha256(await client.picture(event, "face"))));
    expect(faces).toEqual(events.map((event) => event.pictures.face?.sha256));
    return faces;
  } finally {
    await server.stop();
  }
}
