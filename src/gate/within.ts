// A deadline for work that another machine does.

/**
 * The work's result, if it comes in time. Work that comes later is left alone, its failure too.
 *
 * @throws what `late` makes of it, once `timeoutMs` are over.
 */
export async function within<Result>(
  timeoutMs: number,
  work: Promise<Result>,
  late = noAnswer,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late(timeoutMs)), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer(afterMs: number): Error {
  return new Error(`no answer within ${Math.round(afterMs)} ms`);
}
