import type { ComponentChildren } from "preact";

/** The heads of a table's columns. A hidden one is for screen readers alone. */
export function Heads({ names, hidden }: { names: readonly string[]; hidden?: string }) {
  return (
    <>
      {names.map((name) => (
        <th key={name} scope="col">
          {name}
        </th>
      ))}
      {hidden === undefined ? null : (
        <th scope="col">
          <span class="hide">{hidden}</span>
        </th>
      )}
    </>
  );
}

interface TableProps {
  label?: string;
  heads: readonly string[];
  /** The head of a last column, for screen readers alone. */
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
