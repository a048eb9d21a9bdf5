import { awsRuntime } from "@gatepost/aws";
import { awsLiveEndpoint } from "@gatepost/aws/live";

export const handler = awsLiveEndpoint(awsRuntime()).disconnect;
