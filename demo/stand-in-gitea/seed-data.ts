/** What a stand-in that runs as its own program starts with; read from a JSON file. */
import { z } from "zod";
import type { StandInGitea } from "./stand-in-gitea.ts";

const SeedUser = z.object({
  login: z.string(),
  admin: z.boolean().default(false),
  bot: z.boolean().default(false),
});

const SeedRepository = z.object({
  name: z.string(),
  private: z.boolean().default(false),
  files: z.record(z.string(), z.string()),
  permissions: z.record(z.string(), z.enum(["read", "write", "admin"])).default({}),
  hooks: z.array(z.object({ url: z.string(), secret: z.string().default("") })).default([]),
});

/** Users, and repositories with files, permissions and hooks. */
export const SeedData = z.strictObject({
  users: z.array(SeedUser).default([]),
  repositories: z.array(SeedRepository).default([]),
});
/** What a stand-in starts with. */
export type SeedData = z.infer<typeof SeedData>;

/** Makes what is not there yet, so that a restart changes nothing; gives the token of each user. */
export async function applySeedData(standIn: StandInGitea, data: SeedData): Promise<Readonly<Record<string, string>>> {
  const tokens: Record<string, string> = {};
  for (const user of data.users) {
    tokens[user.login] = standIn.tokenOf(user.login) ?? standIn.addUser(user.login, user).token;
  }
  for (const repository of data.repositories) {
    if (standIn.hasRepository(repository.name)) continue;
    await standIn.addRepository(repository.name, repository);
    for (const [login, access] of Object.entries(repository.permissions)) {
      standIn.setPermission(repository.name, login, access);
    }
    for (const hook of repository.hooks) standIn.addHook(repository.name, hook);
  }
  return tokens;
}
