// @ts-check

/** @template T
 *  @param {() => Promise<T>} load
 *  @returns {() => Promise<T>} loads once; where that fails, the next call tries again */
export function once(load) {
  /** @type {Promise<T> | undefined} */
  let loaded;
  return () => {
    loaded ??= load().catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}
