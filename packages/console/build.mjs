// Builds the page at `npm ci`. Without development dependencies there is no vite, so the page is missing and `gatepost
// serve` logs it; everything else works.
const [unknown] = process.argv.slice(2);
if (unknown !== undefined) {
  process.stderr.write(`unknown name '${unknown}': this script takes no names\n`);
  process.exit(2);
}
try {
  const { build } = await import("vite");
  await build({ configFile: `${import.meta.dirname}/vite.config.ts`, logLevel: "warn" });
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stdout.write(
    "The console is not built: it needs the development dependencies (npm ci without --omit=dev).\n",
  );
}
