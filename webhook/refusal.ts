import type { FastifyError, FastifyReply } from 'fastify';

/** A request that is answered with an error; `code` and `message` go to the sender. */
export class ReceiverError extends Error {
  override readonly name = 'ReceiverError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The same for a name that does not exist and for a wrong secret in the address. */
  static unknown(): ReceiverError {
    return new ReceiverError(
      404,
      'ReceiverUnknown',
      'There is no receiver at this address, or the secret at its end is another. Receivers are named in the operator file and take POST.',
    );
  }
}

const readable: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'BodyTooLarge',
    message: 'The body is larger than 1 MiB. Let the webhook send fewer events.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'LengthWrong',
    message: 'The body is not as long as Content-Length says.',
  },
};

/** What the sender is told of a failure; a bug is told to us and not to strangers. */
export async function answerError(
  error: FastifyError | ReceiverError,
  reply: FastifyReply,
  onBug: (error: unknown) => void,
): Promise<void> {
  const status = error instanceof ReceiverError ? error.status : (error.statusCode ?? 500);
  if (status >= 500) onBug(error);
  const { code, message } =
    status >= 500
      ? { code: 'Bug', message: 'The receiver failed. Its log says why.' }
      : (readable[error.code] ?? error);
  // The rest of a body that nobody reads is not waited for.
  await reply.code(status).header('connection', 'close').send({ error: { code, message } });
}
