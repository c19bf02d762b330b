// Uploads: whether a client sent all of its body. Where a request fails halfway the platform says only that a connection
// was lost; whose it was decides who pays. Only for requests whose charge depends on the origin's answer.

import { OriginUnreachable } from "./forward.ts";

/** A client did not send its request to the end: that there was no answer is its own doing. */
export class Unfinished extends OriginUnreachable {
  constructor(cause: unknown) {
    super("the client did not send all of its body", { cause: cause instanceof Error ? cause.cause : cause });
  }
}

/** Methods whose body cannot be passed on by hand, as they are to have none. */
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/**
 * Sends a request on, its body passed by hand and framed as it came.
 *
 * @throws Unfinished where the client broke off its body, or let the origin wait for it until there was no time left; else
 * whatever `send` throws.
 */
export async function sendWatched(
  request: Request,
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { body, headers, method } = request;
  if (body === null) return send(request);
  if (BODILESS.has(method)) return send(request).catch(blameEither);
  const upload = new Upload(body, headers.get("content-length"));
  try {
    return await Promise.race([send(new Request(request, { body: upload.passed })), upload.brokenOff]);
  } catch (error) {
    throw (await upload.isToBlame(error)) ? new Unfinished(error) : error;
  }
}

/** Nobody can tell which of the connections was lost; an origin may have acted on what came, so it is not free. */
function blameEither(error: unknown): never {
  throw error instanceof OriginUnreachable && !error.isTimeout ? new Unfinished(error) : error;
}

/** A body on its way through. */
class Upload {
  /** What is to be sent on. */
  readonly passed: ReadableStream;
  /** Rejects where the client broke it off; else it stays pending. */
  readonly brokenOff: Promise<never>;
  #isSent = false;
  #isBroken: Promise<boolean> | undefined;

  constructor(body: ReadableStream, length: string | null) {
    const { readable, writable } =
      length === null ? new IdentityTransformStream() : new FixedLengthStream(Number(length));
    const { promise, reject } = Promise.withResolvers<never>();
    this.passed = readable;
    this.brokenOff = promise;
    body.pipeTo(writable, { preventCancel: true }).then(
      () => {
        this.#isSent = true;
      },
      async (error: unknown) => {
        this.#isBroken = isBroken(body);
        if (await this.#isBroken) reject(error);
      },
    );
  }

  /** True where a request failed because this was not sent to its end. */
  async isToBlame(error: unknown): Promise<boolean> {
    // What broke the body off may be told after what it caused.
    await scheduler.wait(0);
    if (this.#isBroken !== undefined) return this.#isBroken;
    return !this.#isSent && error instanceof OriginUnreachable && error.isTimeout;
  }
}

/** True for a body that cannot be read on; one that nobody wants to read any more can. */
async function isBroken(body: ReadableStream): Promise<boolean> {
  try {
    await Promise.race([body.getReader().read(), scheduler.wait(0)]);
    return false;
  } catch {
    return true;
  }
}
