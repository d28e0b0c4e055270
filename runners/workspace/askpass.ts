/** How git gets the bot's token: from the environment of one git process, for one server, and from nowhere else. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Git asks with a sentence that names the server; a redirect to another one gets no answer. */
const SCRIPT = `#!/bin/sh
case "$1" in
  "Username for '$STEWARD_GIT_SERVER': ") printf '%s\\n' "$STEWARD_GIT_LOGIN" ;;
  "Password for '$STEWARD_GIT_SERVER_AS_USER': ") printf '%s\\n' "$STEWARD_GIT_TOKEN" ;;
  *) exit 1 ;;
esac
`;

/** The bot's account. */
export interface Credentials {
  readonly login: string;
  readonly token: string;
}

/** Writes the script into a folder of the runner; returns its path. */
export async function writeAskpass(folder: string): Promise<string> {
  const path = join(folder, "askpass.sh");
  await writeFile(path, SCRIPT, { mode: 0o700 });
  return path;
}

/** The variables for one git that talks to the server of `cloneUrl`. */
export function askpassEnvironment(
  script: string,
  cloneUrl: string,
  { login, token }: Credentials,
): Readonly<Record<string, string>> {
  const { protocol, host } = new URL(cloneUrl);
  return {
    GIT_ASKPASS: script,
    STEWARD_GIT_SERVER: `${protocol}//${host}`,
    STEWARD_GIT_SERVER_AS_USER: `${protocol}//${login}@${host}`,
    STEWARD_GIT_LOGIN: login,
    STEWARD_GIT_TOKEN: token,
  };
}
