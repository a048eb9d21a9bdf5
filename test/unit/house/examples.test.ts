import { expect, it } from "vitest";
import { filesOf, textOf } from "./sources.ts";

const files = filesOf("examples/**/*").filter((path) => !path.endsWith(".md"));
/** The tests that run the examples. */
const tests = [
  "test/package/examples.test.ts",
  "test/system/embedded/bus/door.test.ts",
  "test/system/embedded/bus/check-ins.test.ts",
  "test/system/infra/subscribers.test.ts",
  "test/unit/receive/example-mappings.test.ts",
  "test/system/oracles/clients/run.ts",
]
  .map(textOf)
  .join();

it("each example is run by a test", () => {
  const named = (path: string) => tests.includes(path.replace(/^examples\/(?:door\/)?/, ""));
  // What the programs in Python share.
  expect(files.filter((path) => !named(path))).toEqual(["examples/python/gatepost.py"]);
});

it("each folder of examples is in both lists of them", () => {
  const folders = new Set(files.map((path) => path.split("/")[1] ?? ""));
  for (const page of ["examples/README.md", "examples/README.zh-CN.md"])
    expect([...folders].filter((folder) => !textOf(page).includes(`${folder}/`))).toEqual([]);
});

it("the program in Python of docs/clients.md is the example", () => {
  const [, quoted = ""] = /^```python\n(.*?)\n```$/ms.exec(textOf("docs/clients.md")) ?? [];
  const functions = quoted.split("\n\n\n");
  expect(functions.length).toBe(2);
  const example = textOf("examples/python/keep_copy.py");
  expect(functions.filter((text) => !example.includes(text))).toEqual([]);
});
