/** app.yml: what Steward is to a forge. */
import { parse } from "yaml";
import { z } from "zod";

export const Manifest = z.strictObject({
  name: z.string(),
  description: z.string(),
  /** What the bot's account must be in a repository. */
  permission: z.enum(["write", "admin"]),
  /** Scopes of its token. */
  scopes: z.array(z.string()).min(1),
  labels: z.array(
    z.strictObject({ name: z.string(), color: z.string().regex(/^[0-9a-f]{6}$/), description: z.string() }),
  ),
  webhook: z.strictObject({ path: z.string().startsWith("/"), events: z.array(z.string()).min(1) }),
});
export type Manifest = z.infer<typeof Manifest>;

/** The manifest in a text; it is our own file, so anything wrong with it is a bug. */
export function manifestFrom(text: string): Manifest {
  return Manifest.parse(parse(text));
}
