/** The stand-in answers like the Gitea that was recorded: all exchanges are replayed in order, and compared. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createStandInGitea, type StandInGitea } from "../../../demo/stand-in-gitea/stand-in-gitea.ts";
import { shapeOf, tellingValues } from "./shape.ts";
import { cloneRepository, type WorkingCopy } from "./working-copy.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/api/gitea-1.26.0");

const Exchange = z.object({
  step: z.string(),
  as: z.string().nullish(),
  request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown().optional(),
});
type Exchange = z.infer<typeof Exchange>;

/** Recorded steps whose values (not shapes) the stand-in does not promise, with the reason. */
const SHAPE_ONLY: Readonly<Record<string, string>> = {};

/** Recorded steps that are not replayed, with the reason. */
const UNSUPPORTED: Readonly<Record<string, string>> = {};

const exchanges = readdirSync(FIXTURES)
  .sort()
  .map((file) => ({ file, exchange: Exchange.parse(JSON.parse(readFileSync(join(FIXTURES, file), "utf8"))) }));

const folder = mkdtempSync(join(tmpdir(), "stand-in-replay-"));
const tokens = new Map<string, string>();
/** Hashes and comment ids of the recording, and what stands for them here. */
const replacements = new Map<string, string>();
let standIn: StandInGitea;
let copy: WorkingCopy;

/** The pushes that were made during the recording, before the exchange that starts with these digits. */
const PUSHES: Readonly<Record<string, () => Promise<void>>> = {
  "101": async () => {
    const url = `${standIn.url}/acme/widgets.git`;
    copy = await cloneRepository(url, join(folder, "clone"), "steward", tokens.get("bot") ?? "");
    const sha = await copy.commit("steward/issue-1-reader", { "a.txt": "one\n" }, "Add a", "main");
    replacements.set("bd0c219eb4f9fcfe29a3373ced14fb2fa52fea7b", sha);
    await copy.push("steward/issue-1-reader");
  },
  "114": async () => {
    const sha = await copy.commit("steward/issue-1-reader", { "a.txt": "two\n" }, "Change a again");
    replacements.set("46892b1916288112f73b709038c896ebdd347c55", sha);
    await copy.push("steward/issue-1-reader");
  },
  "139": async () => {
    await copy.git("fetch", "--quiet", "origin");
    const sha = await copy.commit("quick", { "q.txt": "q\n" }, "Add q", "origin/main");
    replacements.set("96ca8ab5938e19870dea6a61637d35458bc4873c", sha);
    await copy.push("quick");
  },
  "141": async () => {
    await copy.git("fetch", "--quiet", "origin");
    await copy.commit("conf", { "README.md": "# theirs\n\n" }, "Change the title", "origin/main");
    await copy.commit("ours", { "README.md": "# ours\n\n" }, "Change the title\n\nFixes #3", "origin/main");
    await copy.push("conf", "ours:main");
  },
  "147": async () => {
    await copy.git("fetch", "--quiet", "origin");
    await copy.git("branch", "side", "origin/main");
    await copy.commit("side-work", { "s.txt": "s\n" }, "Add s", "side");
    await copy.push("side", "side-work");
  },
  "151": async () => {
    await copy.git("fetch", "--quiet", "origin");
    const sha = await copy.commit("prot", { "p.txt": "p\n" }, "Add p", "origin/main");
    replacements.set("d8e92588b99ffd20f070e007d821c5ed9c146c80", sha);
    await copy.push("prot");
  },
  "155": () => standIn.settled(),
  "157": async () => {
    await copy.git("tag", "v1", "prot");
    await copy.push("v1", ":side-work");
  },
};

function translate(text: string): string {
  return [...replacements].reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

function call({ as, request }: Exchange): Promise<Response> {
  const token = tokens.get(as ?? "") ?? (as === "bad" ? "0".repeat(40) : undefined);
  const body =
    request.body === undefined || request.body === null ? undefined : translate(JSON.stringify(request.body));
  return fetch(`${standIn.url}/api/v1${translate(request.path)}`, {
    method: request.method,
    redirect: "manual",
    headers: {
      ...(token ? { authorization: `token ${token}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Ids of comments differ where the server writes other lines into a thread. */
function learnCommentId(exchange: Exchange, body: unknown): void {
  const WithId = z.object({ id: z.number() });
  const [recorded, actual] = [WithId.safeParse(exchange.body), WithId.safeParse(body)];
  if (!exchange.request.path.endsWith("/comments") || !recorded.success || !actual.success) return;
  replacements.set(`/comments/${recorded.data.id}`, `/comments/${actual.data.id}`);
}

beforeAll(async () => {
  standIn = await createStandInGitea({ folder: join(folder, "server"), deliveryDelayMs: [0, 0] });
  tokens.set("admin", standIn.addUser("root1", { admin: true }).token);
  for (const login of ["alice", "bob", "mallory"]) tokens.set(login, standIn.addUser(login).token);
  tokens.set("bot", standIn.addUser("steward", { bot: true }).token);
  tokens.set("ro", standIn.addToken("steward", ["read:issue"]));
});

afterAll(async () => {
  await standIn.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the stand-in answers as Gitea 1.26.0 did", () => {
  test.for(exchanges.filter(({ file }) => !(file in UNSUPPORTED)))("$file", async ({ file, exchange }) => {
    await PUSHES[file.slice(0, 3)]?.();
    const response = await call(exchange);
    const text = await response.text();
    const body = parse(text);
    learnCommentId(exchange, body);
    const recorded = exchange.body ?? (text === "" ? "" : null);
    expect({ status: response.status, body: shapeOf(body) }).toEqual({
      status: exchange.status,
      body: shapeOf(recorded),
    });
    expect(response.headers.get("location")).toBe(exchange.headers.location ?? null);
    if (!(file in SHAPE_ONLY)) expect(tellingValues(body)).toEqual(tellingValues(recorded));
  });
});
