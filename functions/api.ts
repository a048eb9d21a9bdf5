import { awsRuntime } from "@gatepost/aws";
import { apiHandler } from "@gatepost/aws/api";
import { awsReads } from "@gatepost/aws/reads";

export const handler = apiHandler(awsReads(awsRuntime()));
