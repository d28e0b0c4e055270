/** A stand-in with one repository and the usual people, for tests about one behaviour. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createStandInGitea,
  type StandInGitea,
  type StandInOptions,
} from "../../../demo/stand-in-gitea/stand-in-gitea.ts";

export const REPOSITORY = "acme/widgets";

export interface SmallForge extends AsyncDisposable {
  readonly standIn: StandInGitea;
  readonly folder: string;
  readonly tokens: Readonly<Record<"root" | "alice" | "bob" | "steward", string>>;
  /** A call of the API; gives the status and the parsed answer. */
  call(
    as: keyof SmallForge["tokens"],
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown>; readonly headers: Headers }>;
}

/** Calls the API at an address with a token. */
export async function callApi(url: string, token: string, method: string, path: string, body?: unknown) {
  const headers = { authorization: `token ${token}`, "content-type": "application/json" };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/v1${path}`, { method, headers, ...content });
  const text = await response.text();
  const parsed: Record<string, unknown> = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : {};
  return { status: response.status, body: parsed, headers: response.headers };
}

/** Starts one: root is the site's admin, alice writes, bob reads, steward is an admin of the repository. */
export async function createSmallForge(options: Partial<StandInOptions> = {}): Promise<SmallForge> {
  const folder = mkdtempSync(join(tmpdir(), "small-forge-"));
  const standIn = await createStandInGitea({ folder: join(folder, "server"), deliveryDelayMs: [0, 0], ...options });
  const tokens = {
    root: standIn.addUser("root", { admin: true }).token,
    alice: standIn.addUser("alice").token,
    bob: standIn.addUser("bob").token,
    steward: standIn.addUser("steward", { bot: true }).token,
  };
  await standIn.addRepository(REPOSITORY, { files: { "README.md": "# widgets\n", "src/a.txt": "one\ntwo\nthree\n" } });
  standIn.setPermission(REPOSITORY, "alice", "write");
  standIn.setPermission(REPOSITORY, "bob", "read");
  standIn.setPermission(REPOSITORY, "steward", "admin");
  return {
    standIn,
    folder,
    tokens,
    call: (as, method, path, body) => callApi(standIn.url, tokens[as], method, path, body),
    async [Symbol.asyncDispose]() {
      await standIn.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
