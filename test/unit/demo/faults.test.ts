/** What can be made to go wrong with calls: failures, lost answers, silence. */
import { expect, test } from "vitest";
import { createSmallForge, REPOSITORY } from "./small-forge.ts";

const ISSUES = `/repos/${REPOSITORY}/issues`;

test("the next calls fail with a status and are not carried out", async () => {
  await using forge = await createSmallForge();
  forge.standIn.faults.failNext(2, { status: 502 }, { match: { method: "POST" } });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i += 1) statuses.push((await forge.call("alice", "POST", ISSUES, { title: "x" })).status);
  expect(statuses).toEqual([502, 502, 201]);
  const issues = await forge.call("alice", "GET", ISSUES);
  expect(issues.headers.get("x-total-count")).toBe("1");
});

test("a call can be carried out although its answer says otherwise", async () => {
  await using forge = await createSmallForge();
  forge.standIn.faults.failNext(1, { status: 504 }, { afterActing: true });
  expect((await forge.call("alice", "POST", ISSUES, { title: "Landed" })).status).toBe(504);
  expect((await forge.call("alice", "GET", `${ISSUES}/1`)).body).toMatchObject({ title: "Landed" });
});

test("who wants to know hears of each failure", async () => {
  await using forge = await createSmallForge();
  const heard: unknown[] = [];
  forge.standIn.faults.onFailure((injected) => heard.push(injected));
  forge.standIn.faults.failNext(1, { status: 500 });
  for (let call = 0; call < 2; call += 1) await forge.call("alice", "GET", ISSUES);
  const path = `/api/v1${ISSUES}`;
  expect(heard).toEqual([{ method: "GET", path, failure: { status: 500 }, afterActing: false }]);
});

test("a call can hang until its client gives up", async () => {
  await using forge = await createSmallForge();
  forge.standIn.faults.failNext(1, "hang");
  const signal = AbortSignal.timeout(200);
  await expect(fetch(`${forge.standIn.url}/api/v1/version`, { signal })).rejects.toThrow(/timeout/i);
  expect((await fetch(`${forge.standIn.url}/api/v1/version`)).status).toBe(200);
});

test("a connection can break", async () => {
  await using forge = await createSmallForge();
  forge.standIn.faults.failNext(1, "reset");
  await expect(fetch(`${forge.standIn.url}/api/v1/version`)).rejects.toThrow();
});

test("too many calls can be answered with 429 and a time to wait, for some paths only", async () => {
  await using forge = await createSmallForge();
  forge.standIn.faults.failShare(1, { status: 429, headers: { "retry-after": "1" } }, { match: { path: /\/labels/ } });
  const limited = await forge.call("steward", "GET", `/repos/${REPOSITORY}/labels`);
  expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "1"]);
  expect((await forge.call("steward", "GET", ISSUES)).status).toBe(200);
  forge.standIn.faults.clear();
  expect((await forge.call("steward", "GET", `/repos/${REPOSITORY}/labels`)).status).toBe(200);
});

test("a server that closes lets go of calls that hang", async () => {
  const forge = await createSmallForge();
  forge.standIn.faults.failShare(1, "hang", { match: { path: /version/ } });
  const hanging = fetch(`${forge.standIn.url}/api/v1/version`).catch((error: unknown) => error);
  await fetch(`${forge.standIn.url}/api/v1/settings/api`);
  await forge[Symbol.asyncDispose]();
  expect(await hanging).toBeInstanceOf(Error);
});
