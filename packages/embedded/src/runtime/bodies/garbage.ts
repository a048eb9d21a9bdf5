import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Frees what is not used any more. V8 would wait until its heap has grown by as much again. */
export const collectGarbage: () => void = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
})();
