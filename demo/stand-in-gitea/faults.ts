/** What can be made to go wrong on purpose: calls that fail or hang, deliveries that get lost or come twice. */

/** An answer with this status, no answer at all, or a connection that breaks. */
export type Failure =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | "hang"
  | "reset";

/** Which calls are meant: all of the API when nothing is said. `path` is matched against the whole path. */
export interface CallMatch {
  readonly method?: string;
  readonly path?: RegExp;
}

/** Which calls fail, and whether they take effect all the same. */
export interface FailureOptions {
  readonly match?: CallMatch;
  /** The call is carried out, and only its answer is lost. */
  readonly afterActing?: boolean;
}

/** Which deliveries are meant, by event type such as `issue_assign`: all when nothing is said. */
export interface DeliveryMatch {
  readonly eventType?: string;
}

/** How one call goes wrong. */
export interface ChosenFailure {
  readonly failure: Failure;
  readonly afterActing: boolean;
}

/** A call that was made to fail. */
export interface InjectedFailure extends ChosenFailure {
  readonly method: string;
  readonly path: string;
}

/** The switches of a running stand-in. */
export interface Faults {
  /** The next `count` matching calls fail. */
  failNext(count: number, failure: Failure, options?: FailureOptions): void;
  /** This share (0 to 1) of matching calls fails until `clear`. */
  failShare(share: number, failure: Failure, options?: FailureOptions): void;
  /** Matching calls wait this long first, until `clear`. */
  slowDown(milliseconds: number, match?: CallMatch): void;
  dropNextDeliveries(count: number, match?: DeliveryMatch): void;
  dropShareOfDeliveries(share: number): void;
  duplicateShareOfDeliveries(share: number): void;
  /** Nothing goes wrong any more. */
  clear(): void;
  /** Hears of each call that is made to fail. */
  onFailure(hear: (injected: InjectedFailure) => void): void;
  /** Decides about a call. */
  ofCall(method: string, path: string): ChosenFailure | undefined;
  delayOf(method: string, path: string): number;
  /** Decides about a delivery. */
  ofDelivery(eventType: string): "drop" | "duplicate" | undefined;
}

interface FailureRule extends ChosenFailure {
  remaining: number;
  readonly share: number;
  readonly match: CallMatch;
}

const API = /^\/api\/v1\//;

function matches(match: CallMatch, method: string, path: string): boolean {
  return (match.method === undefined || match.method === method) && (match.path ?? API).test(path);
}

interface Switches {
  failures: FailureRule[];
  delays: { readonly milliseconds: number; readonly match: CallMatch }[];
  drops: { remaining: number; readonly match: DeliveryMatch }[];
  dropShare: number;
  duplicateShare: number;
}

function allOff(): Switches {
  return { failures: [], delays: [], drops: [], dropShare: 0, duplicateShare: 0 };
}

/** Faults that are all off. */
export function createFaults(random: () => number): Faults {
  const switches = allOff();
  let hearFailure: (injected: InjectedFailure) => void = () => undefined;
  const addFailure = (remaining: number, share: number, failure: Failure, options: FailureOptions = {}): void => {
    const { match = {}, afterActing = false } = options;
    switches.failures.push({ failure, afterActing, remaining, share, match });
  };
  const takesDrop = (eventType: string): boolean => {
    const drop = switches.drops.find(
      ({ remaining, match }) => remaining > 0 && (match.eventType ?? eventType) === eventType,
    );
    if (drop) drop.remaining -= 1;
    return drop !== undefined || random() < switches.dropShare;
  };
  return {
    failNext: (count, failure, options) => addFailure(count, 1, failure, options),
    failShare: (share, failure, options) => addFailure(Number.POSITIVE_INFINITY, share, failure, options),
    slowDown: (milliseconds, match = {}) => switches.delays.push({ milliseconds, match }),
    dropNextDeliveries: (count, match = {}) => switches.drops.push({ remaining: count, match }),
    dropShareOfDeliveries: (share) => {
      switches.dropShare = share;
    },
    duplicateShareOfDeliveries: (share) => {
      switches.duplicateShare = share;
    },
    clear: () => Object.assign(switches, allOff()),
    onFailure: (hear) => {
      hearFailure = hear;
    },
    ofCall: (method, path) => {
      const rule = switches.failures.find(
        (candidate) => candidate.remaining > 0 && matches(candidate.match, method, path) && random() < candidate.share,
      );
      if (!rule) return undefined;
      rule.remaining -= 1;
      const { failure, afterActing } = rule;
      hearFailure({ method, path, failure, afterActing });
      return rule;
    },
    delayOf: (method, path) =>
      switches.delays
        .filter(({ match }) => matches(match, method, path))
        .reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    ofDelivery: (eventType) => {
      if (takesDrop(eventType)) return "drop";
      return random() < switches.duplicateShare ? "duplicate" : undefined;
    },
  };
}
