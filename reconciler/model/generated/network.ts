// Generated from schemas/network.schema.json by `npm run generate`. Change the schema instead.

/**
 * A network of a stack, with Compose's keys. Empty means a bridge network with the engine's defaults.
 */
export type Network = {
  /**
   * Network driver. Default: the engine's, `bridge`.
   */
  driver?: string;
  driver_opts?: TextMap;
  /**
   * Labels of the network, as a map or as a list of `name=value`.
   */
  labels?: TextMap1 | string[];
  /**
   * The network exists already: it is used, never created, changed or removed.
   */
  external?: boolean;
  /**
   * The engine's name for it. Default: `<stack>_<key>`; of an external one: the key.
   */
  name?: string;
  /**
   * Keeps the network from the outside world.
   */
  internal?: boolean;
  /**
   * Lets containers outside the stack join.
   */
  attachable?: boolean;
  /**
   * Gives the network IPv6 addresses too.
   */
  enable_ipv6?: boolean;
  ipam?: NetworkIpam;
} | null;

/**
 * Options of the driver.
 */
export interface TextMap {
  [k: string]: string | number | boolean | null | undefined;
}
export interface TextMap1 {
  [k: string]: string | number | boolean | null | undefined;
}
/**
 * Addresses of the network. Default: the engine picks a free range.
 */
export interface NetworkIpam {
  /**
   * Address driver. Default: the engine's.
   */
  driver?: string;
  /**
   * Ranges of addresses.
   */
  config?: NetworkPool[];
}
export interface NetworkPool {
  /**
   * Range in CIDR notation.
   */
  subnet: string;
  /**
   * Part of the subnet that containers get addresses from.
   */
  ip_range?: string;
  /**
   * Address of the gateway.
   */
  gateway?: string;
  /**
   * Addresses that containers must not get, by name.
   */
  aux_addresses?: {
    [k: string]: string | undefined;
  };
}
