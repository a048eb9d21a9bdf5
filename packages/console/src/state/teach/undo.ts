import { teachWords } from "../../words/teach.ts";
import { say } from "../notice.ts";
import { gatepost } from "../session.ts";

/** Removes a mapping, erases the events of its replays, and puts their reports back. Says how many there were. */
export async function undoTaught(id: string): Promise<void> {
  const undone = { events: 0, records: 0 };
  for (let isDone = false; !isDone; ) {
    const part = await gatepost().ask("POST /v1/mappings/{id}/undo", { path: { id } });
    undone.events += part.events;
    undone.records += part.records;
    isDone = part.isDone;
  }
  say(teachWords.value.undone(undone.events, undone.records));
}
