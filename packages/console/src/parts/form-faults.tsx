import { useSignal } from "@preact/signals";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type Failure, type Fault, failureOf, faultsOf } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { Said } from "./text.tsx";

/** Why a form was refused, and which of its members have a field that says so itself. */
interface FaultsOfForm {
  faults: readonly Fault[];
  shown: Set<string>;
}

const Faults = createContext<FaultsOfForm>({ faults: [], shown: new Set() });

/**
 * The fields of a form that may be refused. A field says under itself what is wrong with it (`useFault`); the rest is said
 * below the fields.
 */
export function FormFaults({ of: failure, children }: { of: Failure | null; children: ComponentChildren }) {
  const { current: shown } = useRef(new Set<string>());
  return (
    <Faults.Provider value={{ faults: failure === null ? [] : faultsOf(failure), shown }}>
      {children}
      {failure === null ? null : <Rest of={failure} />}
    </Faults.Provider>
  );
}

/** It is painted after the fields, which have named themselves by then. */
function Rest({ of: failure }: { of: Failure }) {
  const { faults, shown } = useContext(Faults);
  if (faults.every(({ members }) => members.some((member) => shown.has(member)))) return null;
  return (
    <p class="note bad" role="alert">
      <Said of={failure} />
    </p>
  );
}

/** The first refused member that has a field; undefined if none has. */
export const firstRefused = (faults: readonly Fault[], shown: ReadonlySet<string>): string | undefined =>
  faults.flatMap(({ members }) => members).find((member) => shown.has(member));

/** Why the value of a field was refused; null if it was not. The first such field gets the focus: one reason may be of two. */
export function useFault(member: string | undefined, field: { current: HTMLElement | null }): string | null {
  const { faults, shown } = useContext(Faults);
  if (member !== undefined) shown.add(member);
  useEffect(() => () => void (member !== undefined && shown.delete(member)), [member]);
  const mine = faults.find(({ members }) => member !== undefined && members.includes(member)) ?? null;
  const isFirst = member !== undefined && member === firstRefused(faults, shown);
  useLayoutEffect(() => {
    if (isFirst) field.current?.focus();
  }, [isFirst, mine?.text]);
  return mine?.text ?? null;
}

/** The text of a refusal under its field. */
export function FieldFault({ id, text }: { id: string; text: string | null }) {
  return text === null ? null : (
    <span class="fault" id={id} role="alert">
      <bdi>{text}</bdi>
    </span>
  );
}

/** Sends what a form asks for, once at a time. `fault` is why it was not taken. */
export function useSending<Given extends unknown[]>(act: (...given: Given) => Promise<unknown>) {
  const fault = useSignal<Failure | null>(null);
  const send = useOnce(async (...given: Given) => {
    fault.value = null;
    try {
      await act(...given);
    } catch (error) {
      fault.value = failureOf(error);
    }
  });
  return { fault, send };
}
