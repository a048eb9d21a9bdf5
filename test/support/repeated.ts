/** With GATEPOST_SEED, properties draw the same examples in each run: the gate of coverage does not depend on luck. */
const seed = process.env["GATEPOST_SEED"];
if (seed !== undefined) {
  const { configureGlobal } = await import("fast-check");
  configureGlobal({ seed: Number(seed) });
}
