import type { ComponentChildren } from "preact";
import { Heads } from "./heads.tsx";

interface TableProps {
  label?: string;
  heads: readonly string[];
  /** The head of a last column that is only for whoever does not see the table. */
  hidden?: string;
  children: ComponentChildren;
}

/** A table that is short enough to be painted whole. Its children are its rows. */
export function Table({ label, heads, hidden, children }: TableProps) {
  return (
    <table class="rows plain" aria-label={label}>
      <thead>
        <tr>
          <Heads names={heads} {...(hidden === undefined ? {} : { hidden })} />
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
