import type { Encoding } from "./bodies/encode.ts";
import type { Switches } from "./passing.ts";

/** What a box can be set to through its configuration interface. docs/formats.md §3. */
export interface Settings {
  realtimeUrls: URL[];
  realtimeEncoding: Encoding;
  historyUrls: URL[];
  historyEncoding: Encoding;
  monitorUrls: URL[];
  /** Which pictures history carries. */
  history: Switches;
  realtimeNeedsRegistered: boolean;
  /** Whether real-time reports have the face, if the firmware has this switch. */
  realtimeNeedsFace: boolean;
}

export function factorySettings(): Settings {
  return {
    realtimeUrls: [],
    realtimeEncoding: "json",
    historyUrls: [],
    historyEncoding: "json",
    monitorUrls: [],
    history: { registered: true, scene: true, face: true },
    realtimeNeedsRegistered: true,
    realtimeNeedsFace: false,
  };
}
