/** The command line that gives a sandboxed program a localhost port leading to a unix socket of the runner. */
import { fileURLToPath } from "node:url";

/** The forwarder's file; every isolating driver lists it in `exposes`. */
export const FORWARDER_FILE = fileURLToPath(new URL("./forwarder.mjs", import.meta.url));

/** What to forward, and the program that needs it. */
export interface Forwarding {
  /** Host path of the socket; the view must expose it. */
  readonly socketPath: string;
  /** Port on 127.0.0.1 inside. A sandbox has its own network namespace, so it may be constant. */
  readonly port: number;
  readonly argv: readonly string[];
}

/** The argv to run instead, and the host paths that must be readable inside. */
export function forwarded({ socketPath, port, argv }: Forwarding): {
  readonly argv: readonly string[];
  readonly readable: readonly string[];
} {
  return {
    argv: [process.execPath, FORWARDER_FILE, socketPath, String(port), "--", ...argv],
    readable: [FORWARDER_FILE, socketPath],
  };
}
