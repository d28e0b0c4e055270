/** What `doctor` checks about the forge: that it answers, takes the token, and gives it the scopes of app.yml. */
import { assertNever } from "../lib/assert-never.ts";
import type { Access, Standing } from "../ports/access.ts";
import type { Forge } from "../ports/forge.ts";
import { type Check, type CheckResult, failed, well } from "./doctor.ts";

/** What the checks of the forge need. */
export interface ForgeCheckDeps {
  readonly access: Access;
  readonly forge: Pick<Forge, "self">;
  /** Scopes of app.yml. */
  readonly scopes: readonly string[];
}

/** The checks about the forge as a whole. */
export function forgeChecks({ access, forge, scopes }: ForgeCheckDeps): readonly Check[] {
  return [
    { name: "forge", run: async () => resultsFrom(await access.standing()) },
    {
      name: "token scope",
      needs: ["forge"],
      run: () => Promise.all(scopes.map(async (scope) => scopeResult(scope, await access.hasScope(scope)))),
    },
    {
      name: "account",
      needs: ["token scope"],
      run: async () => [well(`signed in as ${(await forge.self()).login}`)],
    },
  ];
}

function resultsFrom(standing: Standing): readonly CheckResult[] {
  switch (standing.kind) {
    case "welcome":
      return [well(`version ${standing.version} answers`), well("taken", "token")];
    case "unreachable":
      return [
        failed(
          `${standing.status === undefined ? "no answer" : `it answers ${standing.status}`}: start the forge, ` +
            "or set GITEA_URL to an address of it that this machine reaches.",
        ),
      ];
    case "not-a-forge":
      return [failed("what answers is no Gitea or Forgejo: set GITEA_URL to the address of the forge's start page.")];
    case "unknown-token":
      return [
        well("answers"),
        failed("not known there: make one for the bot's account, and set GITEA_TOKEN to it.", "token"),
      ];
    case "account-refused":
      return [
        well("answers"),
        failed(
          "known, but every call of its account is refused. A bot made on the command line must change a password " +
            "that it does not have: run `gitea admin user must-change-password --unset <bot>` on the forge. " +
            "Otherwise let the account sign in again: an administrator has forbidden it.",
          "token",
        ),
      ];
    default:
      return assertNever(standing);
  }
}

function scopeResult(scope: string, has: boolean | undefined): CheckResult {
  if (has === undefined) return well("not tried: there is no call for it that changes nothing", scope);
  if (has) return well("there", scope);
  return failed(`missing: make a token for the bot with all scopes of app.yml, and set GITEA_TOKEN to it.`, scope);
}
