import { changing, type Mistake, replacing } from "./mistake.ts";

const mapping = ["lambda/eventSourceMapping:EventSourceMapping", "EventsSubscriberTallyEventSourceMapping"] as const;
const role = "iam/role:Role";

const counted = "what the table's stream tells is counted by the minute, tried for nearly a day, and then put aside";
const handed = "of the stream the tally gets events, notices, quarantine records and the pulse, and nothing else";
const writes = "the tally reads and writes counts, boxes and profiles of people, and no row of another kind";

export const tallyMistakes: Mistake[] = [
  {
    mistake: "the tally is not told of which shard a batch is",
    caughtBy: counted,
    make: changing(...mapping, (inputs) => {
      delete inputs["tumblingWindowInSeconds"];
    }),
  },
  {
    mistake: "what is written while it is deployed is not counted",
    caughtBy: counted,
    make: replacing(...mapping, "TRIM_HORIZON", "LATEST"),
  },
  {
    mistake: "counts are given up after five tries",
    caughtBy: counted,
    make: replacing(...mapping, '"maximumRetryAttempts":-1', '"maximumRetryAttempts":5'),
  },
  {
    mistake: "what was not counted is lost",
    caughtBy: counted,
    make: changing(...mapping, (inputs) => {
      delete inputs["destinationConfig"];
    }),
  },
  {
    mistake: "each write of the tally comes back to it",
    caughtBy: handed,
    make: replacing(...mapping, "qrt_", ""),
  },
  {
    mistake: "the tally may write events",
    caughtBy: writes,
    make: replacing(role, "TallyRole", "counts *", "*"),
  },
];
