// Generated from schemas/rollout.schema.json by `npm run generate`. Change the schema instead.

/**
 * How a changed service is replaced, and when the replacement counts as good.
 */
export interface Rollout {
  /**
   * `rolling` starts the newcomer before the old container stops; `recreate` stops first; `auto` is rolling unless two generations side by side would do harm, such as a fixed host port.
   */
  strategy?: 'auto' | 'rolling' | 'recreate';
  /**
   * How long a container must be healthy (without a healthcheck: running without a restart) before it counts.
   */
  min_healthy_time?: string;
  /**
   * How long a container may take to become healthy before the rollout fails.
   */
  healthy_deadline?: string;
  /**
   * How long the rollout may go without any container becoming healthy before it fails.
   */
  progress_deadline?: string;
  /**
   * Whether a failed rollout returns to the last version that was healthy.
   */
  auto_revert?: boolean;
}
