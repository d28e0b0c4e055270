/** The recording of a real Gitea, played again against the stand-in: same users, same calls, same pushes, in the same order. */
import { join } from "node:path";
import { z } from "zod";
import { createStandInGitea, type StandInGitea } from "../../../demo/stand-in-gitea/stand-in-gitea.ts";
import { cloneRepository, type WorkingCopy } from "./working-copy.ts";

export const Exchange = z.object({
  step: z.string(),
  as: z.string().nullish(),
  request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown().optional(),
});
export type Exchange = z.infer<typeof Exchange>;

/** Where the hooks of the recording pointed. */
const RECORDED_RECEIVER = "http://127.0.0.1:39867";

const FIRST_HEAD = "bd0c219eb4f9fcfe29a3373ced14fb2fa52fea7b";
const SECOND_HEAD = "46892b1916288112f73b709038c896ebdd347c55";
const QUICK_HEAD = "96ca8ab5938e19870dea6a61637d35458bc4873c";
const PROTECTED_HEAD = "d8e92588b99ffd20f070e007d821c5ed9c146c80";

export interface Replay extends AsyncDisposable {
  readonly standIn: StandInGitea;
  /** Makes the pushes that came before an exchange, and the call of the exchange. */
  run(file: string, exchange: Exchange): Promise<{ readonly response: Response; readonly body: unknown }>;
}

/** What the pushes of the recording need. */
interface Pushing {
  readonly standIn: StandInGitea;
  readonly copy: () => Promise<WorkingCopy>;
  /** Says which hash stands for a recorded one. */
  readonly learn: (recorded: string, actual: string) => void;
}

type Push = (pushing: Pushing) => Promise<void>;

async function fetched(pushing: Pushing): Promise<WorkingCopy> {
  const copy = await pushing.copy();
  await copy.git("fetch", "--quiet", "origin");
  return copy;
}

/** What was pushed before the exchange whose file starts with these digits. */
const PUSHES: Readonly<Record<string, Push>> = {
  "101": async (pushing) => {
    const copy = await fetched(pushing);
    pushing.learn(FIRST_HEAD, await copy.commit("steward/issue-1-reader", { "a.txt": "one\n" }, "Add a", "main"));
    await copy.push("steward/issue-1-reader");
  },
  "114": async (pushing) => {
    const copy = await fetched(pushing);
    await copy.commit("steward/issue-1-reader", { "a.txt": "two\n" }, "Change a");
    await copy.push("steward/issue-1-reader");
    await copy.git("commit", "--quiet", "--amend", "--message", "Change a again");
    pushing.learn(SECOND_HEAD, await copy.git("rev-parse", "HEAD"));
    await copy.push("--force", "steward/issue-1-reader");
  },
  "139": async (pushing) => {
    const copy = await fetched(pushing);
    pushing.learn(QUICK_HEAD, await copy.commit("quick", { "q.txt": "q\n" }, "Add q", "origin/main"));
    await copy.push("quick");
  },
  "141": async (pushing) => {
    const copy = await fetched(pushing);
    await copy.commit("conf", { "README.md": "# theirs\n\n" }, "Change the title", "origin/main");
    await copy.commit("ours", { "README.md": "# ours\n\n" }, "Change the title\n\nFixes #3", "origin/main");
    await copy.push("conf");
    await copy.push("ours:main");
  },
  "147": async (pushing) => {
    const copy = await fetched(pushing);
    await copy.git("branch", "side", "origin/main");
    await copy.commit("side-work", { "s.txt": "s\n" }, "Add s", "side");
    await copy.push("side");
    await copy.push("side-work");
  },
  "151": async (pushing) => {
    const copy = await fetched(pushing);
    pushing.learn(PROTECTED_HEAD, await copy.commit("prot", { "p.txt": "p\n" }, "Add p", "origin/main"));
    await copy.push("prot");
  },
  // The scheduled merge takes place after the status was answered.
  "155": ({ standIn }) => standIn.settled(),
  "157": async (pushing) => {
    const copy = await fetched(pushing);
    await copy.git("tag", "v1", "prot");
    await copy.push("v1");
    await copy.push(":side-work");
  },
};

function addPeople(standIn: StandInGitea): ReadonlyMap<string, string> {
  const tokens = new Map([["admin", standIn.addUser("root1", { admin: true }).token]]);
  for (const login of ["alice", "bob", "mallory"]) tokens.set(login, standIn.addUser(login).token);
  tokens.set("bot", standIn.addUser("steward", { bot: true }).token);
  tokens.set("ro", standIn.addToken("steward", ["read:issue"]));
  return tokens.set("bad", "0".repeat(40));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const WithId = z.object({ id: z.number() });

/** Starts a stand-in as the recorded server was before its first call; hooks deliver to `receiver`. */
export async function startReplay(folder: string, receiver: string): Promise<Replay> {
  const standIn = await createStandInGitea({ folder: join(folder, "server"), deliveryDelayMs: [0, 0] });
  const tokens = addPeople(standIn);
  const replacements = new Map([[RECORDED_RECEIVER, receiver]]);
  const translate = (text: string): string =>
    [...replacements].reduce((result, [from, to]) => result.replaceAll(from, to), text);
  let clone: Promise<WorkingCopy> | undefined;
  const copy = (): Promise<WorkingCopy> => {
    const url = `${standIn.url}/acme/widgets.git`;
    clone ??= cloneRepository(url, join(folder, "clone"), "steward", tokens.get("bot") ?? "");
    return clone;
  };
  const learn = (recorded: string, actual: string): void => void replacements.set(recorded, actual);
  const call = ({ as, request }: Exchange): Promise<Response> => {
    const token = tokens.get(as ?? "");
    const body = request.body === undefined ? {} : { body: translate(JSON.stringify(request.body)) };
    const headers = {
      ...(token ? { authorization: `token ${token}` } : {}),
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    };
    const url = `${standIn.url}/api/v1${translate(request.path)}`;
    return fetch(url, { method: request.method, redirect: "manual", headers, ...body });
  };
  /** Ids of comments differ where the server writes other lines into a thread. */
  const learnCommentId = (exchange: Exchange, body: unknown): void => {
    const [recorded, actual] = [WithId.safeParse(exchange.body), WithId.safeParse(body)];
    if (!exchange.request.path.endsWith("/comments") || !recorded.success || !actual.success) return;
    learn(`/comments/${recorded.data.id}`, `/comments/${actual.data.id}`);
  };
  return {
    standIn,
    async run(file, exchange) {
      await PUSHES[file.slice(0, 3)]?.({ standIn, copy, learn });
      const response = await call(exchange);
      const body = parse(await response.text());
      learnCommentId(exchange, body);
      return { response, body };
    },
    [Symbol.asyncDispose]: () => standIn.close(),
  };
}
