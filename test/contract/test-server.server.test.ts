/** What suites rely on in every server they are run on: users, tokens, repositories with files, hooks to this machine. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { forEachServer } from "../support/servers.ts";
import { callApi, createRepository, gitEnvironment, TEST_USERS } from "../support/test-server.ts";

const Permissions = z.object({
  default_branch: z.string(),
  permissions: z.object({ admin: z.boolean(), push: z.boolean() }),
});

forEachServer((server) => {
  test.each(TEST_USERS)("%s is who the token says", async (login) => {
    expect(await callApi(server(), server().tokens[login], "GET", "/user")).toMatchObject({ login });
  });

  test("a new repository has its files on main, and the collaborators asked for", async () => {
    const name = await createRepository(server(), {
      name: "shelves",
      files: { "a/b.txt": "one\n" },
      collaborators: { bob: "write" },
    });
    const asBot = Permissions.parse(await callApi(server(), server().tokens.steward, "GET", `/repos/${name}`));
    expect(asBot).toEqual({ default_branch: "main", permissions: { admin: true, push: true } });
    const asBob = Permissions.parse(await callApi(server(), server().tokens.bob, "GET", `/repos/${name}`));
    expect(asBob.permissions).toEqual({ admin: false, push: true });
    const file = await callApi(server(), server().tokens.mallory, "GET", `/repos/${name}/contents/a/b.txt`);
    expect(file).toMatchObject({ content: Buffer.from("one\n").toString("base64") });
  });

  test("git reads over HTTP with the token from the environment", async () => {
    const name = await createRepository(server(), { name: "readable" });
    const env = gitEnvironment(server().tokens.steward);
    const { stdout } = await promisify(execFile)("git", ["ls-remote", `${server().url}/${name}.git`], { env });
    expect(stdout).toMatch(/^[0-9a-f]{40}\s+HEAD\n[0-9a-f]{40}\s+refs\/heads\/main\n$/);
  });

  test("a webhook reaches this machine", async () => {
    const receiver = createServer((request, response) => response.end(request.headers["x-gitea-event"])).listen(
      0,
      "127.0.0.1",
    );
    onTestFinished(() => void receiver.close());
    await once(receiver, "listening");
    const address = z.object({ port: z.number() }).parse(receiver.address());
    const name = await createRepository(server(), { name: "hooked" });
    const delivered = once(receiver, "request");
    await callApi(server(), server().tokens.steward, "POST", `/repos/${name}/hooks`, {
      type: "gitea",
      active: true,
      events: ["issues"],
      config: { url: `http://127.0.0.1:${address.port}/`, content_type: "json", secret: "of-tests" },
    });
    await callApi(server(), server().tokens.alice, "POST", `/repos/${name}/issues`, { title: "One" });
    const [request] = await delivered;
    expect(request.headers).toMatchObject({ "x-gitea-event": "issues" });
  });
});
