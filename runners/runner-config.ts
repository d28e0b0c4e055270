/** What a runner is told at start. Secrets stay in this process. */
import type { Target } from "./egress/egress-targets.ts";

/** A model endpoint that the gateway may forward to. */
export interface ModelEndpoint {
  readonly api: "anthropic";
  readonly url: string;
  /** Added outside the sandbox; absent for endpoints without one. */
  readonly key: string | undefined;
}

export interface RunnerConfig {
  readonly id: string;
  readonly slots: number;
  readonly labels: readonly string[];
  readonly sandbox: "auto" | "bubblewrap" | "host";
  /** The operator's second insistence on `host`. */
  readonly allowUnsandboxed: boolean;
  /** What `setup` may reach. */
  readonly egress: readonly Target[];
  /** Mounted read-only at the same path; first on PATH with its node_modules/.bin, bin or itself. */
  readonly tools: readonly string[];
  /** Where mirrors, checkouts and layers are kept. */
  readonly folder: string;
  /** The bot's account for commits and pushes. */
  readonly forge: { readonly token: string; readonly login: string; readonly email: string };
  readonly endpoints: Readonly<Record<string, ModelEndpoint>>;
  readonly limits: {
    readonly memoryBytes: number;
    readonly processes: number;
    readonly cpus: number;
    readonly diskBytes: number;
    readonly outputBytes: number;
  };
}

/** What must not be seen in any output of a runner's jobs. */
export function secretsOf({ forge, endpoints }: Pick<RunnerConfig, "forge" | "endpoints">): readonly string[] {
  return [forge.token, ...Object.values(endpoints).flatMap(({ key }) => (key === undefined ? [] : [key]))];
}
