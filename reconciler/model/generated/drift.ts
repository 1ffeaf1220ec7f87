// Generated from schemas/drift.schema.json by `npm run generate`. Change the schema instead.

/**
 * What happens when the running state moves without a commit.
 */
export interface Drift {
  /**
   * `heal` repairs it, `warn` shows it, `off` does not look.
   */
  mode?: 'heal' | 'warn' | 'off';
  /**
   * Keys below `spec` that are neither compared nor applied to a running container, such as `labels.foo`.
   */
  ignore?: string[];
}
