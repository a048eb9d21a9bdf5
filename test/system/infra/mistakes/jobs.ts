import { changing, type Mistake, replacing } from "./mistake.ts";

const taking = ["lambda/eventSourceMapping:EventSourceMapping", "JobsMapping"] as const;
const queue = ["sqs/queue:Queue", "JobsQueue"] as const;

export const jobMistakes: Mistake[] = [
  {
    mistake: "ten slices in one invocation",
    caughtBy: "a message of a job is one slice, and few are done at the same time",
    make: changing(...taking, (inputs) => {
      inputs["batchSize"] = 10;
    }),
  },
  {
    mistake: "a message comes again while its slice is being done",
    caughtBy:
      "a slice is leased for longer than its function may take, and its message stays hidden for longer than that",
    make: changing(...queue, (inputs) => {
      inputs["visibilityTimeoutSeconds"] = 30;
    }),
  },
  {
    mistake: "messages of jobs in the dead-letter queue of a subscriber",
    caughtBy: "a message whose slice fails is put aside when the worker ends its job",
    make: replacing(...queue, "JobsUnhandledQueue", "UpdatePhotoUnhandledQueue"),
  },
  {
    mistake: "a job of seventeen slices is a loop",
    caughtBy:
      "Lambda takes a job of many slices for no loop, and other functions that send themselves messages for one",
    make: replacing("lambda/functionRecursionConfig:FunctionRecursionConfig", "JobRecursion", "Allow", "Terminate"),
  },
  {
    mistake: "nobody looks for jobs whose message was lost",
    caughtBy: "a job without a message is looked for every minute",
    make: replacing("scheduler/schedule:Schedule", "JobSweepScheduleSchedule", "ENABLED", "DISABLED"),
  },
];
