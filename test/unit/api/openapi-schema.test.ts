import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import * as z from "zod";
import { runtime } from "./support.ts";

it("the document is valid OpenAPI 3.1, by the schema that its makers publish", async () => {
  const deps = await runtime();
  const document = z.record(z.string(), z.unknown()).parse(await (await deps.ask("/openapi.json")).json());
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  expect(errors).toBeUndefined();
  expect([valid, validator.version]).toEqual([true, "3.1"]);
});
