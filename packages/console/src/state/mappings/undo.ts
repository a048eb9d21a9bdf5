import type { JobResult } from "@gatepost/client";
import { teachWords } from "../../words/teach.ts";
import { inLanguageOrAsIs } from "../failure.ts";
import { followJob } from "../jobs.ts";
import { say } from "../notice.ts";
import { gatepost } from "../session.ts";

/** Removes a mapping, erases the events of its replays, and puts their reports back. Says how many there were. */
export async function undoTaught(id: string): Promise<void> {
  const asked = await gatepost().ask("POST /v1/mappings/{id}/undo", { path: { id } });
  const job = await gatepost().ask("GET /v1/jobs/{id}", { path: { id: asked.job } });
  const ended = await followJob(`undo ${id}`, job);
  if (ended === null) return;
  if (ended.state !== "done") return say(inLanguageOrAsIs(ended.reason ?? "the job was stopped"));
  const { events, records, stay } = ended.result as JobResult<"stay">;
  say(teachWords.value.undone(events, records, stay.gone + stay.joined));
}
