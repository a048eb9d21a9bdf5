import type { BoxZones } from "@gatepost/core/boxes";
import { GatepostError } from "@gatepost/core/errors";
import type { AuthRateLimiter, Key, KeyStore } from "@gatepost/core/keys";
import type { EnrolledNames, UnknownTerminals } from "@gatepost/core/terminals";
import { LocalTimes } from "@gatepost/protocol";
import { isAtDoor } from "@gatepost/protocol/terminals";
import type { Asking, RequestHead } from "../deliver/request.ts";
import type { Terminals } from "../ports.ts";
import { answerToQuestion, answerToTable, answerWithoutKey, keepAliveAnswer, notTakenAnswer } from "./answers.ts";
import { terminalForms } from "./forms.ts";
import { type IclockRequest, iclockQuestion, iclockRequest, keptPath, noSerial, segmentsOf } from "./iclock.ts";

interface KeyDeps {
  keys: Pick<KeyStore, "ofSerial">;
  authRateLimiter: AuthRateLimiter;
  unknownTerminals: Pick<UnknownTerminals, "note">;
}

interface Deps extends KeyDeps {
  /** The names of people at terminals that send them apart from passings. */
  enrolled: Pick<EnrolledNames, "put" | "of">;
  zones: Pick<BoxZones, "of">;
}

/** The terminals of Hikvision, Dahua, Uniview and ZKTeco, for a receiver. */
export function terminals(deps: Deps): Terminals {
  return {
    forms: terminalForms,
    segmentsOf,
    keptPath,
    keyless: answerWithoutKey,
    keyOf: (request) => keyOfSerial(request, deps),
    question: (asking) => questionOf(asking, deps),
    answerTo: answerToTable,
    refusal: notTakenAnswer,
    enrol: (box, person) => deps.enrolled.put(box, person),
    nameOf: (box, { terminal, person }) => deps.enrolled.of(box, terminal, person),
  };
}

/**
 * The key of a terminal of ZKTeco, which has none in its path: its serial decides, and one that no live key lists is
 * noted. Null for any other request. Throws 401 without a live key, and 429 after too many tries from one address.
 */
export async function keyOfSerial({ segments, address }: RequestHead, deps: KeyDeps): Promise<Key | null> {
  const terminal = iclockRequest(segments);
  if (terminal === null) return null;
  const key = await deps.keys.ofSerial(terminal.serial);
  if (key !== null) return key;
  deps.authRateLimiter.fail(address);
  if (terminal.serial !== noSerial) await deps.unknownTerminals.note(terminal.serial, address);
  throw new GatepostError("unauthorized", `no live key lists the serial ${terminal.serial}`);
}

function questionOf(asking: Asking, deps: Deps): ReturnType<Terminals["question"]> {
  const asked = iclockQuestion(asking);
  if (asked === null) {
    const alive = keepAliveAnswer({ method: asking.method, segments: asking.path });
    return alive && (async () => alive);
  }
  return async (box, now) => {
    const zone = new LocalTimes(await deps.zones.of(box)).minutesAt(now);
    return answerToQuestion(asked, { now, zone, isRegistered: await isRegistered(asked, box, deps) });
  };
}

/** Whether a terminal at a door has registered. The registration is kept like the name of a person without a number. */
async function isRegistered({ action, table, serial }: IclockRequest, box: string, { enrolled }: Deps) {
  if (action === "registry") await enrolled.put(box, { terminal: serial, person: "", name: "registered" });
  else if (!isAtDoor(table)) return false;
  return action === "registry" || (await enrolled.of(box, serial, "")) !== null;
}
