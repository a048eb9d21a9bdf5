import { awsTally } from "@gatepost/aws/tally";

export const handler = awsTally();
