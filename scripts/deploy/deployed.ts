import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";
import * as z from "zod";
import { type Deployed, deployedParameter } from "../../stacks/settings.ts";

/** Another version may have noted settings that this one does not know. */
const noted = z.object({ commit: z.string(), settings: z.record(z.string(), z.string()) });

/** Reads what the last deploy of a stage has noted in SSM; null if there was none. */
export async function deployedOf(stage: string, region: string | undefined): Promise<Deployed | null> {
  const client = new SSMClient(region === undefined ? {} : { region });
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: deployedParameter(stage) }));
    return noted.parse(JSON.parse(Parameter?.Value ?? ""));
  } catch (error) {
    if (error instanceof ParameterNotFound) return null;
    throw error;
  } finally {
    client.destroy();
  }
}
