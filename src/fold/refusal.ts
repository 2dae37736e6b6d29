/** A kernel met something the standard leaves undefined or calls an error: nothing may be folded here. The message says why. */
export class KernelRefusal extends Error {
  override name = 'KernelRefusal';
}

export function refuse(reason: string): never {
  throw new KernelRefusal(reason);
}
