import assert from "node:assert/strict";
import { test } from "node:test";
import { upload } from "../src/upload.js";

test("gives the location of the uploaded file", async () => {
  assert.equal(await upload({ name: "a.txt" }, async () => ({ status: 200, location: "/a.txt" })), "/a.txt");
});

test("fails with the status of the answer", async () => {
  await assert.rejects(upload({ name: "a.txt" }, async () => ({ status: 503 })), /503/);
});
