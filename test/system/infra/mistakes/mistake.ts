import type { Graph, Stages } from "../stages.ts";
import { all, one } from "../stages.ts";

/** A possible mistake in the stacks, and the check that must find it. */
export interface Mistake {
  mistake: string;
  caughtBy: string;
  make(stages: Stages): void;
}

type Inputs = Record<string, unknown>;

/** Changes the inputs of one resource in each stage that has it. A development stage has no alarms. */
export function changing(type: string, name: string, change: (inputs: Inputs) => void): Mistake["make"] {
  return ({ test, production }) => {
    for (const { inputs } of [one(production, type, name), ...all(test, type).filter((found) => found.name === name)])
      change(inputs);
  };
}

/** Changes the inputs of every resource of a type in both stages. */
export function changingAll(type: string, change: (inputs: Inputs) => void): Mistake["make"] {
  return ({ test, production }) => {
    for (const graph of [test, production]) for (const { inputs } of all(graph, type)) change(inputs);
  };
}

/** Leaves out one resource, or every one of a type. */
export function leavingOut(type: string, name?: string): Mistake["make"] {
  const isLeft = (resource: Graph["resources"][number]) =>
    resource.type !== `aws:${type}` || (name !== undefined && resource.name !== name);
  return ({ test, production }) => {
    for (const graph of [test, production]) graph.resources = graph.resources.filter(isLeft);
  };
}

/** Adds a resource to both stages. */
export function adding(type: string, name: string): Mistake["make"] {
  return ({ test, production }) => {
    for (const { resources } of [test, production])
      resources.push({ type: `aws:${type}`, name, inputs: {}, parent: null, retainOnDelete: false });
  };
}

/** Replaces text in a member of a resource, wherever it is in it. Fails if it is not. */
export function replacing(type: string, name: string, from: string, to: string): Mistake["make"] {
  return changing(type, name, (inputs) => {
    const text = JSON.stringify(inputs);
    if (!text.includes(from)) throw new Error(`${from} is not in ${name}`);
    Object.assign(inputs, JSON.parse(text.replaceAll(from, to)));
  });
}
