/** git against the stand-in: real clones and pushes, with its permissions, and what follows from a push. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSmallForge, REPOSITORY, type SmallForge } from "./small-forge.ts";
import { cloneRepository, type WorkingCopy } from "./working-copy.ts";

const API = `/repos/${REPOSITORY}`;

type Person = keyof SmallForge["tokens"];

function clone(
  forge: SmallForge,
  login: Person,
  token: string | undefined = forge.tokens[login],
): Promise<WorkingCopy> {
  return cloneRepository(`${forge.standIn.url}/${REPOSITORY}.git`, join(forge.folder, login), login, token);
}

function eventTypes(forge: SmallForge): readonly string[] {
  return forge.standIn.deliveries().map((delivery) => delivery.eventType);
}

test("anybody clones a public repository", async () => {
  await using forge = await createSmallForge();
  const copy = await cloneRepository(`${forge.standIn.url}/${REPOSITORY}.git`, join(forge.folder, "x"), "x", undefined);
  expect(await copy.git("show", "HEAD:README.md")).toBe("# widgets");
});

test("a private repository is cloned by its readers only", async () => {
  await using forge = await createSmallForge();
  const { cloneUrl } = await forge.standIn.addRepository("acme/secret", { private: true, files: { a: "a\n" } });
  forge.standIn.setPermission("acme/secret", "bob", "read");
  const folder = (name: string): string => join(forge.folder, name);
  await cloneRepository(cloneUrl, folder("1"), "bob", forge.tokens.bob);
  await expect(cloneRepository(cloneUrl, folder("2"), "alice", forge.tokens.alice)).rejects.toThrow(/not found/);
  await expect(cloneRepository(cloneUrl, folder("3"), "x", undefined)).rejects.toThrow(/Username|terminal prompts/);
});

test("writers push; readers, wrong tokens and tokens without the scope do not", async () => {
  await using forge = await createSmallForge();
  const copy = await clone(forge, "alice");
  const sha = await copy.commit("feature", { "b.txt": "b\n" }, "Add b", "main");
  await copy.push("feature");
  const branch = await forge.call("bob", "GET", `${API}/branches/feature`);
  expect(branch.body).toMatchObject({ commit: { id: sha } });
  const reader = await clone(forge, "bob");
  await reader.commit("mine", { "c.txt": "c\n" }, "Add c", "main");
  await expect(reader.push("mine")).rejects.toThrow(/403/);
  const readOnly = forge.standIn.addToken("steward", ["read:repository"]);
  const limited = await clone(forge, "steward", readOnly);
  await limited.commit("mine", { "c.txt": "c\n" }, "Add c", "main");
  await expect(limited.push("mine")).rejects.toThrow(/403/);
});

test("a push to a protected branch is refused with Gitea's sentence", async () => {
  await using forge = await createSmallForge();
  await forge.call("steward", "POST", `${API}/branch_protections`, { rule_name: "main", enable_push: false });
  const copy = await clone(forge, "alice");
  await copy.commit("main", { "b.txt": "b\n" }, "Add b");
  await expect(copy.push("main")).rejects.toThrow(/Not allowed to push to protected branch main/);
});

test("a push tells of a new branch, of new commits, of the pull request that moved, and of a deleted branch", async () => {
  await using forge = await createSmallForge();
  forge.standIn.addHook(REPOSITORY, { url: "http://127.0.0.1:9/" });
  const copy = await clone(forge, "alice");
  await copy.commit("feature", { "b.txt": "b\n" }, "Add b", "main");
  await copy.push("feature");
  expect(eventTypes(forge)).toEqual(["create", "push"]);
  await forge.call("alice", "POST", `${API}/pulls`, { title: "Add b", head: "feature", base: "main" });
  const sha = await copy.commit("feature", { "b.txt": "bb\n" }, "Change b");
  await copy.push("feature");
  expect(eventTypes(forge).slice(2)).toEqual(["pull_request", "push", "pull_request_sync"]);
  const pull = await forge.call("alice", "GET", `${API}/pulls/1`);
  expect(pull.body).toMatchObject({ head: { sha }, mergeable: true, changed_files: 1 });
  await copy.push(":feature");
  expect(eventTypes(forge).slice(5)).toEqual(["delete", "pull_request"]);
  const closed = await forge.call("alice", "GET", `${API}/pulls/1`);
  expect(closed.body).toMatchObject({ state: "closed", merged: false, head: { ref: "refs/pull/1/head", sha } });
});

test("a commit on the default branch closes the issue it names, unless something blocks it", async () => {
  await using forge = await createSmallForge();
  for (const title of ["One", "Two", "Three"]) await forge.call("alice", "POST", `${API}/issues`, { title });
  const blocker = { owner: "acme", repo: "widgets", index: 3 };
  await forge.call("alice", "POST", `${API}/issues/2/dependencies`, blocker);
  const copy = await clone(forge, "alice");
  await copy.commit("main", { "b.txt": "b\n" }, "Add b\n\nCloses #1, fixes #2. Not `closes #3`.");
  await copy.push("main");
  const states = await Promise.all(
    [1, 2, 3].map(async (n) => (await forge.call("bob", "GET", `${API}/issues/${n}`)).body.state),
  );
  expect(states).toEqual(["closed", "open", "open"]);
});

test("a merge is a real one, and closes what the pull request names whatever its base", async () => {
  await using forge = await createSmallForge();
  await forge.call("alice", "POST", `${API}/issues`, { title: "One" });
  const copy = await clone(forge, "alice");
  await copy.push("main:side");
  await copy.commit("feature", { "src/a.txt": "one\ntwo\nfour\n" }, "Change a", "main");
  await copy.push("feature");
  await copy.commit("other", { "src/b.txt": "b\n" }, "Add b", "main");
  await copy.push("other:side");
  const wish = { title: "Change a", body: "Closes #1", head: "feature", base: "side" };
  await forge.call("steward", "POST", `${API}/pulls`, wish);
  const merged = await forge.call("steward", "POST", `${API}/pulls/2/merge`, { Do: "merge" });
  expect(merged.status).toBe(200);
  await copy.git("fetch", "--quiet", "origin");
  expect(await copy.git("show", "origin/side:src/a.txt")).toBe("one\ntwo\nfour");
  expect(await copy.git("show", "origin/side:src/b.txt")).toBe("b");
  expect((await forge.call("bob", "GET", `${API}/issues/1`)).body.state).toBe("closed");
});

test("updating a pull request brings the base into its branch", async () => {
  await using forge = await createSmallForge();
  const copy = await clone(forge, "alice");
  await copy.commit("feature", { "b.txt": "b\n" }, "Add b", "main");
  await copy.push("feature");
  await copy.commit("main", { "c.txt": "c\n" }, "Add c");
  await copy.push("main");
  await forge.call("alice", "POST", `${API}/pulls`, { title: "Add b", head: "feature", base: "main" });
  expect((await forge.call("alice", "POST", `${API}/pulls/1/update?style=merge`)).status).toBe(200);
  await copy.git("fetch", "--quiet", "origin");
  expect(await copy.git("show", "origin/feature:c.txt")).toBe("c");
});

test("acts on branches that come at once are done one after the other", async () => {
  await using forge = await createSmallForge();
  const names = Array.from({ length: 6 }, (_, i) => `branch-${i}`);
  const made = await Promise.all(
    [...names, ...names].map((name) => forge.call("alice", "POST", `${API}/branches`, { new_branch_name: name })),
  );
  expect(made.map(({ status }) => status).sort()).toEqual([...names.map(() => 201), ...names.map(() => 409)]);
});
