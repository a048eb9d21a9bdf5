import type { ComponentChildren } from "preact";

/**
 * A sentence with marks: `**strong**`, `` `code` `` and `{name}` for a value. Values are put in after the
 * sentence is taken apart, so no text of a box is ever read as a mark.
 */
export function Say({ text, values = {} }: { text: string; values?: Record<string, ComponentChildren> }) {
  return <>{piecesOf(text).map((piece, at) => shown(piece, values, at))}</>;
}

const piecesOf = (text: string) => text.split(/(\*\*[^*]+\*\*|`[^`]+`|\{\w+\})/).filter((piece) => piece !== "");

function shown(piece: string, values: Record<string, ComponentChildren>, key: number): ComponentChildren {
  if (piece.startsWith("**")) {
    return (
      <b key={key}>
        <Say text={piece.slice(2, -2)} values={values} />
      </b>
    );
  }
  if (piece.startsWith("`")) {
    return (
      <code key={key} class="mono">
        {piece.slice(1, -1)}
      </code>
    );
  }
  return piece.startsWith("{") ? values[piece.slice(1, -1)] : piece;
}
