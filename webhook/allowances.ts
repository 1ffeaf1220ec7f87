/** Counts by key how many deliveries may come now, and forgets keys that were quiet. */
export interface Allowances {
  /** False when the key has used up what it may. */
  take(key: string, at: number): boolean;
}

export interface AllowanceOptions {
  /** How many may come at once. */
  readonly burst: number;
  readonly perSecond: number;
  /** Keys that are remembered; the one that was quiet for longest is forgotten first. */
  readonly mostKeys: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export function createAllowances({ burst, perSecond, mostKeys }: AllowanceOptions): Allowances {
  const buckets = new Map<string, Bucket>();
  return {
    take(key, at) {
      const bucket = buckets.get(key) ?? { tokens: burst, at };
      const earned = (Math.max(0, at - bucket.at) / 1000) * perSecond;
      const tokens = Math.min(burst, bucket.tokens + earned);
      const isAllowed = tokens >= 1;
      // Taken out and put in again, a map keeps the order of last use.
      buckets.delete(key);
      buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at });
      const [oldest] = buckets.keys();
      if (buckets.size > mostKeys && oldest !== undefined) buckets.delete(oldest);
      return isAllowed;
    },
  };
}
