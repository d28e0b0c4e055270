/** GitHub's calls, as a Probot app makes them, on every server at hand. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { ownerAndRepo } from "../../src/domain/ids.ts";
import { createOctokit } from "../../src/gitea/octokit-compat.ts";
import { createRestActs } from "../support/rest-acts.ts";
import { forEachServer } from "../support/servers.ts";

const names = (items: readonly { readonly name?: string }[]) => items.map(({ name }) => name).toSorted();

forEachServer((server) => {
  const as = (user: "steward" | "alice") =>
    createOctokit({ baseUrl: `${server().url}/api/v1`, token: server().tokens[user] }).rest;

  async function widgets() {
    const acts = createRestActs(server());
    const repository = await acts.addRepository(`alice/o-${randomBytes(5).toString("hex")}`);
    const issue = await acts.openIssue(repository, { by: "alice", title: "An issue" });
    const at = ownerAndRepo(repository);
    return { acts, repository, at, issue: { ...at, issue_number: issue.number } };
  }

  async function pull() {
    const { acts, repository, at } = await widgets();
    const head = await acts.push(repository, "alice", "work", { "a.txt": "1\n" });
    const { data } = await as("steward").pulls.create({
      ...at,
      title: "Work",
      head: "work",
      base: "main",
      draft: true,
    });
    return { head, at, created: data, pull: { ...at, pull_number: data.number } };
  }

  test("labels are added, replaced and removed by name; unknown ones are made", async () => {
    const { issues } = as("steward");
    const { at, issue } = await widgets();
    await issues.createLabel({ ...at, name: "bug", color: "ff0000" });
    expect(names((await issues.addLabels({ ...issue, labels: ["bug", "new"] })).data)).toEqual(["bug", "new"]);
    expect(names((await issues.removeLabel({ ...issue, name: "bug" })).data)).toEqual(["new"]);
    await expect(issues.removeLabel({ ...issue, name: "bug" })).rejects.toMatchObject({ status: 404 });
    expect(names((await issues.setLabels({ ...issue, labels: ["bug"] })).data)).toEqual(["bug"]);
    await issues.removeAllLabels(issue);
    expect((await issues.listLabelsOnIssue(issue)).data).toEqual([]);
  });

  test("an exclusive label takes its siblings away", async () => {
    const { issues } = as("steward");
    const { at, issue } = await widgets();
    for (const name of ["agent/queued", "agent/working"]) {
      await issues.createLabel({ ...at, name, color: "00aabb", exclusive: true });
    }
    await issues.addLabels({ ...issue, labels: ["agent/queued"] });
    expect(names((await issues.addLabels({ ...issue, labels: ["agent/working"] })).data)).toEqual(["agent/working"]);
  });

  test("a label that exists cannot be made again", async () => {
    const { issues } = as("steward");
    const { at } = await widgets();
    await issues.createLabel({ ...at, name: "1", color: "ff0000" });
    await expect(issues.createLabel({ ...at, name: "1", color: "ff0000" })).rejects.toMatchObject({ status: 422 });
    expect((await issues.getLabel({ ...at, name: "1" })).data.name).toBe("1");
  });

  test("issues are made with labels, changed, and listed by filters that Gitea lacks", async () => {
    const { issues } = as("steward");
    const { at, issue } = await widgets();
    const { data: made, status } = await issues.create({ ...at, title: "Second", labels: ["bug"] });
    expect({ status, labels: made.labels }).toMatchObject({ status: 201, labels: [{ name: "bug" }] });
    expect(made).not.toHaveProperty("pull_request");
    const updated = await issues.update({ ...issue, title: "Renamed", labels: ["agent"], state_reason: null });
    expect(updated).toMatchObject({ status: 200, data: { title: "Renamed", labels: [{ name: "agent" }] } });
    const list = async (filter: object) =>
      (await issues.listForRepo({ ...at, ...filter })).data.map(({ number }) => number);
    expect(await list({ labels: "bug" })).toEqual([made.number]);
    expect(await list({ labels: "no-such-label" })).toEqual([]);
    await issues.addAssignees({ ...issue, assignees: ["steward"] });
    expect(await list({ assignee: "steward" })).toEqual([issue.issue_number]);
    expect(await list({ assignee: "none" })).toEqual([made.number]);
    expect(await list({ assignee: "*" })).toEqual([issue.issue_number]);
    expect(await list({ creator: "steward" })).toEqual([made.number]);
  });

  test("assignees are added and removed one by one, also at the same time", async () => {
    const { issues } = as("steward");
    const { issue } = await widgets();
    await Promise.all([
      issues.addAssignees({ ...issue, assignees: ["steward"] }),
      issues.addAssignees({ ...issue, assignees: ["alice", "nobody-of-that-name"] }),
    ]);
    const logins = async () => (await issues.get(issue)).data.assignees?.map(({ login }) => login).toSorted();
    expect(await logins()).toEqual(["alice", "steward"]);
    const removed = await issues.removeAssignees({ ...issue, assignees: ["alice"] });
    expect(removed.data.assignees?.map(({ login }) => login)).toEqual(["steward"]);
    await issues.removeAssignees({ ...issue, assignees: ["steward"] });
    expect(await logins()).toEqual([]);
  });

  test("lists are paged, whether Gitea sends a link, a count or nothing", async () => {
    const octokit = createOctokit({ baseUrl: `${server().url}/api/v1`, token: server().tokens.steward });
    const { at, issue } = await widgets();
    for (let at_ = 0; at_ < 5; at_ += 1) {
      await octokit.rest.issues.createLabel({ ...at, name: `label-${at_}`, color: "ffffff" });
      await octokit.rest.issues.create({ ...at, title: `Issue ${at_}` });
      await octokit.rest.issues.createComment({ ...issue, body: `Comment ${at_}` });
    }
    const page = { per_page: 2 };
    const { issues } = octokit.rest;
    expect(await octokit.paginate(issues.listLabelsForRepo, { ...at, ...page })).toHaveLength(5);
    expect(await octokit.paginate(issues.listForRepo, { ...at, ...page })).toHaveLength(6);
    expect(await octokit.paginate(issues.listComments, { ...issue, ...page })).toHaveLength(5);
    expect((await issues.listLabelsForRepo({ ...at, per_page: 100 })).data).toHaveLength(5);
  });

  test("reactions have numbers by which they are taken back, and lists that are lists", async () => {
    const { issues, reactions } = as("steward");
    const { at, issue } = await widgets();
    const { data: comment } = await issues.createComment({ ...issue, body: "x" });
    const target = { ...at, comment_id: comment.id };
    expect((await reactions.listForIssueComment(target)).data).toEqual([]);
    const { data: eyes } = await reactions.createForIssueComment({ ...target, content: "eyes" });
    expect((await reactions.listForIssueComment(target)).data).toMatchObject([{ id: eyes.id, content: "eyes" }]);
    await reactions.deleteForIssueComment({ ...target, reaction_id: eyes.id });
    expect((await reactions.listForIssueComment(target)).data).toEqual([]);
  });

  test("statuses have a state, and a commit without any is pending", async () => {
    const { repos } = as("steward");
    const { acts, repository, at } = await widgets();
    const sha = await acts.push(repository, "alice", "work", { "a.txt": "1\n" });
    const before = await repos.getCombinedStatusForRef({ ...at, ref: sha });
    expect(before.data).toMatchObject({ state: "pending", statuses: [] });
    const made = await repos.createCommitStatus({ ...at, sha, state: "failure", context: "steward/build" });
    expect(made.data.state).toBe("failure");
    expect((await repos.listCommitStatusesForRef({ ...at, ref: sha })).data).toMatchObject([{ state: "failure" }]);
    const after = await repos.getCombinedStatusForRef({ ...at, ref: sha });
    expect(after.data).toMatchObject({ state: "failure", statuses: [{ context: "steward/build", state: "failure" }] });
  });

  test("pull requests are opened as drafts, found by their branch, reviewed and merged", async () => {
    const { created, head, at, pull: target } = await pull();
    const { pulls } = as("steward");
    expect(created).toMatchObject({ title: "WIP: Work", draft: true });
    expect((await pulls.list({ ...at, head: "alice:work" })).data).toMatchObject([{ number: created.number }]);
    expect((await pulls.list({ ...at, head: "alice:none" })).data).toEqual([]);
    await pulls.update({ ...target, title: "Work" });
    const review = await as("alice").pulls.createReview({ ...target, event: "APPROVE", body: "Good." });
    expect(review.data.state).toBe("APPROVED");
    const changes = await as("alice").pulls.createReview({
      ...target,
      event: "REQUEST_CHANGES",
      body: "Rename.",
      comments: [{ path: "a.txt", line: 1, body: "this" }],
    });
    expect(changes.data.state).toBe("CHANGES_REQUESTED");
    await expect(pulls.merge({ ...target, sha: "0".repeat(40) })).rejects.toMatchObject({ status: 409 });
    const merged = await pulls.merge({ ...target, sha: head, merge_method: "squash", commit_title: "Squashed" });
    expect(merged.data).toMatchObject({ merged: true, sha: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect((await pulls.list(at)).data).toEqual([]);
  });

  test("branches are made and deleted as refs", async () => {
    const { git, repos } = as("steward");
    const { at } = await widgets();
    const { data: main } = await repos.getBranch({ ...at, branch: "main" });
    await git.createRef({ ...at, ref: "refs/heads/steward/issue-1", sha: main.commit.sha });
    const { data: ref } = await git.getRef({ ...at, ref: "heads/steward/issue-1" });
    expect(ref).toMatchObject({ ref: "refs/heads/steward/issue-1", object: { sha: main.commit.sha } });
    await git.deleteRef({ ...at, ref: "heads/steward/issue-1" });
    await expect(git.getRef({ ...at, ref: "heads/steward/issue-1" })).rejects.toMatchObject({ status: 404 });
  });

  test("webhooks are active, and stay what they are when one thing is changed", async () => {
    const { repos } = as("alice");
    const { at } = await widgets();
    const { data: hook } = await repos.createWebhook({
      ...at,
      name: "web",
      config: { url: "http://127.0.0.1:1/webhook/gitea", secret: "s" },
      events: ["issues"],
    });
    expect(hook.active).toBe(true);
    const { data: after } = await repos.updateWebhook({ ...at, hook_id: hook.id, active: false });
    expect(after.active).toBe(false);
    expect(after.events.toSorted()).toEqual(hook.events.toSorted());
  });
});
