import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { words } from "../words/index.ts";

const afterMs = 200;

/** Rows that stand for what is still loaded. What is there within 200 ms never shows them. */
export function Skeleton() {
  const isLate = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      isLate.value = true;
    }, afterMs);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate.value) return null;
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
