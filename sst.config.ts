/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    // SST refuses imports at the top of this file.
    const { settingsOf } = await import("./stacks/settings.ts");
    const { kindOf } = await import("./stacks/stage-kind.ts");
    const isProduction = kindOf(input.stage) === "production";
    const { accounts, region } = settingsOf(input.stage).settings;
    return {
      name: "gatepost",
      home: "aws",
      removal: isProduction ? "retain" : "remove",
      protect: isProduction,
      providers: {
        aws: {
          defaultTags: { tags: { application: "gatepost", stage: input.stage ?? "" } },
          ...(accounts === undefined ? {} : { allowedAccountIds: accounts }),
          ...(region === undefined ? {} : { region }),
        },
        random: "4.16.6",
      },
    };
  },
  async run() {
    const { refuseUnplanned, stage, stageInWords } = await import("./stacks/stage.ts");
    refuseUnplanned();
    process.stdout.write(`${stageInWords}\n`);
    const { gateway } = await import("./stacks/ingest.ts");
    const { router } = await import("./stacks/console.ts");
    await import("./stacks/watch.ts");
    if (stage.isWatched) {
      await import("./stacks/alarms.ts");
      await import("./stacks/dashboard.ts");
    }
    const { table } = await import("./stacks/storage.ts");
    const { bus, registerStranger, updatePhoto } = await import("./stacks/bus.ts");
    return {
      url: gateway.url,
      console: router.url,
      table: table.name,
      bus: bus.arn,
      registerStranger: registerStranger.queue.arn,
      updatePhoto: updatePhoto.queue.arn,
      stage: stageInWords,
    };
  },
});
