import { addressOf } from "../../state/address.ts";
import { address, query } from "../../state/route.ts";

interface TabsProps<Name extends string> {
  label: string;
  parameterName: string;
  /** A count is null until it is known. */
  tabs: readonly (readonly [name: Name, label: string, count?: number | string | null | undefined])[];
  chosen: Name;
  /** The one that is shown if the address names none. */
  first: Name;
}

/** Parts of a page, each with an address. */
export function Tabs<Name extends string>({ label, parameterName, tabs, chosen, first }: TabsProps<Name>) {
  const { [parameterName]: _, ...rest } = query.value;
  return (
    <nav class="tabs sideways" aria-label={label}>
      {tabs.map(([name, text, count]) => (
        <a
          key={name}
          href={addressOf(address.value.page, null, name === first ? rest : { ...rest, [parameterName]: [name] })}
          aria-current={name === chosen ? "page" : undefined}
        >
          {text} {count === undefined ? null : <span class="quiet">{count ?? "…"}</span>}
        </a>
      ))}
    </nav>
  );
}
