/** The stand-in with the users that every test server has. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandInGitea } from "../../demo/stand-in-gitea/stand-in-gitea.ts";
import { recordProof } from "./proved.ts";
import type { TestServer } from "./test-server.ts";

const NAME = "stand-in gitea";
const BOT_SCOPES = ["write:issue", "write:repository", "read:user", "read:organization"];

/** Starts a stand-in for one suite. */
export async function openStandIn(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "steward-stand-in-"));
  const standIn = await createStandInGitea({ folder });
  const person = (login: string) => standIn.addUser(login).token;
  const admin = standIn.addUser("root1", { admin: true }).token;
  standIn.addUser("steward", { bot: true });
  recordProof("gitea", NAME);
  return {
    name: NAME,
    url: standIn.url,
    adminToken: admin,
    tokens: {
      alice: person("alice"),
      bob: person("bob"),
      mallory: person("mallory"),
      steward: standIn.addToken("steward", BOT_SCOPES),
    },
    async stop() {
      await standIn.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
