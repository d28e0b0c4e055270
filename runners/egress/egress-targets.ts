/** The hosts that set-up may reach, as the operator wrote them, and what a request asks for. */
import { isIP } from "node:net";

const DEFAULT_PORT = 443;

const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::(\d{1,5}))?$/i;

/** A host and a port. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Reads `name`, `name:port`, `[v6]:port`; absent for anything else. */
export function parseTarget(text: string): Target | undefined {
  const [, v6, name, port] = AUTHORITY.exec(text) ?? [];
  const host = (v6 ?? name)?.toLowerCase().replace(/\.$/, "");
  const number = Number(port ?? DEFAULT_PORT);
  return host && number > 0 && number < 65_536 ? { host, port: number } : undefined;
}

/** True when the operator allowed this target. */
export function isAllowed(target: Target, allowed: readonly Target[]): boolean {
  return allowed.some(({ host, port }) => host === target.host && port === target.port);
}

/** An operator who writes an address, or `localhost`, means that very machine, wherever it is. */
export function isMeantLiterally({ host }: Target): boolean {
  return isIP(host) !== 0 || host === "localhost";
}
