import type { Api } from "@gatepost/client";
import type { ComponentChildren } from "preact";
import { count, size } from "../format/number.ts";
import { words } from "../words/index.ts";
import { piecesOf } from "./folded.ts";

type Whole = Api["GET /v1/quarantine/{id}"]["answer"];

/** What a browser shows of a text without standing still. */
const maxShown = 200_000;

/** The body as text: pictures folded, and the place of the fault marked. */
export function Body({ record }: { record: Whole }) {
  const { problems: w } = words.value;
  const { body, bodyBase64, bodyLink, bytes } = record;
  if (bodyLink !== undefined) return <p class="quiet">{w.tooLarge(size(bytes))}</p>;
  if (bodyBase64 !== undefined || body === undefined) return <p class="quiet">{w.binary}</p>;
  const pieces = piecesOf(body);
  const shown = pieces.reduce((sum, piece) => sum + (typeof piece === "string" ? piece.length : 0), 0);
  // A body that was cut would seem to have been received so.
  if (shown > maxShown || record.isCut === true) return <p class="quiet">{w.tooLarge(size(bytes))}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keys.
    <pre class="code sideways" tabIndex={0}>
      {pieces.map((piece, at) =>
        typeof piece === "string" ? (
          <bdi key={`${at}`}>{piece}</bdi>
        ) : (
          <span key={`${at}`} class="fold">
            <bdi>{w.picture(piece.path, size(piece.bytes))}</bdi>
          </span>
        ),
      )}
      <FaultMark fault={record.fault} />
    </pre>
  );
}

function FaultMark({ fault }: { fault: Whole["fault"] }): ComponentChildren {
  const { problems: w } = words.value;
  if (fault === null || fault === undefined) return null;
  return <mark> {fault.byte === null ? w.breaksOffHere : w.breaksOff(count(fault.byte))} </mark>;
}
