/** Routes about the server, users and organisations. */
import { z } from "zod";
import { notFound } from "../api-error.ts";
import { presentRepository } from "../present/repository.ts";
import { presentOrganization, presentUser } from "../present/user.ts";
import { makeOrganization, makeRepository } from "../set-up.ts";
import { findUser, type World } from "../world.ts";
import {
  type Api,
  answer,
  DEFAULT_PAGE_SIZE,
  doerOf,
  MAXIMUM_PAGE_SIZE,
  parameter,
  readBody,
  viewerOf,
} from "./call.ts";
import { ALLOWED_REACTIONS } from "./reactions.ts";

/** The version this plays. */
const VERSION = "1.26.0";

const SETTINGS = {
  max_response_items: MAXIMUM_PAGE_SIZE,
  default_paging_num: DEFAULT_PAGE_SIZE,
  default_git_trees_per_page: 1000,
  default_max_blob_size: 10485760,
  default_max_response_size: 104857600,
} as const;

const UI_SETTINGS = {
  default_theme: "gitea-auto",
  allowed_reactions: ALLOWED_REACTIONS,
  custom_emojis: ["git", "gitea", "codeberg", "gitlab", "github", "gogs"],
} as const;

const NewOrganization = z.object({ username: z.string() });
const NewRepository = z.object({
  name: z.string(),
  private: z.boolean().optional(),
  default_branch: z.string().optional(),
});

/** Adds the routes about the server, users and organisations. */
export function addUserRoutes(api: Api, world: World): void {
  api.get("/version", (c) => answer(c, 200, { version: VERSION }));
  api.get("/settings/api", (c) => answer(c, 200, SETTINGS));
  api.get("/settings/ui", (c) => answer(c, 200, UI_SETTINGS));
  api.get("/user", (c) => {
    const user = doerOf(c);
    return answer(c, 200, presentUser(world, user, user));
  });
  api.get("/users/:name", (c) => {
    const user = findUser(world.state, parameter(c, "name"));
    if (!user) throw notFound(`user does not exist [uid: 0, name: ${parameter(c, "name")}]`);
    return answer(c, 200, presentUser(world, user, viewerOf(c)));
  });
  api.post("/orgs", async (c) => {
    doerOf(c);
    const { username } = await readBody(c, NewOrganization);
    return answer(c, 201, presentOrganization(world, makeOrganization(world, username)));
  });
  const createRepository = async (
    owner: string,
    doer: ReturnType<typeof doerOf>,
    wish: z.infer<typeof NewRepository>,
  ) => {
    const { name } = wish;
    const files = { "README.md": `# ${name}\n\n` };
    return makeRepository(world, `${owner}/${name}`, { files, private: wish.private ?? false, author: doer });
  };
  api.post("/orgs/:name/repos", async (c) => {
    const repository = await createRepository(parameter(c, "name"), doerOf(c), await readBody(c, NewRepository));
    return answer(c, 201, presentRepository(world, repository, "owner"));
  });
  api.post("/user/repos", async (c) => {
    const repository = await createRepository(doerOf(c).login, doerOf(c), await readBody(c, NewRepository));
    return answer(c, 201, presentRepository(world, repository, "owner"));
  });
}
