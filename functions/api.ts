import { awsRuntime } from "@gatepost/aws";
import { apiHandler } from "@gatepost/aws/api";
import { awsApi } from "@gatepost/aws/reads";

export const handler = apiHandler(() => awsApi(awsRuntime()));
