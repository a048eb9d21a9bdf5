import { expect, it } from "vitest";
import { piecesOf } from "../../../packages/console/src/quarantine/record.tsx";

const picture = { $picture: { path: "reg_pic", bytes: 38_912, href: "/v1/quarantine/qrt_1/pictures/reg_pic" } };

it("takes folded pictures out of a body, also if it breaks off", () => {
  expect(piecesOf({ id: "1", reg_pic: picture })).toEqual([
    '{\n  "id": "1",\n  "reg_pic": ',
    { path: "reg_pic", bytes: 38_912 },
    "\n}",
  ]);
  expect(piecesOf(`{"reg_pic":${JSON.stringify(picture)},"spot_pic":"`)).toEqual([
    '{"reg_pic":',
    { path: "reg_pic", bytes: 38_912 },
    ',"spot_pic":"',
  ]);
});

it.each([
  '{"$picture":{"path":1,"bytes":2}}',
  '{"$picture":{path}}',
  '{"$picture":"reg_pic"}',
  "no JSON at all",
  '{"$picture":{',
])("leaves %s as the text that it is", (text) => {
  expect(piecesOf(text)).toEqual([text]);
});

it("has no piece of an empty body", () => {
  expect(piecesOf("")).toEqual([]);
});
