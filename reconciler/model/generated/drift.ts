// Generated from schemas/drift.schema.json by `npm run generate`. Change the schema instead.

/**
 * What happens when the running state moves without a commit: one mode for everything, or a block.
 */
export type Drift = DriftModeName | DriftBlock;
/**
 * `heal`, `warn` or `off`.
 */
export type DriftModeName = 'heal' | 'warn' | 'off';
/**
 * `heal`, `warn` or `off`.
 */
export type DriftModeName1 = 'heal' | 'warn' | 'off';

export interface DriftBlock {
  mode?: DriftModeName1;
  /**
   * Fields with a mode of their own, such as `mem_limit: warn`; the longest path that covers a field counts.
   */
  fields?: {
    [k: string]: DriftModeName | undefined;
  };
  /**
   * A container that somebody stopped on purpose (`docker stop`) is started again with `heal`, and stays stopped, shown as such, with `respect`.
   */
  on_stop?: 'heal' | 'respect';
  /**
   * Fields that are neither compared nor applied to a running container, such as `labels.foo`.
   */
  ignore?: string[];
}
