import type { Scalar } from "./json.ts";

export type Test = (value: Scalar) => boolean;
