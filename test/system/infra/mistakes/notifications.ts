import { changing, type Mistake, replacing } from "./mistake.ts";

export const notificationMistakes: Mistake[] = [
  {
    mistake: "no browser is notified of an evacuation",
    caughtBy: "browsers are notified of evacuations, boxes and recorded people who stand out",
    make: replacing("cloudwatch/eventRule:EventRule", "NotificationsRule", "Evacuation Begun", "Evacuation Begins"),
  },
  {
    mistake: "a notification that failed is forgotten",
    caughtBy: "a notification that failed is tried again for two hours, and then put aside",
    make: changing("lambda/eventSourceMapping:EventSourceMapping", "NotificationsMapping", (inputs) => {
      delete inputs["functionResponseTypes"];
    }),
  },
];
