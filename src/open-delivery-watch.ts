/** Watches for deliveries where the bot listens: instead of the bot where it does not run, else through its inbox. */
import type { Config } from "./config.ts";
import { UserError } from "./domain/errors.ts";
import { openHttpDeliveryWatch } from "./gitea/http-delivery-watch.ts";
import { isTestDelivery } from "./gitea/test-delivery.ts";
import type { DeliveryWatch } from "./ports/delivery-watch.ts";
import { openRedisDeliveryWatch } from "./queue/redis-delivery-watch.ts";
import { connectOnce, readRedisFacts } from "./queue/redis-facts.ts";

/** A bot on this machine answers its health check at once. */
const HEALTH_TIMEOUT_MS = 2_000;

/** Opens the watch; an error with the way out where that cannot be done. */
export async function openDeliveryWatch(config: Config, redis: string): Promise<DeliveryWatch> {
  const { HOST: host, PORT: port } = config.environment;
  const own = await openHttpDeliveryWatch({ host, port, secrets: config.webhookSecrets }).catch((cause: unknown) => {
    throw new UserError("CONFIG_INVALID", `${host}:${port} cannot be listened on: set HOST and PORT.`, { cause });
  });
  if (own) return own;
  if (!(await isBot(host, port)))
    throw new UserError("CONFIG_INVALID", `Port ${port} is taken by another program: end that, or set PORT.`);
  if (!(await readRedisFacts(redis)))
    throw new UserError("REDIS_UNREACHABLE", "The running bot's inbox cannot be read: mend Redis first.");
  return openRedisDeliveryWatch(connectOnce(redis), isTestDelivery);
}

async function isBot(host: string, port: number): Promise<boolean> {
  const name = host.includes(":") ? `[${host}]` : host;
  return fetch(`http://${name}:${port}/healthz`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}
