/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app(input) {
    const isProduction = input?.stage === "production";
    return {
      name: "gatepost",
      home: "aws",
      removal: isProduction ? "retain" : "remove",
      protect: isProduction,
      providers: {
        aws: { defaultTags: { tags: { application: "gatepost", stage: input?.stage ?? "" } } },
        random: "4.16.6",
      },
    };
  },
  async run() {
    // SST refuses imports at the top of this file.
    const { gateway } = await import("./stacks/ingest.ts");
    await import("./stacks/alarms.ts");
    await import("./stacks/dashboard.ts");
    const { sockets } = await import("./stacks/sockets.ts");
    const { table } = await import("./stacks/storage.ts");
    return { url: gateway.url, live: sockets.url, table: table.name };
  },
});
