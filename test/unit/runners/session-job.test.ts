/** Session jobs: a script plays the agent, everything around it is real. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobDeps } from "../../../runners/jobs/job-deps.ts";
import { createSessionExecutor } from "../../../runners/jobs/session-job.ts";
import { createHostSandbox } from "../../../runners/sandbox/host-sandbox.ts";
import type { Sha } from "../../../src/domain/ids.ts";
import { type JobBench, openJobBench, sessionJob } from "../../support/job-bench.ts";

let bench: JobBench;
let main: Sha;
let branches = 0;

beforeAll(async () => {
  bench = await openJobBench({ "README.md": "hello\n", "lock.txt": "v1\n", ".gitignore": "modules/\n" });
  main = bench.server.head("main") as Sha;
});

afterAll(() => bench[Symbol.asyncDispose]());

type Options = Partial<Parameters<typeof sessionJob>[1]>;

function prepare(command: string, options: Options = {}, deps: JobDeps = bench.deps) {
  branches += 1;
  const job = sessionJob(bench, { base: main, branch: `steward/issue-${branches}-x`, command, ...options });
  const running = bench.contextOf(job);
  return { ...running, job, execute: () => createSessionExecutor(deps)(running.context) };
}

async function run(command: string, options: Options = {}, deps?: JobDeps) {
  const { job, execute, log } = prepare(command, options, deps);
  return { result: await execute(), job, log: log(), head: bench.server.head(job.branch) };
}

describe("a session", () => {
  test("gives the agent its orders, and pushes what it edited as one commit of the bot", async () => {
    const command = `cat > from-stdin; cp "$STEWARD_PROMPT_FILE" from-file; env | grep ^STEWARD_ | grep -v PROMPT | sort`;
    const { result, job, log, head } = await run(command, { attempt: 3, commitTitle: "Fixes #7, closes #8 (42)" });
    expect(result).toMatchObject({ outcome: "claimed", summary: "", changed: true, head, refused: [] });
    expect(log).toContain(`STEWARD_ATTEMPT=3\nSTEWARD_BRANCH=${job.branch}\nSTEWARD_TASK=acme/widgets#42\n`);
    for (const file of ["from-stdin", "from-file"]) {
      expect(bench.server.git("cat-file", "blob", `${head}:${file}`)).toBe(job.prompt.trim());
    }
    const [author, parent, ...message] = bench.server
      .git("log", "-1", "--format=%an <%ae>%n%P%n%B", String(head))
      .split("\n");
    expect([author, parent]).toEqual(["steward <steward@example.test>", main]);
    expect(message.slice(1)).toEqual([
      "",
      "Steward-Task: acme/widgets#42",
      `Steward-Session: ${job.run}`,
      "Steward-Agent: sonnet",
    ]);
    expect(message[0]?.replaceAll("\u200b", "")).toBe("Fixes #7, closes #8 (42)");
    expect(message[0]).not.toMatch(/fixes #|closes #/i);
  });

  test("makes one commit of the agent's own ones, and starts at the branch's head next time", async () => {
    const commits =
      "for i in 1 2 3; do echo $i > f$i; git add . && git commit -qm own-$i; done; git log --oneline | wc -l";
    const first = await run(commits);
    expect(first.log).toContain("\n4\n");
    const branchHead = first.result.head as Sha;
    const second = await run("git log --format=%s | head -n1; ls", { branch: first.job.branch, branchHead });
    expect(second.log).toContain("Do the work (42)\nREADME.md\nf1\nf2\nf3\n");
    expect(second.result).toMatchObject({ outcome: "claimed", changed: false, head: branchHead });
  });

  test("that changed nothing pushes nothing and has no branch to show", async () => {
    const { result, head } = await run("true");
    expect(result).toMatchObject({ outcome: "claimed", changed: false });
    expect(result.head).toBeUndefined();
    expect(head).toBeUndefined();
  });

  test("keeps the work of an agent that gives up, crashes or meets its limit", async () => {
    const stopped = await run("echo half > half.txt; exit 3");
    expect(stopped.result).toMatchObject({
      outcome: "stopped",
      summary: "exit code 3",
      changed: true,
      head: stopped.head,
    });
    const limited = await run("echo half > half.txt; sleep 60", { turnMinutes: 0.01 });
    expect(limited.result).toMatchObject({ outcome: "limit", changed: true, head: limited.head });
    expect(limited.result.summary).toMatch(/^took longer than/);
    const session = await run("echo half > half.txt; sleep 60", { turnMinutes: 5, sessionMinutes: 0.02 });
    expect(session.result).toMatchObject({ outcome: "limit", changed: true });
  });

  test("does not push over a branch that moved meanwhile", async () => {
    const { job, execute, logged } = prepare("echo begun; echo mine > mine.txt; sleep 0.4");
    const ended = execute();
    await logged("begun\n");
    const theirs = bench.server.commit(job.branch, { "theirs.txt": "theirs\n" }, main);
    expect(await ended).toMatchObject({ outcome: "push-refused", changed: false });
    expect(bench.server.head(job.branch)).toBe(theirs);
  });

  test("pushes nothing when another run took over, or when it was cancelled", async () => {
    const superseded = prepare("echo x > x.txt");
    superseded.supersede();
    expect(await superseded.execute()).toMatchObject({ outcome: "error", changed: false });
    const cancelled = prepare("echo begun; echo x > x.txt; sleep 60");
    const ended = cancelled.execute();
    await cancelled.logged("begun\n");
    cancelled.stop("cancelled");
    await expect(ended).rejects.toMatchObject({ code: "RUN_FENCED" });
    for (const { job } of [superseded, cancelled]) expect(bench.server.head(job.branch)).toBeUndefined();
  });

  test("brings its work to safety when the runner shuts down, and leaves the rest to another one", async () => {
    const { job, execute, logged, stop } = prepare("echo part > part.txt; echo begun; sleep 600");
    const ended = execute();
    await logged("begun\n");
    stop("shutdown");
    await expect(ended).rejects.toMatchObject({ code: "RUN_FENCED" });
    expect(bench.server.git("cat-file", "blob", `${bench.server.head(job.branch)}:part.txt`)).toBe("part");
  });

  test("goes on without a set-up that fails, and with the result of one that does not", async () => {
    const setup = { run: "mkdir modules; cp lock.txt modules/x", cache: ["lock.txt"], timeoutMinutes: 1 };
    expect((await run("cat modules/x", { setup })).log).toContain("v1\n");
    const { result, log } = await run("echo worked > w.txt", { setup: { ...setup, run: "exit 9" } });
    expect(log).toContain("set-up failed (exit code 9)");
    expect(result).toMatchObject({ outcome: "claimed", changed: true });
  });

  test("leaves nothing of itself on the host", async () => {
    await run("echo x > x.txt");
    const left = (place: string) => readdirSync(`${bench.config.folder}/${place}`);
    expect([...left("jobs"), ...left("staging"), ...left("trash"), ...left("views")]).toEqual([]);
  });

  test("works where nothing isolates, too", async () => {
    const sandbox = await createHostSandbox({ tools: [] }, { path: "/usr/bin:/bin", home: "/nonexistent" });
    const command =
      'git status --short --branch; echo x > x.txt; git add .; git commit -qm own; cat "$STEWARD_PROMPT_FILE"';
    const { result, log, job, head } = await run(command, {}, { ...bench.deps, sandbox });
    expect(log).toContain(`## ${job.branch}\n${job.prompt}`);
    expect(result).toMatchObject({ outcome: "claimed", changed: true, head });
  });

  test("says so when the workspace cannot be had", async () => {
    const { result } = await run("true", { base: "4".repeat(40) as Sha });
    expect(result).toMatchObject({ outcome: "error", changed: false });
  });
});

describe("a session with a model", () => {
  interface Provider extends AsyncDisposable {
    readonly deps: JobDeps;
    readonly asked: { readonly key: string | undefined; readonly model: unknown }[];
  }

  /** Answers with these statuses in turn, the last of them for ever. */
  async function startProvider(...statuses: number[]): Promise<Provider> {
    const asked: Provider["asked"][number][] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { model } = JSON.parse(Buffer.concat(chunks).toString());
      asked.push({ key: request.headers["x-api-key"]?.toString(), model });
      const status = statuses[Math.min(asked.length, statuses.length) - 1] ?? 500;
      const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
      const body =
        status === 200
          ? { id: "m", type: "message", usage }
          : { type: "error", error: { type: "api_error", message: "no" } };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const endpoints = { test: { api: "anthropic" as const, url, key: "sk-real-key-0123456789" } };
    return {
      asked,
      deps: { ...bench.deps, config: { ...bench.config, endpoints } },
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  const ASK = `node --input-type=module -e "
    const answer = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY },
      body: JSON.stringify({ model: process.env.ANTHROPIC_MODEL, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }) });
    console.log('status', answer.status);
    await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/files').catch(() => undefined);
    await fetch('http://192.0.2.1/').then(() => console.log('outside'), () => console.log('inside only'));"`;

  test("reaches it through the gateway alone, and its use is measured", async () => {
    await using provider = await startProvider(200);
    const { result, log } = await run(
      `${ASK}; env; echo done > done.txt`,
      { endpoint: "test", model: "some-model" },
      provider.deps,
    );
    expect(log).toContain("status 200\n");
    expect(log).toContain("inside only\n");
    expect(log).not.toContain("sk-real-key");
    expect(provider.asked).toEqual([{ key: "sk-real-key-0123456789", model: "some-model" }]);
    expect(result).toMatchObject({
      ...{ outcome: "claimed", refused: ["GET /v1/files"] },
      usage: { requests: 1, inputTokens: 10, outputTokens: 5, providerErrors: 0 },
    });
  });

  test("is no failure of the agent when its provider only failed", async () => {
    await using provider = await startProvider(529);
    const { result } = await run(`${ASK}; exit 1`, { endpoint: "test", model: "some-model" }, provider.deps);
    expect(result).toMatchObject({
      outcome: "provider-error",
      changed: false,
      usage: { requests: 1, providerErrors: 1 },
    });
  });

  test("is no failure of the agent when its provider failed in the end, and one when the agent asked wrongly", async () => {
    const asking = `${ASK}; ${ASK}`;
    const ended = async (status: number, command: string) => {
      await using provider = await startProvider(200, status);
      return (await run(command, { endpoint: "test", model: "some-model" }, provider.deps)).result;
    };
    const overloaded = await ended(529, `${asking}; exit 1`);
    expect(overloaded).toMatchObject({
      ...{ outcome: "provider-error", changed: false, usage: { requests: 2, providerErrors: 1 } },
      summary: "the model's provider failed 1 time; exit code 1",
    });
    expect(await ended(400, `${asking}; exit 1`)).toMatchObject({ outcome: "stopped", changed: false });
    expect(await ended(529, asking)).toMatchObject({ outcome: "claimed" });
    expect(await ended(529, `echo half > half.txt; ${asking}; exit 1`)).toMatchObject({
      ...{ outcome: "stopped", changed: true },
    });
  });

  test("does not start without the endpoint it needs", async () => {
    const { result } = await run("true", { endpoint: "absent" });
    expect(result).toMatchObject({ outcome: "error", summary: expect.stringContaining("absent") });
  });
});
