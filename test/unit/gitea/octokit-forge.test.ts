/** What becomes of the forge's refusals, failures and odd answers. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { commentKeyLine } from "../../../src/domain/comment-key.ts";
import { FatalError, ParkError, RetryableError } from "../../../src/domain/errors.ts";
import { RepositoryName } from "../../../src/domain/ids.ts";
import { createOctokit } from "../../../src/gitea/octokit-compat.ts";
import { createOctokitForge } from "../../../src/gitea/octokit-forge.ts";
import type { Forge } from "../../../src/ports/forge.ts";
import { silentLog } from "../../support/silent-log.ts";

const HOST = "http://gitea.test";
const repository = RepositoryName.parse("acme/widgets");
const issue = { repository, number: 1 };
const api = () => nock(`${HOST}/api/v1`);

function forgeAt(host = HOST, timeoutMs = 5_000): Forge {
  const octokit = createOctokit({ baseUrl: `${host}/api/v1`, token: "t", timeoutMs });
  return createOctokitForge({ octokit, log: silentLog });
}

const failureOf = (act: Promise<unknown>) =>
  act.then(
    () => undefined,
    (error: unknown) => error,
  );

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

describe("an answer", () => {
  test.each([
    [500, RetryableError, "FORGE_UNREACHABLE"],
    [503, RetryableError, "FORGE_UNREACHABLE"],
    [429, RetryableError, "FORGE_UNREACHABLE"],
    [401, FatalError, "FORGE_REFUSED"],
    [403, ParkError, "FORGE_REFUSED"],
    [423, ParkError, "FORGE_REFUSED"],
    [409, FatalError, "FORGE_CONFLICT"],
  ])("of %i to a write says what helps", async (status, kind, code) => {
    api().get("/user").reply(200, { id: 5, login: "steward" });
    api().get("/repos/acme/widgets/issues/1/comments").reply(200, []);
    api().post("/repos/acme/widgets/issues/1/comments").reply(status, { message: "because" });
    const failure = await failureOf(forgeAt().ensureComment(issue, { key: "k", body: "b", edit: false }));
    expect(failure).toBeInstanceOf(kind);
    expect(failure).toMatchObject({ code, message: expect.stringContaining("because") });
  });

  test("that asks for patience is heard", async () => {
    api().get("/repos/acme/widgets/issues/1").reply(429, { message: "" }, { "retry-after": "7" });
    expect(await failureOf(forgeAt().readIssue(issue))).toMatchObject({ retryAfterMs: 7_000 });
  });

  test("with words of a hostile server cannot call people or close issues", async () => {
    api().get("/repos/acme/widgets/issues/1").reply(403, { message: "Closes #7, says @alice <img src=x>" });
    const failure = await failureOf(forgeAt().readIssue(issue));
    expect(failure).toMatchObject({ message: expect.not.stringMatching(/Closes #7|@alice|<img/) });
  });

  test("that has the wrong shape is a bug, not a fact", async () => {
    api().get("/repos/acme/widgets/issues/1").reply(200, { number: "one" });
    expect(await failureOf(forgeAt().readIssue(issue))).toBeInstanceOf(FatalError);
  });

  test("that names no write right tells which one", async () => {
    api().get("/repos/acme/widgets/issues/1").reply(403, { message: "" });
    const failure = await failureOf(forgeAt().readIssue(issue));
    expect(failure).toMatchObject({ message: expect.stringContaining("write permission on the repository") });
  });
});

describe("a server that cannot be reached is tried again later:", () => {
  async function at(listener: RequestListener, act: (forge: Forge) => Promise<unknown>): Promise<unknown> {
    nock.enableNetConnect("127.0.0.1");
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const failure = await failureOf(act(forgeAt(`http://127.0.0.1:${port}`, 200)));
    server.closeAllConnections();
    server.close();
    nock.disableNetConnect();
    return failure;
  }
  const json = { "content-type": "application/json" };

  test.each<[string, RequestListener]>([
    ["it says nothing", () => undefined],
    ["it hangs up", (request) => request.socket.destroy()],
    [
      "it breaks off",
      (request, response) => {
        response.writeHead(200, { ...json, "content-length": 1_000 });
        response.write("{", () => request.socket.destroy());
      },
    ],
    [
      "it stops in the middle",
      (_request, response) => {
        response.writeHead(200, { ...json, "content-length": 1_000 }).write("{");
      },
    ],
    [
      "it sends a page of a proxy",
      (_request, response) => {
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>starting</h1>");
      },
    ],
  ])("%s", async (_name, listener) => {
    const reads = [
      (forge: Forge) => forge.readIssue(issue),
      (forge: Forge) => forge.readFile(repository, ".gitea/steward.yml", "main"),
    ];
    for (const read of reads) expect(await at(listener, read)).toBeInstanceOf(RetryableError);
  });
});

describe("rights", () => {
  const bob = { id: 3, login: "bob" };
  const path = "/repos/acme/widgets/collaborators/bob/permission";

  test.each([
    ["owner", "write"],
    ["admin", "write"],
    ["write", "write"],
    ["read", "read"],
    ["none", "none"],
    ["something new", "unknown"],
  ])("of %s mean %s", async (permission, expected) => {
    api().get(path).reply(200, { permission, user: bob });
    expect(await forgeAt().permissionOf(repository, bob)).toBe(expected);
  });

  test("that the bot may not see are unknown", async () => {
    api().get(path).reply(403, { message: "" });
    api().get("/users/bob").reply(200, bob);
    expect(await forgeAt().permissionOf(repository, bob)).toBe("unknown");
  });

  test("of nobody are none", async () => {
    api().get(path).reply(404, { message: "" });
    api().get("/users/bob").reply(404, { message: "" });
    expect(await forgeAt().permissionOf(repository, bob)).toBe("none");
  });
});

describe("blockers", () => {
  const path = "/repos/acme/widgets/issues/1/dependencies?page=1&limit=50";
  const repositoryWith = (enabled: boolean) => ({
    full_name: "acme/widgets",
    default_branch: "main",
    clone_url: "c",
    html_url: "h",
    archived: false,
    internal_tracker: { enable_issue_dependencies: enabled },
  });

  test.each([
    ["are none where the repository has them off", false, []],
    ["cannot be told where they are on and not given", true, undefined],
  ])("%s", async (_name, enabled, expected) => {
    api().get(path).reply(404, { message: "" });
    api().get("/repos/acme/widgets").reply(200, repositoryWith(enabled));
    expect(await forgeAt().listBlockers(issue)).toEqual(expected);
  });

  test("cannot be told when one of them is hidden", async () => {
    const seen = { number: 2, title: "t", state: "open", repository: { full_name: "acme/widgets" } };
    const hidden = { number: 0, title: "HIDDEN", state: "open", repository: null };
    api().get(path).reply(200, [seen, hidden]);
    expect(await forgeAt().listBlockers(issue)).toBeUndefined();
  });
});

describe("somebody else was faster:", () => {
  const own = { id: 5, login: "steward" };
  const comments = "/repos/acme/widgets/issues/1/comments";

  test("a comment that was deleted meanwhile is made again", async () => {
    const known = [{ id: 9, author: own, body: `${commentKeyLine("status")}\nold`, createdAt: 1, updatedAt: 1 }];
    api().get("/user").reply(200, own);
    api().patch("/repos/acme/widgets/issues/comments/9").reply(404, { message: "" });
    api().post(comments).reply(201, { id: 10 });
    const comment = { key: "status", body: `${commentKeyLine("status")}\nnew`, edit: true };
    expect(await forgeAt().ensureComment(issue, comment, known)).toBe(10);
  });

  test("a pull request that was opened meanwhile is taken", async () => {
    const branch = (ref: string) => ({ label: ref, ref, sha: "a".repeat(40), repo_id: 1 });
    const pull = { number: 4, title: "T", body: "b", state: "open", merged: false, user: own, html_url: "h" };
    const find = "/repos/acme/widgets/pulls/main/work";
    api().get("/user").reply(200, own);
    api().get(find).reply(404, { message: "" });
    api().get("/repos/acme/widgets/pulls?state=open&sort=recentupdate&page=1&limit=50").reply(200, []);
    api().post("/repos/acme/widgets/pulls").reply(409, { message: "exists" });
    api()
      .get(find)
      .reply(200, { ...pull, head: branch("work"), base: branch("main") });
    const wanted = { head: "work", base: "main", title: "T", body: "b", draft: false };
    expect(await forgeAt().ensurePull(repository, wanted)).toMatchObject({ number: 4 });
  });

  test("a label that was deleted meanwhile is made again at the next try", async () => {
    const definition = { name: "agent/queued", color: "00aabb", description: "" };
    const forge = forgeAt();
    api()
      .get("/repos/acme/widgets/labels?page=1&limit=50")
      .reply(200, [{ id: 1, name: "agent/queued" }]);
    await forge.ensureRepositoryLabels(repository, [definition]);
    api().get("/repos/acme/widgets/issues/1/labels").reply(200, []);
    api().post("/repos/acme/widgets/issues/1/labels").reply(200, []);
    expect(await failureOf(forge.ensureIssueLabel(issue, "agent/queued", ["agent/queued"]))).toBeInstanceOf(
      RetryableError,
    );
    api().get("/repos/acme/widgets/labels?page=1&limit=50").reply(200, []);
    api()
      .post("/repos/acme/widgets/labels", (body) => body.exclusive === true)
      .reply(201, { id: 2 });
    await forge.ensureRepositoryLabels(repository, [definition]);
  });

  test("two tasks of one repository make its labels once", async () => {
    const definition = { name: "agent/queued", color: "00aabb", description: "" };
    const forge = forgeAt();
    api().get("/repos/acme/widgets/labels?page=1&limit=50").reply(200, []);
    api().post("/repos/acme/widgets/labels").reply(201, { id: 1 });
    await Promise.all([1, 2].map(() => forge.ensureRepositoryLabels(repository, [definition])));
  });

  test("a reaction to a comment that is gone or locked is let be", async () => {
    for (const status of [403, 404]) {
      api().post("/repos/acme/widgets/issues/comments/9/reactions").reply(status, { message: "" });
      await forgeAt().ensureReaction(repository, 9, "rocket");
    }
  });
});

test("a pull request of a fork is not taken for the task's, though its branch has the same name", async () => {
  const branch = (ref: string, repo_id: number) => ({ label: ref, ref, sha: "a".repeat(40), repo_id });
  const fork = {
    ...{ number: 4, title: "T", body: "b", state: "open", merged: false, user: { id: 3, login: "bob" }, html_url: "h" },
    ...{ head: branch("work", 2), base: branch("main", 1) },
  };
  const known = { full_name: "acme/widgets", default_branch: "main", clone_url: "c", html_url: "h", archived: false };
  api().get("/repos/acme/widgets").reply(200, known);
  api().get("/repos/acme/widgets/pulls/main/work").reply(404, { message: "" });
  for (const state of ["open", "closed"]) {
    api().get(`/repos/acme/widgets/pulls?state=${state}&sort=recentupdate&page=1&limit=50`).reply(200, [fork]);
  }
  expect(await forgeAt().findPull(repository, "work")).toBeUndefined();
});
