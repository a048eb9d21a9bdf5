import { forward } from "./gate.ts";
import { type Listening, listen } from "./listen.ts";

/** The address of a running moto server (PyPI `moto[server]`), if the contract tests must run against it. */
export const motoUrl = process.env["GATEPOST_MOTO_URL"] ?? null;

/** Why moto cannot be used, or null. */
export async function missingForMoto(url: string): Promise<string | null> {
  try {
    const { ok } = await fetch(new URL("/moto-api/data.json", url));
    return ok ? null : "what answers at GATEPOST_MOTO_URL is no moto server";
  } catch {
    return "no moto server answers at GATEPOST_MOTO_URL";
  }
}

/** Lets one request at a time through: moto answers in threads and checks a condition apart from the write it guards. */
export function oneAtATime(upstream: string): Promise<Listening> {
  let turn: Promise<unknown> = Promise.resolve();
  return listen((incoming, outgoing) => {
    const last = turn;
    turn = new Promise((done) => outgoing.once("close", done));
    void last.then(() => forward(upstream, incoming, outgoing));
  });
}
