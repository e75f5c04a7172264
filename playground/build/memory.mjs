// What of Python's memory a browser needs: not what malloc holds free, nor what is there anyway.

const BLOCK = 64; // bytes that are compared at once
const MARGIN = 1 << 20; // behind the end of a fresh heap, where nothing was written

/** Wipes what malloc holds free, by a walk through dlmalloc's chunks from the heap's start. */
export function sweep(M) {
  const [words, end] = [M.HEAPU32, M.HEAPU8.length];
  const walk = (at, visit) => {
    let count = 0;
    for (; at + 8 < end; count++) {
      const head = words[(at + 4) >> 2];
      const size = head & ~7;
      if (size < 16 || at + size > end) break;
      visit?.(at, size, head & 2);
      at += size;
    }
    return count;
  };
  let first = M.___heap_base;
  while (walk(first) < 1000) {
    if ((first += 4) > M.___heap_base + 4096) throw new Error("no heap of dlmalloc was found");
  }
  walk(first, (at, size, used) => {
    if (!used && size > 32) M.HEAPU8.fill(0, at + 32, at + size);
  });
}

/** The runs [from, to) of `memory` that differ from a Python that has loaded its libraries only. */
export function neededRuns(M, memory, { libraries }) {
  const fresh = M.HEAPU8;
  const fixed = [
    [1024, M.___heap_base],
    ...libraries.map((one) => [one.memoryBase, one.memoryBase + one.memorySize]),
  ];
  const written = [...fixed, ...libraries.map((one) => [one.handle, one.handle + 36])];
  const isIn = (ranges, at, size) => ranges.some(([from, to]) => from <= at && at + size <= to);
  const used = fresh.findLastIndex((one, at) => one && !isIn(written, at, 1));
  const [now, then] = [memory, fresh].map((one) => new BigUint64Array(one.buffer, one.byteOffset, one.length >> 3));
  const runs = [];
  for (let at = 0; at < memory.length; at += BLOCK) {
    let same = at > used + MARGIN || isIn(fixed, at, BLOCK);
    for (let n = at >> 3; same && n < (at + BLOCK) >> 3; n++) same = now[n] === then[n];
    if (same) continue;
    if (runs.length && at - runs.at(-1)[1] <= BLOCK) runs.at(-1)[1] = at + BLOCK;
    else runs.push([at, at + BLOCK]);
  }
  return runs;
}
