// Generated from schemas/sync.schema.json by `npm run generate`. Change the schema instead.

/**
 * When and how far a stack follows its manifests.
 */
export interface Sync {
  /**
   * With false, plans are shown and applied only when somebody asks for it.
   */
  automatic?: boolean;
  /**
   * Whether services and networks that left the manifests are removed.
   */
  prune?: boolean;
  /**
   * Whether volumes that left the manifests are removed too, each after its finding was accepted.
   */
  prune_volumes?: boolean;
  max_prune?: MaxPrune;
}
/**
 * A sync that removes more than both of these stops for approval.
 */
export interface MaxPrune {
  /**
   * Number of services.
   */
  services?: number;
  /**
   * Share of the stack's services, in per cent.
   */
  percent?: number;
}
