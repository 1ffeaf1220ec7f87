/** Contents by object id, the least recently used dropped when they hold more than `maxBytes`. */
export class BlobCache {
  readonly #maxBytes: number;
  readonly #blobs = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  get(id: string): Uint8Array | undefined {
    const blob = this.#blobs.get(id);
    if (blob === undefined) return undefined;
    this.#blobs.delete(id);
    this.#blobs.set(id, blob);
    return blob;
  }

  /** A blob larger than a quarter of the bound is not kept: it would push out everything else. */
  add(id: string, blob: Uint8Array): void {
    if (blob.byteLength > this.#maxBytes / 4 || this.#blobs.has(id)) return;
    this.#blobs.set(id, blob);
    this.#bytes += blob.byteLength;
    for (const [oldest, dropped] of this.#blobs) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#blobs.delete(oldest);
      this.#bytes -= dropped.byteLength;
    }
  }

  clear(): void {
    this.#blobs.clear();
    this.#bytes = 0;
  }
}
