import { makeOf, piecesOfTable, readTable, zkteco } from "@gatepost/protocol/terminals";
import type { SentTable, TerminalForms } from "../decode/terminal-forms.ts";
import { mayHoldReport, readOfXml, readTerminalForm } from "./form.ts";
import { iclockRequest } from "./iclock.ts";
import { withoutTemplateText } from "./template-text.ts";

/** The forms of Hikvision, Dahua, Uniview and ZKTeco. */
export const terminalForms: TerminalForms = {
  makeOf,
  mayHold: mayHoldReport,
  readText: readOfXml,
  readForm: readTerminalForm,
  tableAt,
  withoutTemplates: withoutTemplateText,
};

/** The first bytes of an object and of a list, as quarantine keeps parts of a table. No line of a terminal begins so. */
const ofJson = new Set([0x5b, 0x7b]);

/** A body that a terminal of ZKTeco sent: text in lines, or a photo behind a NUL. */
function tableAt(path: string, bytes: Buffer): SentTable | null {
  const asked = iclockRequest(path.split("/").slice(1));
  if (asked === null || ofJson.has(bytes[0] ?? 0)) return null;
  return {
    make: zkteco,
    values: () => readTable(bytes, asked),
    pieces: (from, reports) => piecesOfTable(bytes, from, reports),
  };
}
