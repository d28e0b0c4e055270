/** app.yml and what is held against it. */
import { expect, test } from "vitest";
import { labelDefinitions } from "../../../src/report/labels.ts";
import { readManifest } from "../../../src/run-init.ts";

test("its labels are those that Steward sets", () => {
  expect(readManifest().labels).toEqual(labelDefinitions());
});
