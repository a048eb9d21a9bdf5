import type { JsonObject, Make } from "@gatepost/protocol";
import type { PartField } from "./form.ts";
import type { Line, Read, Readable } from "./json.ts";

/**
 * How bodies of other makers' terminals are read. It has no state, so a thread can have it, too. Without it, only reports
 * of SophonGate are read.
 */
export interface TerminalForms {
  /** The maker of the terminal that a value is from; null for any other value. */
  makeOf(value: JsonObject): Make | null;
  /** Whether a text or bytes may have a report. This is much cheaper than reading it. */
  mayHold(sent: string | Buffer): boolean;
  /** The report in a text that is not JSON; null for any other text. */
  readText(text: string): Readable | null;
  /** The reports in a form; null for any other form. */
  readForm(fields: readonly PartField[]): Read | Line[] | null;
  /** The lines of a body that was posted to a path of terminals; null for any other body or path. */
  tableAt(path: string, bytes: Buffer): SentTable | null;
  /** A body that is kept as it was sent, without templates of faces and fingers. */
  withoutTemplates(bytes: Buffer): Buffer;
}

/** A body with a report on each line. */
export interface SentTable {
  make: Make;
  values(): JsonObject[] | { unreadable: string };
  /** Some lines at a time, from a byte of the body on, and where the next ones begin. */
  pieces(from?: number, reports?: number): Iterable<{ body: Buffer; reports: number; to: number }>;
}
