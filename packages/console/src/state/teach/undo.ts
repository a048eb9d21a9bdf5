import { teachWords } from "../../words/teach.ts";
import { say } from "../notice.ts";
import { gatepost } from "../session.ts";

/** ms between two looks at an undo that goes on. */
const pauseMs = 1000;

/** Removes a mapping, erases the events of its replays, and puts their reports back. Says how many there were. */
export async function undoTaught(id: string): Promise<void> {
  for (;;) {
    const undone = await gatepost().ask("POST /v1/mappings/{id}/undo", { path: { id } });
    if (undone.isDone) return say(teachWords.value.undone(undone.events, undone.records, staying(undone)));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** How many events an undo leaves. */
function staying({ stay }: { stay: { gone: number; joined: number } }): number {
  return stay.gone + stay.joined;
}
