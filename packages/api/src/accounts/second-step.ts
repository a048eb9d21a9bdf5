import { factorKinds } from "@gatepost/core/factors";
import * as z from "zod";
import { namedObject } from "../openapi/named.ts";

/** The answer to a right password of an account with factors. */
export const secondStepNeeded = {
  status: 202,
  is:
    "The password is right, and the account has factors: one of these kinds is needed. The cookie lives five minutes, and " +
    "opens nothing but `POST /v1/sessions/factor`.",
  schema: namedObject("SecondStep", { needs: z.array(z.enum(factorKinds)) }),
};
