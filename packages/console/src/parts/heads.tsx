/** The heads of a table's columns. A hidden one is only for whoever does not see the table. */
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
