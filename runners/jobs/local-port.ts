/** Gives a program in a sandbox a port on 127.0.0.1 that leads to a socket of the runner. */
import { randomInt } from "node:crypto";
import { forwarded } from "../sandbox/forwarder.ts";
import type { SandboxDriver } from "../sandbox/sandbox.ts";

/** Inside a network namespace of its own any number is free. */
const INNER_PORT = 3128;

/** Without one, a number that is unlikely to be taken. */
const FREE_PORTS = [20_000, 32_000] as const;

/** A program with its port. */
export interface WithPort {
  readonly argv: readonly string[];
  readonly readable: readonly string[];
  readonly origin: string;
}

/** What to run so that `argv` finds the socket at `origin`. */
export function withLocalPort({ isolates }: SandboxDriver, socketPath: string, argv: readonly string[]): WithPort {
  const port = isolates ? INNER_PORT : randomInt(...FREE_PORTS);
  return { ...forwarded({ socketPath, port, argv }), origin: `http://127.0.0.1:${port}` };
}
