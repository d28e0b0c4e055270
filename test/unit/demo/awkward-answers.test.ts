/** Answers of the stand-in that surprise clients made for other forges, beyond those that were recorded. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { callApi, createSmallForge, REPOSITORY, type SmallForge } from "./small-forge.ts";
import { cloneRepository } from "./working-copy.ts";

const API = `/repos/${REPOSITORY}`;

test("pages are cut by `limit`, at most 50, and `per_page` means nothing", async () => {
  await using forge = await createSmallForge();
  for (let i = 0; i < 55; i += 1) await forge.call("alice", "POST", `${API}/issues`, { title: `${i}` });
  const length = async (query: string): Promise<unknown> =>
    (await forge.call("bob", "GET", `${API}/issues?${query}`)).body.length;
  expect(await length("per_page=100")).toBe(30);
  expect(await length("limit=100")).toBe(50);
  expect(await length("limit=50&page=2")).toBe(5);
});

test("issues have a Link to the next page, labels have none", async () => {
  await using forge = await createSmallForge();
  for (let i = 0; i < 3; i += 1) {
    await forge.call("alice", "POST", `${API}/issues`, { title: `${i}` });
    await forge.call("alice", "POST", `${API}/labels`, { name: `${i}`, color: "#fff" });
  }
  const issues = await forge.call("bob", "GET", `${API}/issues?limit=2`);
  expect(issues.headers.get("link")).toContain('page=2>; rel="next"');
  const labels = await forge.call("bob", "GET", `${API}/labels?limit=2`);
  expect([labels.headers.get("link"), labels.headers.get("x-total-count")]).toEqual([null, "3"]);
});

/** A forge with an open pull request, number 1, by the bot. */
async function forgeWithPull(): Promise<SmallForge> {
  const forge = await createSmallForge();
  const url = `${forge.standIn.url}/${REPOSITORY}.git`;
  const copy = await cloneRepository(url, join(forge.folder, "clone"), "steward", forge.tokens.steward);
  await copy.commit("feature", { "b.txt": "b\n" }, "Add b", "main");
  await copy.push("feature");
  await forge.call("steward", "POST", `${API}/pulls`, { title: "Add b", head: "feature", base: "main" });
  return forge;
}

test("a pull request that depends on something open cannot be merged, with 500", async () => {
  await using forge = await forgeWithPull();
  await forge.call("alice", "POST", `${API}/issues`, { title: "Blocker" });
  const blocker = { owner: "acme", repo: "widgets", index: 2 };
  expect((await forge.call("steward", "POST", `${API}/issues/1/dependencies`, blocker)).status).toBe(201);
  const merge = (): Promise<{ status: number }> =>
    forge.call("steward", "POST", `${API}/pulls/1/merge`, { Do: "squash" });
  expect((await merge()).status).toBe(500);
  await forge.call("alice", "PATCH", `${API}/issues/2`, { state: "closed" });
  expect((await merge()).status).toBe(200);
});

test("of two merges at once one succeeds", async () => {
  await using forge = await forgeWithPull();
  const merge = () => forge.call("steward", "POST", `${API}/pulls/1/merge`, { Do: "merge" });
  const statuses = (await Promise.all([merge(), merge()])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 405]);
});

test("a pull request needs branches that exist and differ", async () => {
  await using forge = await createSmallForge();
  await forge.call("alice", "POST", `${API}/branches`, { new_branch_name: "side" });
  const open = async (head: string): Promise<number> =>
    (await forge.call("alice", "POST", `${API}/pulls`, { title: "x", head, base: "main" })).status;
  expect([await open("side"), await open("nowhere")]).toEqual([422, 404]);
});

test("a review with a word that is not known is pending, and nobody hears of it", async () => {
  await using forge = await forgeWithPull();
  forge.standIn.addHook(REPOSITORY, { url: "http://127.0.0.1:9/" });
  const review = { event: "APPROVE", body: "fine" };
  const made = await forge.call("alice", "POST", `${API}/pulls/1/reviews`, review);
  expect(made.body).toMatchObject({ state: "PENDING" });
  expect((await forge.call("steward", "GET", `${API}/pulls/1/reviews`)).body).toEqual([]);
  expect(forge.standIn.deliveries()).toEqual([]);
});

test("comments on lines come with the review they were made in", async () => {
  await using forge = await forgeWithPull();
  const comments = [{ path: "b.txt", body: "Rename this.", new_position: 1 }];
  await forge.call("alice", "POST", `${API}/pulls/1/reviews`, { event: "REQUEST_CHANGES", body: "No.", comments });
  const [review] = z
    .array(z.object({ id: z.number() }))
    .parse((await forge.call("steward", "GET", `${API}/pulls/1/reviews`)).body);
  const lines = await forge.call("steward", "GET", `${API}/pulls/1/reviews/${review?.id}/comments`);
  expect(lines.body).toMatchObject([{ path: "b.txt", body: "Rename this.", position: 1 }]);
});

test("nobody approves their own pull request", async () => {
  await using forge = await forgeWithPull();
  const review = await forge.call("steward", "POST", `${API}/pulls/1/reviews`, { event: "APPROVED", body: "mine" });
  expect(review.status).toBe(422);
});

test("a bot whose password must be changed is refused everywhere", async () => {
  await using forge = await createSmallForge();
  const { token } = forge.standIn.addUser("fresh", { bot: true, mustChangePassword: true });
  const { status, body } = await callApi(forge.standIn.url, token, "GET", "/user");
  expect(status).toBe(403);
  expect(body.message).toContain("You must change your password");
});

test("private repositories are not there for strangers", async () => {
  await using forge = await createSmallForge();
  await forge.standIn.addRepository("acme/secret", { private: true, files: { a: "a" } });
  expect((await forge.call("bob", "GET", "/repos/acme/secret")).status).toBe(404);
  expect((await forge.call("root", "GET", "/repos/acme/secret")).status).toBe(200);
});

test("only what is assigned to the caller is found by the search over all repositories", async () => {
  await using forge = await createSmallForge();
  await forge.call("alice", "POST", `${API}/issues`, { title: "Mine", assignees: ["steward"] });
  await forge.call("alice", "POST", `${API}/issues`, { title: "Yours", assignees: ["alice"] });
  const found = await forge.call(
    "steward",
    "GET",
    "/repos/issues/search?assigned=true&state=open&type=issues&limit=50",
  );
  expect(found.body).toMatchObject([{ title: "Mine", repository: { full_name: REPOSITORY } }]);
});
