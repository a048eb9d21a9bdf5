import { createRequire } from "node:module";
import { join } from "node:path";
import { platform } from "./platform.ts";

export interface NewResource {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** False for components, which no provider makes. */
  custom?: boolean;
}

export interface Call {
  token: string;
  inputs: Record<string, unknown>;
}

export interface Transformed {
  type: string;
  name: string;
  opts: { parent?: { __name?: string }; retainOnDelete?: boolean; customTimeouts?: Record<string, string> };
}

/** The little of Pulumi's SDK that a synth touches. It is part of SST's platform, not of this project. */
interface Pulumi {
  Output: { isInstance(value: unknown): value is { promise(): Promise<unknown> } };
  runtime: {
    setMocks(
      mocks: {
        newResource(resource: NewResource): { id: string; state: Record<string, unknown> };
        call(call: Call): Record<string, unknown>;
      },
      project: string,
      stack: string,
    ): Promise<void>;
    setAllConfig(config: Record<string, string>): void;
    registerStackTransformation(transformation: (transformed: Transformed) => undefined): void;
    runInPulumiStack(run: () => Promise<Record<string, unknown>>): Promise<unknown>;
  };
}

export const pulumi = (): Pulumi => createRequire(join(platform, "package.json"))("@pulumi/pulumi");

/** By this member Pulumi marks a secret on its way to a provider. */
const signature = "4dabf18193072939515e22adb298388d";

export function unwrapped(value: unknown): unknown {
  const isSecret = typeof value === "object" && value !== null && signature in value && "value" in value;
  return isSecret ? unwrapped(value.value) : value;
}

/** Inputs as JSON: secrets unwrapped, code that a dynamic provider carries along left out. */
export function plain(inputs: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(inputs, (key, value) => (key === "__provider" ? undefined : unwrapped(value)));
  return JSON.parse(text);
}
