import type { ComponentChildren } from "preact";

/** A head by which the rows can be sorted. */
export interface SortHead {
  name: string;
  /** How the rows are sorted by it; null if they are sorted by another one. */
  sorted: "ascending" | "descending" | null;
  onSort(): void;
}

/** The heads of a table's columns. A hidden one is for screen readers alone. */
export function Heads({ names, hidden }: { names: readonly (string | SortHead)[]; hidden?: string }) {
  return (
    <>
      {names.map((head) =>
        typeof head === "string" ? <Plain key={head} name={head} /> : <Sort key={head.name} of={head} />,
      )}
      {hidden === undefined ? null : (
        <th scope="col">
          <span class="hide">{hidden}</span>
        </th>
      )}
    </>
  );
}

function Plain({ name }: { name: string }) {
  return <th scope="col">{name}</th>;
}

function Sort({ of: { name, sorted, onSort } }: { of: SortHead }) {
  return (
    <th scope="col" aria-sort={sorted ?? undefined}>
      <button type="button" class="sort" onClick={onSort}>
        {name} <span aria-hidden="true">{sorted === null ? "" : sorted === "ascending" ? "↑" : "↓"}</span>
      </button>
    </th>
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
