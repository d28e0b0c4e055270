/** The forge over REST keeps the port's promises on every server at hand. */
import { createOctokit } from "../../src/gitea/octokit-compat.ts";
import { createOctokitForge } from "../../src/gitea/octokit-forge.ts";
import { createRestActs } from "../support/rest-acts.ts";
import { forEachServer } from "../support/servers.ts";
import { silentLog } from "../support/silent-log.ts";
import { describeForge } from "./forge.ts";

forEachServer((server) => {
  describeForge(() => {
    const octokit = createOctokit({ baseUrl: `${server().url}/api/v1`, token: server().tokens.steward });
    return { forge: createOctokitForge({ octokit, log: silentLog }), acts: createRestActs(server()) };
  });
});
