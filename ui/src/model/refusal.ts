/** Why something could not be done, as the engine or the browser says it. */

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
