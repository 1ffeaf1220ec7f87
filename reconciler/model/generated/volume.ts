// Generated from schemas/volume.schema.json by `npm run generate`. Change the schema instead.

/**
 * A named volume of a stack, with Compose's keys. Empty means a local volume.
 */
export type Volume = {
  /**
   * Volume driver. Default: the engine's, `local`.
   */
  driver?: string;
  driver_opts?: TextMap;
  /**
   * Labels of the volume, as a map or as a list of `name=value`.
   */
  labels?: TextMap1 | string[];
  /**
   * The volume exists already: it is used, never created, changed or removed.
   */
  external?: boolean;
  /**
   * The engine's name for it. Default: `<stack>_<key>`; of an external one: the key.
   */
  name?: string;
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
