/** How the forge takes the bot's account, tried by calls that change nothing. */
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { ParkError } from "../domain/errors.ts";
import { ownerAndRepo } from "../domain/ids.ts";
import type { Access, Standing } from "../ports/access.ts";

/** A name that the forge keeps for itself, so that what is posted there never exists. */
const NOWHERE = "/repos/-/-";

/** One call for each scope; writes go nowhere, and are answered 404 by whoever has the scope. */
const TRIALS: Readonly<Record<string, string>> = {
  "read:user": "GET /user",
  "write:issue": `POST ${NOWHERE}/milestones`,
  "write:repository": `POST ${NOWHERE}/hooks`,
};

const Version = z.object({ version: z.string() });
const Rights = z.object({ permissions: z.object({ admin: z.boolean(), push: z.boolean(), pull: z.boolean() }) });
/** Octokit's errors have a status in any case; only those of a server that answered have a response. */
const Failure = z.object({ status: z.number(), response: z.unknown().optional() });

interface Reply {
  readonly status: number;
  readonly answered: boolean;
  readonly data: unknown;
}

/** The access port over a client that works as the bot. */
export function createOctokitAccess(octokit: Octokit): Access {
  async function call(route: string, parameters: Readonly<Record<string, string>> = {}): Promise<Reply> {
    try {
      const { status, data } = await octokit.request(route, parameters);
      return { status, answered: true, data };
    } catch (error) {
      const failure = Failure.safeParse(error);
      if (!failure.success) throw error;
      const { status, response } = failure.data;
      return { status, answered: response !== undefined, data: undefined };
    }
  }

  return {
    // Needs no scope, so a refusal of a known token is one of the account.
    standing: async () => standingFrom(await call("GET /version")),
    async hasScope(scope) {
      const trial = TRIALS[scope];
      if (trial === undefined) return undefined;
      const { status } = await call(trial);
      if (status === 403) return false;
      if (status < 300 || status === 404 || status === 422) return true;
      throw unexpected(trial, status);
    },
    async rightIn(repository) {
      const route = "GET /repos/{owner}/{repo}";
      const { status, data } = await call(route, ownerAndRepo(repository));
      if (status === 404 || status === 403) return "none";
      const found = Rights.safeParse(data);
      if (!found.success) throw unexpected(route, status);
      const { admin, push, pull } = found.data.permissions;
      return admin ? "admin" : push ? "write" : pull ? "read" : "none";
    },
  };
}

function standingFrom({ status, answered, data }: Reply): Standing {
  if (status === 401) return { kind: "unknown-token" };
  if (status === 403) return { kind: "account-refused" };
  if (status >= 500) return { kind: "unreachable", status: answered ? status : undefined };
  const version = Version.safeParse(data);
  return version.success ? { kind: "welcome", version: version.data.version } : { kind: "not-a-forge" };
}

function unexpected(route: string, status: number): ParkError {
  const way =
    status >= 300 && status < 400
      ? "Set GITEA_URL to the address that it leads to."
      : "Look at the forge's own log, and try again.";
  return new ParkError("FORGE_REFUSED", `The forge answered ${status} to ${route}. ${way}`);
}
