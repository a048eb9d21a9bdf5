/** One change of the stacks that must not pass unnoticed. */
export interface Mutant {
  file: string;
  from: string;
  to: string;
  /** The stage in which it shows: test with no settings, or with chosen ones, or production. */
  stage?: "test" | "chosen" | "production";
}

const inProduction = "production";
const inChosen = "chosen";

/** Each is made in a copy of the stacks by itself, synthesised, and looked at by every check. */
export const mutants: Record<string, Mutant> = {
  // stage-kind.ts, sst.config.ts
  "what begins with prod is thrown away": {
    file: "stacks/stage-kind.ts",
    from: 'neverDevelopment.test(stage)) return "production"',
    to: 'neverDevelopment.test(stage)) return "development"',
    stage: inProduction,
  },
  "production is thrown away": {
    file: "sst.config.ts",
    from: 'removal: isProduction ? "retain" : "remove"',
    to: 'removal: "remove"',
    stage: inProduction,
  },
  "production can be removed": {
    file: "sst.config.ts",
    from: "protect: isProduction",
    to: "protect: false",
    stage: inProduction,
  },
  "tests are kept for ever": { file: "stacks/stage-kind.ts", from: '"test*", ', to: "" },
  "nothing is tagged": { file: "sst.config.ts", from: 'application: "gatepost", ', to: "" },
  // stage.ts
  "a day of retention": {
    file: "stacks/stage-kind.ts",
    from: "retentionDays: 90",
    to: "retentionDays: 1",
    stage: inProduction,
  },
  "a day of the archive": {
    file: "stacks/stage-kind.ts",
    from: "archiveDays: 14",
    to: "archiveDays: 1",
    stage: inProduction,
  },
  "feature vectors are kept": { file: "stacks/settings.ts", from: "keepFeatures: false", to: "keepFeatures: true" },
  "every face goes to the bus": {
    file: "stacks/settings.ts",
    from: "announceEvents: false",
    to: "announceEvents: true",
  },
  // deployed.ts, shown-settings.ts
  "a stage notes its settings as another": {
    file: "stacks/settings.ts",
    from: "}/deployed`",
    to: "}/last`",
  },
  "a deployment does not note its settings": {
    file: "stacks/watch.ts",
    from: "settings: shown(settingsOf($app.stage).settings)",
    to: "settings: {}",
  },
  "readers have the rate of boxes": {
    file: "stacks/stage-kind.ts",
    from: "readerThrottle: { throttlingRateLimit: 50",
    to: "readerThrottle: { throttlingRateLimit: 100",
  },
  "production's table can be deleted": {
    file: "stacks/storage.ts",
    from: "deletionProtection: stage.isProtected",
    to: "deletionProtection: false",
    stage: inProduction,
  },
  // storage.ts
  "production's bucket is emptied with its stage": {
    file: "stacks/storage.ts",
    from: "args.forceDestroy = !stage.isProtected",
    to: "args.forceDestroy = true",
    stage: inProduction,
  },
  "pictures go before their rows": {
    file: "stacks/storage.ts",
    from: "stage.retentionDays + 1",
    to: "stage.retentionDays - 1",
  },
  "registered pictures go with the first event": {
    file: "stacks/storage.ts",
    from: "stage.retentionDays + maxMonthDays",
    to: "stage.retentionDays",
  },
  "the stream has no old rows": {
    file: "stacks/storage.ts",
    from: 'stream: "new-and-old-images"',
    to: 'stream: "new-image"',
  },
  "an index holds whole rows": {
    file: "stacks/storage.ts",
    from: 'rangeKey: "changed", projection: "keys-only"',
    to: 'rangeKey: "changed"',
  },
  "the bucket answers http": { file: "stacks/storage.ts", from: "enforceHttps: true", to: "enforceHttps: false" },
  "objects belong to whoever wrote them": {
    file: "stacks/storage.ts",
    from: '"BucketOwnerEnforced"',
    to: '"ObjectWriter"',
  },
  "a deploy gives up on a large index": {
    file: "stacks/storage.ts",
    from: 'opts.customTimeouts = { update: "24h" };',
    to: "void opts;",
  },
  // access.ts
  "the sweep may not store the next step of an erasure": {
    file: "stacks/access.ts",
    from: '    "erasure person *",\n',
    to: "",
  },
  "keys may be written by all": {
    file: "stacks/access.ts",
    from: 'values: ["key_*", "terminal *", "audit*", ...accounts]',
    to: 'values: ["keys*", "terminal *", "audit*", ...accounts]',
  },
  "orders may be written by all": {
    file: "stacks/access.ts",
    from: 'values: ["o_1001", "o_1002",',
    to: 'values: ["o_1001",',
  },
  "receivers may write tickets": {
    file: "stacks/access.ts",
    from: '["UpdateItem"],\n    "used *",\n    "evt_*",',
    to: '["UpdateItem"],\n    "ticket *",\n    "used *",\n    "evt_*",',
  },
  "receivers cannot note unknown terminals": {
    file: "stacks/access.ts",
    from: '"erasure evt_*",\n    "unknown-terminals",',
    to: '"erasure evt_*",',
  },
  "denying keys allows them": {
    file: "stacks/access.ts",
    from: 'effect: "deny" as const',
    to: 'effect: "allow" as const',
  },
  "receivers may read every picture": {
    file: "stacks/access.ts",
    from: 'onObjects(["GetObject"], "registered")',
    to: 'onObjects(["GetObject"], "registered", "pictures")',
  },
  "receivers may remove pictures": {
    file: "stacks/access.ts",
    from: 'onObjects(["PutObject"], "pictures"',
    to: 'onObjects(["PutObject", "DeleteObject"], "pictures"',
  },
  "the sweep may not find what is pending of 1002": {
    file: "stacks/access.ts",
    from: 'onIndexes("actions1001", "actions1002", "awaited")',
    to: 'onIndexes("actions1001", "awaited")',
  },
  "the sweep may not find events that were not announced": {
    file: "stacks/access.ts",
    from: 'onIndexes("actions1001", "actions1002", "awaited")',
    to: 'onIndexes("actions1001", "actions1002")',
  },
  // lambda.ts
  "the API may write no keys": {
    file: "stacks/lambda.ts",
    from: 'if (file === "api") return [];',
    to: 'if (file === "none") return [];',
  },
  "jobs may write keys": { file: "stacks/lambda.ts", from: '"job" ? [writingKeys] :', to: '"job" ? [] :' },
  "everything may be traced": {
    file: "stacks/lambda.ts",
    from: "if (stage.isTraced) args",
    to: "if (!stage.isTraced) args",
  },
  "logs of functions are text": { file: "stacks/lambda.ts", from: 'logFormat: "JSON"', to: 'logFormat: "Text"' },
  "schedules of any account may take the role": {
    file: "stacks/lambda.ts",
    from: 'variable: "aws:SourceAccount"',
    to: 'variable: "aws:PrincipalAccount"',
  },
  "every rule may have a check heard": {
    file: "stacks/jobs.ts",
    from: "  sourceArn: rule.arn,\n",
    to: "",
  },
  "checks are heard by what matches anything": {
    file: "stacks/jobs.ts",
    from: ', "detail-type": ["Gatepost Test"]',
    to: "",
  },
  "who hears checks may remove rows": {
    file: "stacks/access.ts",
    from: '[onRows(["GetItem", "UpdateItem"], "evt_*", "feed head")]',
    to: '[onRows(["GetItem", "UpdateItem", "DeleteItem"], "evt_*", "feed head")]',
  },
  "another Node": { file: "stacks/lambda.ts", from: '"nodejs24.x"', to: '"nodejs22.x"' },
  "another service than the dashboard's": { file: "stacks/lambda.ts", from: "= `gatepost-", to: "= `gateposts-" },
  // ingest.ts, routes.ts, api.ts
  "real-time reports have no time": {
    file: "stacks/ingest.ts",
    from: '"realtime-event": { memory: "1024 MB", timeout: "10 seconds",',
    to: '"realtime-event": { memory: "1024 MB", timeout: "1 seconds",',
  },
  "CORS for everybody": { file: "stacks/ingest.ts", from: "  cors: false,\n", to: "" },
  "single routes are not limited": { file: "stacks/ingest.ts", from: "args.routeSettings =", to: "void" },
  "a route is limited under another name": {
    file: "stacks/ingest.ts",
    from: "({ routeKey, ...throttle })",
    to: "({ routeKey: routeKey.toLowerCase(), ...throttle })",
  },
  "health is not answered": { file: "stacks/api.ts", from: '"/healthz", ', to: "" },
  "strange paths have the rate of readers": {
    file: "stacks/ingest.ts",
    from: "targetOf(anyRoute.handler), stage.otherThrottle",
    to: "targetOf(anyRoute.handler), stage.readerThrottle",
  },
  "cursors are signed with a short secret": { file: "stacks/api.ts", from: "{ length: 32 }", to: "{ length: 8 }" },
  // bus.ts, sweeps.ts
  "any source on the bus": { file: "stacks/bus.ts", from: '{ source: ["gatepost"], detail:', to: "{ detail:" },
  "an hour of trying": {
    file: "stacks/bus.ts",
    from: "maximumEventAgeInSeconds: 24 * 60 * 60",
    to: "maximumEventAgeInSeconds: 3600",
  },
  "queues for four days": { file: "stacks/bus.ts", from: "14 * 24 * 60 * 60", to: "4 * 24 * 60 * 60" },
  "the erasure sweep runs once a day": { file: "stacks/jobs.ts", from: "rate(5 minutes)", to: "rate(1 day)" },
  // notices.ts, alarms.ts, dashboard.ts
  "lines are counted as nothing": {
    file: "stacks/alarms.ts",
    from: 'name: metricName, value: "1"',
    to: 'name: metricName, value: "0"',
    stage: "production",
  },
  "stages ring for each other": {
    file: "stacks/alarms.ts",
    from: "namespace = `Gatepost/Notices/",
    to: "namespace = `Gatepost/Notices",
    stage: "production",
  },
  "a status as a number": {
    file: "stacks/alarms.ts",
    from: '$.status = "413"',
    to: "$.status = 413",
    stage: "production",
  },
  "alarms tell nobody": {
    file: "stacks/alarms.ts",
    from: "alarmActions: actions,\n    okActions: actions,\n    ...args",
    to: "alarmActions: [],\n    okActions: actions,\n    ...args",
    stage: "production",
  },
  "alarms wait": { file: "stacks/alarms.ts", from: "{ period: 60 }", to: "{ period: 3600 }", stage: "production" },
  "nothing is trouble": {
    file: "stacks/alarms.ts",
    from: 'treatMissingData: "notBreaching"',
    to: 'treatMissingData: "breaching"',
    stage: "production",
  },
  "a slow answer is one that timed out": {
    file: "stacks/alarms.ts",
    from: "slowestOfOthers = 3000",
    to: "slowestOfOthers = 29_500",
    stage: "production",
  },
  "indexes are not watched": {
    file: "stacks/alarms.ts",
    from: "TableName, GlobalSecondaryIndexName) WHERE",
    to: "TableName) WHERE",
    stage: "production",
  },
  "a late feed is not urgent": {
    file: "stacks/alarms.ts",
    from: "[changesLate, actionsPending]",
    to: "[gateway5xx, actionsPending]",
    stage: "production",
  },
  "an urgent alarm needs all its members": {
    file: "stacks/alarms.ts",
    from: '" OR "',
    to: '" AND "',
    stage: "production",
  },
  "a part of an urgent alarm mails by itself": {
    file: "stacks/alarms.ts",
    from: 'sent === "mail" && topic !== undefined',
    to: "topic !== undefined",
    stage: "production",
  },
  "the errors of sweeps are not watched": {
    file: "stacks/alarms.ts",
    from: "!receivers.has(file) && !readers.has(file)",
    to: '!receivers.has(file) && !readers.has(file) && !file.endsWith("-sweep")',
    stage: "production",
  },
  "one sweep may be silent": {
    file: "stacks/alarms.ts",
    from: "threshold: sweeps.size,",
    to: "threshold: sweeps.size - 1,",
    stage: "production",
  },
  "the dashboard asks by box": {
    file: "stacks/dashboard.ts",
    from: "dialect, service)",
    to: "box, dialect, service)",
    stage: "production",
  },
  // canary.ts
  "the canary runs once an hour": {
    file: "stacks/watch.ts",
    from: '"rate(5 minutes)"',
    to: '"rate(1 hour)"',
    stage: inChosen,
  },
  "the canary is stopped before its check ends": {
    file: "stacks/watch.ts",
    from: '"120 seconds"',
    to: '"12 seconds"',
    stage: inChosen,
  },
  "the canary may not see who confirmed": {
    file: "stacks/watch.ts",
    from: "[eraser, topicReader]",
    to: "[eraser]",
    stage: inChosen,
  },
  "the canary may not erase its checks": {
    file: "stacks/watch.ts",
    from: "[eraser, topicReader]",
    to: "[topicReader]",
    stage: inChosen,
  },
  "the canary reads by the key that delivers": {
    file: "stacks/watch.ts",
    from: "GATEPOST_CANARY_READ_KEY: readKey.value",
    to: "GATEPOST_CANARY_READ_KEY: ingestKey.value",
    stage: inChosen,
  },
  "the canary looks at no subscription": {
    file: "stacks/watch.ts",
    from: 'arns.join(",")',
    to: '""',
    stage: inChosen,
  },
  "one failed check rings": {
    file: "stacks/alarms.ts",
    from: "evaluationPeriods: 2, treatMissingData",
    to: "evaluationPeriods: 1, treatMissingData",
    stage: inChosen,
  },
  // trail.ts
  "every trail may write notes": {
    file: "stacks/watch.ts",
    from: 'variable: "aws:SourceArn", values: [arn]',
    to: 'variable: "aws:SourceArn", values: ["*"]',
    stage: inChosen,
  },
  "every service may write notes": {
    file: "stacks/watch.ts",
    from: '"cloudtrail.amazonaws.com"',
    to: '"logs.amazonaws.com"',
    stage: inChosen,
  },
  "notes are anywhere in their bucket": {
    file: "stacks/watch.ts",
    from: 'paths: ["AWSLogs/*"]',
    to: 'paths: ["*"]',
    stage: inChosen,
  },
  "notes are kept for a month": {
    file: "stacks/watch.ts",
    from: "keptDays = 400",
    to: "keptDays = 30",
    stage: inChosen,
  },
  "changes of settings are noted, and not reads": {
    file: "stacks/watch.ts",
    from: 'equals: ["Data"]',
    to: 'equals: ["Management"]',
    stage: inChosen,
  },
  "other buckets are noted": {
    file: "stacks/watch.ts",
    from: "arn}/`) },",
    to: "arn}`) },",
    stage: inChosen,
  },
  "notes can be forged": {
    file: "stacks/watch.ts",
    from: "enableLogFileValidation: true",
    to: "enableLogFileValidation: false",
    stage: inChosen,
  },
  // sceneDays in stage.ts, storage.ts, lambda.ts
  "scenes are gone while they are shown": {
    file: "stacks/storage.ts",
    from: "stage.sceneDays + 1",
    to: "stage.sceneDays - 1",
    stage: inChosen,
  },
  "all pictures end with their scenes": {
    file: "stacks/storage.ts",
    from: 'filter: { and: { prefix: "pictures/", tags: { kept: "scene" } } }',
    to: 'filter: { prefix: "pictures/" }',
    stage: inChosen,
  },
  "another account may read registered pictures": {
    file: "stacks/storage.ts",
    from: 'paths: ["pictures/*"]',
    to: 'paths: ["pictures/*", "registered/*"]',
    stage: inChosen,
  },
  "functions keep scenes as long as events": {
    file: "stacks/stage.ts",
    from: "sceneDays: settings.sceneDays,",
    to: "sceneDays: undefined as number | undefined,",
    stage: inChosen,
  },
  // replica.ts
  "erasures are not copied": {
    file: "stacks/replica.ts",
    from: 'deleteMarkerReplication: { status: "Enabled" }',
    to: 'deleteMarkerReplication: { status: "Disabled" }',
    stage: inChosen,
  },
  "versions of erased pictures stay for a month": {
    file: "stacks/storage.ts",
    from: "noncurrentDays: 1",
    to: "noncurrentDays: 30",
    stage: inChosen,
  },
  "the copy keeps versions of erased pictures": {
    file: "stacks/replica.ts",
    from: "[...(rules ?? []), ...endedScenes, erasedVersions]",
    to: "[...(rules ?? []), ...endedScenes]",
    stage: inChosen,
  },
  "the copy keeps pictures after their events": {
    file: "stacks/replica.ts",
    from: "copiedPrefixes.some((copied) => prefix.startsWith(copied))",
    to: 'prefix === "quarantine/"',
    stage: inChosen,
  },
  "exports are copied": {
    file: "stacks/storage.ts",
    from: '"registered/", "quarantine/"];',
    to: '"registered/", "quarantine/", "exports/"];',
    stage: inChosen,
  },
  "the copy is in the same region": {
    file: "stacks/replica.ts",
    from: "bucket: { region, forceDestroy",
    to: "bucket: { forceDestroy",
    stage: inChosen,
  },
  "the copy answers http": {
    file: "stacks/replica.ts",
    from: "enforceHttps: true",
    to: "enforceHttps: false",
    stage: inChosen,
  },
  "reads of the copy are not noted": {
    file: "stacks/watch.ts",
    from: "[bucket, replica.bucket]",
    to: "[bucket]",
    stage: inChosen,
  },
  "a picture that is not copied is not noticed": {
    file: "stacks/replica.ts",
    from: 'metricName: "OperationsFailedReplication"',
    to: 'metricName: "OperationsPendingReplication"',
    stage: inChosen,
  },
  "receipts of erasures do not name versions": {
    file: "stacks/jobs.ts",
    from: '{ GATEPOST_VERSIONS: "1" }',
    to: "{}",
    stage: inChosen,
  },
  "S3 may not read versions": {
    file: "stacks/replica.ts",
    from: "Resource: objects(bucket)",
    to: "Resource: [bucket.arn]",
    stage: inChosen,
  },
};
