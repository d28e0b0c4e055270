/** What the client makes of GitHub's calls, seen at the wire. */
import { once } from "node:events";
import { createServer } from "node:http";
import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createOctokit } from "../../../src/gitea/octokit-compat.ts";

const HOST = "http://gitea.test";
const at = { owner: "acme", repo: "widgets" };
const octokit = createOctokit({ baseUrl: `${HOST}/api/v1`, token: "0123456789abcdef0123456789abcdef01234567" });
const api = () => nock(`${HOST}/api/v1`);

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});
afterAll(() => {
  nock.restore();
  nock.enableNetConnect();
});

test("the token is sent with every call", async () => {
  api()
    .get("/user")
    .matchHeader("authorization", "token 0123456789abcdef0123456789abcdef01234567")
    .reply(200, { id: 1 });
  expect((await octokit.rest.users.getAuthenticated()).data.id).toBe(1);
});

describe("what is not below the API's root", () => {
  test("is not called: the token stays here", async () => {
    const call = octokit.request("GET https://elsewhere.test/api/v1/user");
    await expect(call).rejects.toMatchObject({ status: 400 });
  });

  test("is not a prefix of another host's name", async () => {
    const call = octokit.request("GET http://gitea.test/api/v10/user");
    await expect(call).rejects.toMatchObject({ status: 400 });
  });
});

describe("a repository that was renamed", () => {
  test("is read where it is now", async () => {
    api().get("/repos/acme/widgets").reply(301, "", { location: "/api/v1/repos/acme/gadgets" });
    api().get("/repos/acme/gadgets").reply(200, { name: "gadgets" });
    expect((await octokit.rest.repos.get(at)).data.name).toBe("gadgets");
  });

  test("is not written to: the write would arrive as a read", async () => {
    api().post("/repos/acme/widgets/issues/1/comments").reply(301, "", { location: "/api/v1/repos/acme/gadgets" });
    const call = octokit.rest.issues.createComment({ ...at, issue_number: 1, body: "x" });
    await expect(call).rejects.toMatchObject({ status: 301 });
  });
});

describe("a call that fails", () => {
  test.each([500, 502, 503])("with %i is not sent a second time", async (status) => {
    const write = api().post("/repos/acme/widgets/issues/1/comments").reply(status, { message: "" });
    const call = octokit.rest.issues.createComment({ ...at, issue_number: 1, body: "x" });
    await expect(call).rejects.toMatchObject({ status });
    expect(write.isDone()).toBe(true);
  });

  test.each([
    ["headers", false],
    ["the rest of the body", true],
  ])("because %s did not come in time is ended", async (_what, begin) => {
    nock.enableNetConnect("127.0.0.1");
    const server = createServer((_request, response) => {
      if (begin) response.writeHead(200, { "content-type": "application/json", "content-length": 100 }).write("{");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const impatient = createOctokit({ baseUrl: `http://127.0.0.1:${port}/api/v1`, token: "t", timeoutMs: 100 });
    await expect(impatient.rest.users.getAuthenticated()).rejects.toThrow();
    server.closeAllConnections();
    server.close();
    nock.disableNetConnect();
  });
});

describe("what Gitea does not have", () => {
  test.each([
    ["checks", () => octokit.rest.checks.create({ ...at, name: "x", head_sha: "a" }), "commit statuses"],
    ["checks of a ref", () => octokit.rest.checks.listForRef({ ...at, ref: "main" }), "commit statuses"],
    ["GraphQL", () => octokit.graphql("query { viewer { login } }"), "REST"],
    ["a rate limit", () => octokit.rest.rateLimit.get(), "rate limit"],
    ["apps", () => octokit.rest.apps.getAuthenticated(), "a token"],
    ["search by query", () => octokit.rest.search.issuesAndPullRequests({ q: "is:open" }), "filter"],
  ])("fails at once and says the way round: %s", async (_name, call, way) => {
    const failure = await call().catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 501, message: expect.stringContaining(way) });
  });
});

describe("lists", () => {
  const issue = (number: number) => ({ number, assignees: null, labels: null, pull_request: null });

  test("ask for no more than Gitea gives", async () => {
    api().get("/repos/acme/widgets/labels?limit=50").reply(200, []);
    await octokit.rest.issues.listLabelsForRepo({ ...at, per_page: 100 });
  });

  test("that are null are empty", async () => {
    api().get("/repos/acme/widgets/issues/1/reactions").reply(200, "null", { "content-type": "application/json" });
    expect((await octokit.rest.reactions.listForIssue({ ...at, issue_number: 1 })).data).toEqual([]);
  });

  test("go on at this root, wherever the server believes to be", async () => {
    const elsewhere = '<https://public.test/api/v1/repos/acme/widgets/issues?limit=2&page=2>; rel="next"';
    api()
      .get("/repos/acme/widgets/issues?limit=2")
      .reply(200, [issue(1), issue(2)], { link: elsewhere });
    api()
      .get("/repos/acme/widgets/issues?limit=2&page=2")
      .reply(200, [issue(3)]);
    const all = await octokit.paginate(octokit.rest.issues.listForRepo, { ...at, per_page: 2 });
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test("go on in the steps of a server that gives less than it was asked for", async () => {
    const counted = { "x-total-count": "5" };
    api()
      .get("/repos/acme/widgets/labels?limit=50")
      .reply(200, [{ id: 1 }, { id: 2 }], counted);
    api()
      .get("/repos/acme/widgets/labels?limit=2&page=2")
      .reply(200, [{ id: 3 }, { id: 4 }], counted);
    api()
      .get("/repos/acme/widgets/labels?limit=2&page=3")
      .reply(200, [{ id: 5 }], counted);
    expect(await octokit.paginate(octokit.rest.issues.listLabelsForRepo, { ...at, per_page: 100 })).toHaveLength(5);
  });

  test("end where a server sends neither count nor link and the page is not full", async () => {
    const path = "/repos/acme/widgets/issues/1/dependencies";
    api()
      .get(`${path}?limit=2`)
      .reply(200, [issue(2), issue(3)]);
    api()
      .get(`${path}?limit=2&page=2`)
      .reply(200, [issue(4)]);
    const route = "GET /repos/{owner}/{repo}/issues/{index}/dependencies";
    expect(await octokit.paginate(route, { ...at, index: 1, per_page: 2 })).toHaveLength(3);
  });

  test("of issues keep GitHub's filters, in Gitea's words", async () => {
    api().get("/repos/acme/widgets/issues?state=all&milestones=3&created_by=alice&labels=bug").reply(200, []);
    const filter = { state: "all", milestone: "3", creator: "alice", labels: "bug", sort: "updated" } as const;
    expect((await octokit.rest.issues.listForRepo({ ...at, ...filter })).data).toEqual([]);
  });

  test("of one's own issues come from Gitea's search", async () => {
    api()
      .get("/repos/issues/search?state=open&assigned=true")
      .reply(200, [issue(1)]);
    const { data } = await octokit.rest.issues.list({ state: "open" });
    expect(data).toMatchObject([{ number: 1, assignees: [], labels: [] }]);
  });

  test("of pull requests hold the open ones unless asked, in Gitea's order", async () => {
    api().get("/repos/acme/widgets/pulls?state=open&base_branch=main&sort=recentupdate").reply(200, []);
    await octokit.rest.pulls.list({ ...at, base: "main", sort: "updated", direction: "desc" });
  });

  test("of pull requests of a commit may be empty", async () => {
    api().get("/repos/acme/widgets/commits/abc/pull").reply(404, { message: "not found" });
    const { data } = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: "abc" });
    expect(data).toEqual([]);
  });

  test("of reviews hold no requests, and dismissed ones say so", async () => {
    const reviews = [{ state: "REQUEST_REVIEW" }, { state: "COMMENT" }, { state: "APPROVED", dismissed: true }];
    api().get("/repos/acme/widgets/pulls/4/reviews").reply(200, reviews);
    const { data } = await octokit.rest.pulls.listReviews({ ...at, pull_number: 4 });
    expect(data.map(({ state }) => state)).toEqual(["COMMENTED", "DISMISSED"]);
  });
});

describe("writes", () => {
  const pull = { ...at, pull_number: 4 };

  test("merge by Gitea's verb and words, and tell the merge commit", async () => {
    const body = { Do: "squash", MergeTitleField: "T", MergeMessageField: "M", head_commit_id: "abc" };
    api().post("/repos/acme/widgets/pulls/4/merge", body).reply(200);
    api().get("/repos/acme/widgets/pulls/4").reply(200, { merged: true, merge_commit_sha: "def" });
    const parameters = { merge_method: "squash", commit_title: "T", commit_message: "M", sha: "abc" } as const;
    expect((await octokit.rest.pulls.merge({ ...pull, ...parameters })).data).toMatchObject({
      merged: true,
      sha: "def",
    });
  });

  test("wait for Gitea to find out whether it can merge", async () => {
    api().post("/repos/acme/widgets/pulls/4/merge").reply(405, { message: "Please try again later" });
    api().get("/repos/acme/widgets/pulls/4").reply(200, { state: "open", draft: false });
    api().post("/repos/acme/widgets/pulls/4/merge").reply(200);
    api().get("/repos/acme/widgets/pulls/4").reply(200, { merged: true, merge_commit_sha: "def" });
    expect((await octokit.rest.pulls.merge(pull)).data.merged).toBe(true);
  });

  test("do not wait for a draft to become mergeable", async () => {
    api().post("/repos/acme/widgets/pulls/4/merge").reply(405, { message: "Work in progress PRs cannot be merged" });
    api().get("/repos/acme/widgets/pulls/4").reply(200, { state: "open", draft: true });
    await expect(octokit.rest.pulls.merge(pull)).rejects.toMatchObject({ status: 405 });
  });

  test("do not call a scheduled merge merged", async () => {
    api().post("/repos/acme/widgets/pulls/4/merge").reply(201);
    api().get("/repos/acme/widgets/pulls/4").reply(200, { merged: false });
    await expect(octokit.rest.pulls.merge(pull)).rejects.toMatchObject({ status: 405 });
  });

  test("update a branch, submit and dismiss a review by POST", async () => {
    api().post("/repos/acme/widgets/pulls/4/update?style=merge").reply(200);
    expect((await octokit.rest.pulls.updateBranch(pull)).status).toBe(202);
    api().post("/repos/acme/widgets/pulls/4/reviews/7", { event: "APPROVED" }).reply(200, { state: "APPROVED" });
    await octokit.rest.pulls.submitReview({ ...pull, review_id: 7, event: "APPROVE" });
    api().post("/repos/acme/widgets/pulls/4/reviews/7/dismissals", { message: "m" }).reply(200, { state: "APPROVED" });
    await octokit.rest.pulls.dismissReview({ ...pull, review_id: 7, message: "m" });
  });

  test("take a comment's line for the line of the file, on either side", async () => {
    const comments = [
      { path: "a", body: "new", new_position: 3 },
      { path: "a", body: "old", old_position: 4 },
    ];
    api()
      .post("/repos/acme/widgets/pulls/4/reviews", { event: "COMMENT", body: "b", comments })
      .reply(200, { state: "COMMENT" });
    const given = [
      { path: "a", body: "new", line: 3 },
      { path: "a", body: "old", line: 4, side: "LEFT" },
    ];
    const { data } = await octokit.rest.pulls.createReview({ ...pull, event: "COMMENT", body: "b", comments: given });
    expect(data.state).toBe("COMMENTED");
  });

  test("clear a milestone", async () => {
    api().patch("/repos/acme/widgets/issues/1", { milestone: 0 }).reply(201, { number: 1 });
    expect((await octokit.rest.issues.update({ ...at, issue_number: 1, milestone: null })).status).toBe(200);
  });

  test("give a status its context, which is empty on Gitea otherwise", async () => {
    api()
      .post("/repos/acme/widgets/statuses/abc", { state: "success", context: "default" })
      .reply(201, { status: "success" });
    const { data } = await octokit.rest.repos.createCommitStatus({ ...at, sha: "abc", state: "success" });
    expect(data.state).toBe("success");
  });

  test("name labels by name, also where a name is a number", async () => {
    const labels = [
      { id: 7, name: "bug" },
      { id: 9, name: "7" },
    ];
    api().get("/repos/acme/widgets/issues/1/labels").reply(200, labels);
    api().delete("/repos/acme/widgets/issues/1/labels/9").reply(204);
    const { data } = await octokit.rest.issues.removeLabel({ ...at, issue_number: 1, name: "7" });
    expect(data).toEqual([{ id: 7, name: "bug" }]);
  });

  test("rename and delete a label by its id", async () => {
    const labels = api()
      .get("/repos/acme/widgets/labels?page=1&limit=50")
      .twice()
      .reply(200, [{ id: 7, name: "a b" }]);
    api().patch("/repos/acme/widgets/labels/7", { name: "c" }).reply(200, { id: 7, name: "c" });
    await octokit.rest.issues.updateLabel({ ...at, name: "a b", new_name: "c" });
    api().delete("/repos/acme/widgets/labels/7").reply(204);
    await octokit.rest.issues.deleteLabel({ ...at, name: "a b" });
    expect(labels.isDone()).toBe(true);
  });

  test("lock with the body that Gitea wants", async () => {
    api().put("/repos/acme/widgets/issues/1/lock", {}).reply(204);
    await octokit.rest.issues.lock({ ...at, issue_number: 1 });
  });
});

test("who owns a repository is an administrator of it", async () => {
  api().get("/repos/acme/widgets/collaborators/acme/permission").reply(200, { permission: "owner" });
  const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username: "acme" });
  expect(data.permission).toBe("admin");
});

test.each([
  ["Alice", true],
  ["mallory", false],
])("whether %s can be assigned is looked up", async (assignee, can) => {
  api()
    .get("/repos/acme/widgets/assignees")
    .reply(200, [{ login: "alice" }]);
  const status = await octokit.rest.issues.checkUserCanBeAssigned({ ...at, assignee }).then(
    (answer) => answer.status,
    (error: { status: number }) => error.status,
  );
  expect(status).toBe(can ? 204 : 404);
});

test("Gitea's own routes are left alone when a call says so", async () => {
  api().get("/repos/acme/widgets/pulls").reply(200, []);
  await octokit.request("GET /repos/{owner}/{repo}/pulls", { ...at, request: { native: true } });
});
