/** GitHub's calls that Gitea has nothing for: they fail with the way round. */
import { type Call, CompatError } from "./compat-call.ts";

const UNAVAILABLE: readonly (readonly [RegExp, string])[] = [
  [/^\/repos\/[^/]+\/[^/]+\/(?:check-runs|check-suites|commits\/[^/]+\/check-)/, "no checks: use commit statuses"],
  [/\/graphql$/, "no GraphQL: use the REST calls"],
  [/^\/rate_limit$/, "no rate limit"],
  [/^\/(?:app|apps|installation|installations)(?:\/|$)/, "no apps: use an account of its own with a token"],
  [/^\/gists/, "no gists"],
  [/^\/search\//, "no search by query: list and filter instead"],
  [/^\/repos\/[^/]+\/[^/]+\/dispatches$/, "no repository dispatch: dispatch a workflow"],
  [/^\/repos\/[^/]+\/[^/]+\/hooks\/\d+\/(?:deliveries|pings)/, "no deliveries and no ping in its API"],
];

/** Throws for a call that no translation helps. */
export function refuseUnavailable({ path }: Call): void {
  const found = UNAVAILABLE.find(([pattern]) => pattern.test(path));
  if (found) throw new CompatError(501, `Gitea has ${found[1]}.`);
}
