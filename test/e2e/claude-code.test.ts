/** Claude Code from npm as Steward's agent: gates accept its work, its provider's failures are not its own, and it learns no secret. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { stateOf } from "../../demo/observe.ts";
import {
  assignTo,
  type ClaudeCodeLoop,
  openClaudeCodeLoop,
  PRICE,
  REPOSITORY,
  type Secrets,
} from "../support/claude-code-loop.ts";
import { recordProof } from "../support/proved.ts";
import type { ScriptedTurn, ScriptedUsage } from "../support/scripted-messages-api.ts";
import { callApi } from "../support/test-server.ts";

/** Four sessions that fail, and the pauses between them. */
const LIMIT_MS = 300_000;

const SOURCE = "/checkout/src/greet.js";
const EDIT = {
  file_path: SOURCE,
  old_string: 'greet() {\n  return "Hello"',
  new_string: 'greet(name) {\n  return "Hello, dear ".concat(name)',
};
const WANTED = `export function ${EDIT.new_string};\n}\n`;
const FILES_WITH = "/usr/bin/grep -rslD skip --exclude-dir=proc --exclude-dir=dev --exclude-dir=usr";
const ASK_FOR_FILES = `node -e 'fetch(process.env.ANTHROPIC_BASE_URL + "/v1/files").then((a) => a.text()).then(console.log)'`;

/** A secret as it is, and as basic authentication would carry it. */
function needles({ modelKey, forgeToken, webhookSecret }: Secrets): readonly string[] {
  return [modelKey, forgeToken, webhookSecret, Buffer.from(`steward:${forgeToken}`).toString("base64")];
}

/** For grep: it finds the text, and not itself in the agent's own transcript. */
function pattern(text: string): string {
  return `-e '${text.slice(0, -1)}[${text.slice(-1)}]'`;
}

/** All that a process in there can find out: environments, arguments, git's settings and every file, beside positive controls. */
function search(secrets: Secrets): string {
  const patterns = needles(secrets).map(pattern).join(" ");
  return [
    "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'",
    "git config --list",
    `for file in $(${FILES_WITH} ${pattern("Hello, dear")} /); do echo "CONTROL IN $file"; done`,
    `for file in $(${FILES_WITH} ${patterns} /); do echo "SECRET IN $file"; done`,
  ].join("; ");
}

const bash = (command: string) => ({ type: "tool_use", name: "Bash", input: { command, description: "Run" } }) as const;

function turns(secrets: Secrets): readonly ScriptedTurn[] {
  const use = (name: string, input: Readonly<Record<string, string>>) => ({ type: "tool_use", name, input }) as const;
  return [
    {
      content: [{ type: "text", text: "I read it." }, use("Read", { file_path: SOURCE })],
      usage: { input_tokens: 20, cache_creation_input_tokens: 42_000, output_tokens: 800 },
    },
    {
      content: [use("Edit", EDIT)],
      usage: {
        input_tokens: 5,
        cache_creation_input_tokens: 9_000,
        cache_read_input_tokens: 42_000,
        output_tokens: 3_000,
      },
    },
    {
      content: [bash("node --test"), bash(search(secrets)), bash(ASK_FOR_FILES)],
      usage: { input_tokens: 6, cache_read_input_tokens: 51_000, output_tokens: 700 },
    },
    {
      content: [{ type: "text", text: "All done." }],
      usage: { input_tokens: 4_000, cache_read_input_tokens: 51_000, output_tokens: 40 },
    },
  ];
}

let loop: ClaudeCodeLoop;
let worked: number;
let failed: number;

beforeAll(async () => {
  loop = await openClaudeCodeLoop(turns);
  worked = await assignTo(loop.client, "claude");
  failed = await assignTo(loop.client, "overloaded");
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write((await readFile(loop.steward.logFile, "utf8")).slice(-20_000)));
});

afterAll(() => loop[Symbol.asyncDispose]());

/** Waits for a state in which nothing goes on without a person. */
async function untilState(issue: number, state: "review" | "needs-human"): Promise<void> {
  await vi.waitFor(async () => expect(stateOf(await loop.client.issue(issue))).toBe(state), {
    timeout: LIMIT_MS,
    interval: 200,
  });
}

async function commentsOf(issue: number): Promise<readonly string[]> {
  const comments = await loop.client.comments(issue);
  return comments.filter(({ user }) => user.login === "steward").map(({ body }) => body);
}

async function statusCommentOf(issue: number): Promise<string> {
  return (await commentsOf(issue)).find((body) => body.startsWith("<!-- steward:status")) ?? "";
}

const Pull = z.object({ number: z.number(), title: z.string(), body: z.string(), head: z.object({ sha: z.string() }) });
const Statuses = z.object({
  statuses: z.array(
    z.object({ context: z.string(), status: z.string(), description: z.string(), target_url: z.string() }),
  ),
});

async function alice(path: string): Promise<unknown> {
  return callApi(loop.gitea, loop.aliceToken, "GET", `/repos/${REPOSITORY}${path}`);
}

/** The only pull request, and the statuses of its head. */
async function pullAndStatuses() {
  const [pull, ...others] = z.array(Pull).parse(await alice("/pulls?state=all"));
  if (!pull || others.length > 0) throw new Error(`there are ${others.length} pull requests too many`);
  return { pull, ...Statuses.parse(await alice(`/commits/${pull.head.sha}/status`)) };
}

/** All texts in a request to the model, the results of tools among them. */
function textsOf(body: string | undefined): string {
  const texts: string[] = [];
  JSON.parse(body ?? "null", (_key, value: unknown) => (typeof value === "string" ? texts.push(value) : value));
  return texts.join("\n");
}

const sum = (sent: readonly ScriptedUsage[], ...names: (keyof ScriptedUsage)[]): number =>
  sent.flatMap((usage) => names.map((name) => usage[name])).reduce((total, tokens) => total + tokens, 0);

test("its edit is accepted on the pull request's head, and the status comment has the tokens and dollars of the model's answers", {
  timeout: LIMIT_MS,
}, async () => {
  await untilState(worked, "review");
  const { pull, statuses } = await pullAndStatuses();
  expect(statuses.map(({ context, status }) => `${context} ${status}`).sort()).toEqual([
    "steward/build success",
    "steward/test success",
    "steward/verdict success",
  ]);
  expect(statuses.find(({ context }) => context === "steward/verdict")?.description).toBe(
    "accepted: all 2 gates passed",
  );
  expect(pull.title).toBe("Greet people by their name");
  const git = ["-C", loop.gitea.gitFolder(REPOSITORY), "show", `${pull.head.sha}:src/greet.js`];
  expect((await promisify(execFile)("git", git)).stdout).toBe(WANTED);

  const { sent } = loop.api;
  expect(sent).toHaveLength(4);
  const input = sum(sent, "input_tokens", "cache_creation_input_tokens");
  const cached = sum(sent, "cache_read_input_tokens");
  const output = sum(sent, "output_tokens");
  const dollars = (input * PRICE.input + cached * PRICE.cached + output * PRICE.output) / 1_000_000;
  const status = await statusCommentOf(worked);
  expect([input, cached, output, dollars.toFixed(2)]).toEqual([55_031, 144_000, 4_540, "0.28"]);
  expect(status).toContain("| 55,031 / 144,000 / 4,540 | $0.28 |");
  expect(status).toContain("This issue so far: 1 session, $0.28.");
  expect(status).toContain("28 % of 200 K");
  recordProof("agent", "Claude Code");
});

test("the key is added outside its sandbox, in which no secret can be found", { timeout: LIMIT_MS }, async () => {
  await untilState(worked, "review");
  const { requests } = loop.api;
  expect(requests.map(({ headers }) => headers["x-api-key"])).toEqual(requests.map(() => loop.secrets.modelKey));
  expect(requests.every(({ body }) => body.includes('"model":"scripted-model"'))).toBe(true);
  const found = textsOf(requests.at(-1)?.body);
  expect(found).toMatch(/^STEWARD_TASK=acme\/greetings#1$/m);
  expect(found).toMatch(/^ANTHROPIC_API_KEY=.+$/m);
  expect(found).toContain("--dangerously-skip-permissions");
  expect(found).toMatch(/^user\.name=steward$/m);
  expect(found).toMatch(/^CONTROL IN \/checkout\/src\/greet\.js$/m);
  expect(found).not.toMatch(/^SECRET IN \//m);
  expect(found).toMatch(/^# pass 1$|^ℹ pass 1$/m);
  for (const secret of needles(loop.secrets)) expect(requests.map(({ body }) => body).join("\n")).not.toContain(secret);
});

test("what the gateway refused it is shown on the pull request", { timeout: LIMIT_MS }, async () => {
  await untilState(worked, "review");
  expect(textsOf(loop.api.requests.at(-1)?.body)).toContain("this sandbox reaches only POST /v1/messages");
  expect((await pullAndStatuses()).pull.body).toContain("**Refused on the way out of the sandbox:** `GET /v1/files`");
});

test("a provider that only answers 529 is Steward's own failure: no attempt is counted, and a person is asked in the end", {
  timeout: LIMIT_MS,
}, async () => {
  await untilState(failed, "needs-human");
  const status = await statusCommentOf(failed);
  const rows = status.split("\n").filter((line) => line.includes("| its model's provider failed"));
  expect(rows).toHaveLength(4);
  expect(rows.every((row) => row.endsWith("| 0 / 0 / 0 | $0.00 |"))).toBe(true);
  const [, marker = ""] = /^<!-- steward:status v1 ([\w-]+)\./.exec(status) ?? [];
  expect(JSON.parse(Buffer.from(marker, "base64url").toString())).toMatchObject({
    state: "parked",
    park: "our-failure",
    attempts: 0,
    attemptsWithProfile: 0,
  });
  const parked = (await commentsOf(failed)).filter((body) => body.includes("Steward failed"));
  expect(parked).toHaveLength(1);
  expect(parked[0]).toContain("This says nothing about the work");
  expect(parked[0]).toMatch(/^The model's provider failed \d+ times/m);
  expect(parked[0]).toContain("`/resume`");
  const prompts = loop.overloaded.requests.map(({ body }) => textsOf(body));
  expect(prompts.every((prompt) => prompt.includes("This is attempt 1 of 5."))).toBe(true);
});

/** Everything that people can read: threads, statuses, and all run logs that these link to. */
async function published(): Promise<string> {
  const { pull, statuses } = await pullAndStatuses();
  const comments = await Promise.all([worked, failed, pull.number].map(commentsOf));
  const texts = [...comments.flat(), JSON.stringify(pull), JSON.stringify(statuses)].join("\n");
  const links = new Set(texts.match(new RegExp(`${loop.steward.url}/runs/[0-9a-f]+`, "g")));
  const logs = await Promise.all([...links].map(async (link) => (await fetch(link)).text()));
  return [texts, ...logs].join("\n");
}

/** The files below `folder` that hold one of the texts. */
async function filesWith(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(paths.map((path) => readFile(path)));
  return paths.filter((_path, index) => texts.some((text) => contents[index]?.includes(text)));
}

test("no secret is in what people read, in Redis, in logs and files, or in the arguments of a process", {
  timeout: LIMIT_MS,
}, async () => {
  await Promise.all([untilState(worked, "review"), untilState(failed, "needs-human")]);
  const secrets = needles(loop.secrets);
  const shown = await published();
  expect(shown).toContain("All done.");
  expect(shown).toContain("model: POST /v1/messages 529: provider error");
  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);

  const seen = loop.processes.seen();
  for (const program of ["main.ts runner", "bwrap ", "claude -p "]) {
    expect(seen.some((line) => line.includes(program))).toBe(true);
  }
  expect(seen.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);

  await loop.steward.stop();
  // Redis appends every write to a file, so that its whole past is looked at and not only what is left.
  const withJobs = await filesWith(loop.folder, ["CLAUDE_CODE_MAX_RETRIES=2 claude -p"]);
  expect(withJobs.filter((file) => file.includes("/redis/appendonlydir/"))).toHaveLength(1);
  expect(await filesWith(loop.folder, ["task advanced"])).toContain(loop.steward.logFile);
  expect(await filesWith(loop.folder, secrets)).toEqual([]);
});
