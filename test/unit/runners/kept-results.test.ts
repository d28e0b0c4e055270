/** Kept gate results over a real Redis: what is there comes back, and what cannot be read is not there. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRedisKeptResults } from "../../../runners/channel/redis-kept-results.ts";
import { keptResultKey } from "../../../src/protocol/redis-layout.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { gateResult } from "../../support/sample-task.ts";

const GREEN = gateResult("test");

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

test.each([
  ["cut short", JSON.stringify(GREEN).slice(0, -5)],
  ["of another form", JSON.stringify({ ...GREEN, outcome: "green" })],
  ["no JSON at all", "garbage"],
])("a result that is %s is not there, fails nobody, and is replaced", async (_what, text) => {
  const client = redis.connect();
  const results = createRedisKeptResults(client);
  await results.keep("key", GREEN);
  expect(await results.read("key")).toEqual(GREEN);
  await client.set(keptResultKey("key"), text);
  expect(await results.read("key")).toBeUndefined();
  await results.keep("key", GREEN);
  expect(await results.read("key")).toEqual(GREEN);
});
