import type { Api } from "@gatepost/client";

/** A value of a report, as the reader of it sees it. */
export type KeptValue = Api["GET /v1/quarantine/{id}/values"]["answer"]["values"][number];

/** A value, or an object or list with its own. */
export type Node =
  | { name: string; path: string; value: KeptValue }
  | { name: string; path: string; isList: boolean; inner: Node[] };

export type Branch = Extract<Node, { inner: unknown }>;

/** The report as a tree: its values in their order, under their objects and lists. */
export function reportTree(values: readonly KeptValue[]): Branch {
  const root: Branch = { name: "", path: "", isList: false, inner: [] };
  for (const value of values) {
    const steps = stepsOf(value.path);
    let branch = root;
    for (const [at, step] of steps.entries()) {
      const path = `${branch.path}${step.text}`;
      const next = steps[at + 1];
      if (next === undefined) branch.inner.push({ name: step.name, path, value });
      else branch = branchIn(branch, { name: step.name, path, isList: next.isElement, inner: [] });
    }
  }
  if (root.inner.every(({ name }) => name.startsWith("[")) && root.inner.length > 0) root.isList = true;
  return root;
}

function branchIn(branch: Branch, made: Branch): Branch {
  const last = branch.inner.at(-1);
  if (last !== undefined && last.path === made.path && "inner" in last) return last;
  branch.inner.push(made);
  return made;
}

interface Step {
  name: string;
  isElement: boolean;
  /** As it is in the path, with its dot. */
  text: string;
}

const step = /\.?(?:([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])/g;

/** The steps of a path as `record.items[0]["a.b"]`. */
function stepsOf(path: string): Step[] {
  return [...path.matchAll(step)].map(([text, name, element, quoted]) => ({
    name: name ?? (element === undefined ? nameIn(quoted ?? "") : `[${element}]`),
    isElement: element !== undefined,
    text,
  }));
}

function nameIn(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

/** The values below a part of the tree. */
export const leavesUnder = (node: Node): KeptValue[] =>
  "value" in node ? [node.value] : node.inner.flatMap(leavesUnder);

/** The lists of objects: each of their elements may be a report. */
export const isListOfObjects = (node: Branch): boolean =>
  node.isList && node.inner.length > 0 && node.inner.every((one) => "inner" in one && !one.isList);
