const redacted = '[secret]';

/**
 * A value that does not print: string conversion, JSON, template literals and `util.inspect` all show
 * `[secret]`. Only `reveal` gives the text, at the place that hands it to the outside.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted;
  }
}
