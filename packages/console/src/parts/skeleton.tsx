import { words } from "../words/index.ts";
import { useLate } from "./late.ts";

/** Rows that stand for what is still loaded. What is there within 200 ms never shows them. */
export function Skeleton() {
  if (!useLate()) return null;
  return (
    <>
      <p class="hide" role="status">
        {words.value.events.loading}
      </p>
      <table class="rows" aria-hidden="true">
        <tbody>
          {Array.from({ length: 12 }, (_, row) => (
            <Row key={row} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Row() {
  return (
    <tr>
      <td class="t">
        <span class="bone l" />
      </td>
      <td class="f">
        <span class="faces">
          <span class="pic bone" />
          <span class="pic bone" />
        </span>
      </td>
      <td class="who">
        <span class="bone l" />
        <span class="bone m" />
      </td>
      <td class="opt">
        <span class="bone l" />
      </td>
      <td class="opt">
        <span class="bone m" />
      </td>
      <td class="opt">
        <span class="bone m" />
      </td>
    </tr>
  );
}
