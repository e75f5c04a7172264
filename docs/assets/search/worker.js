// @ts-check
// What Material's search box asks, in its own messages: SETUP, READY, QUERY, RESULT. The index is
// loaded with the first letters that a reader types.

{
  const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];
  /** @type {(query: string) => Promise<void>} */
  const reply = async (query) => {
    const items = query.trim() ? await (await import("./answers.js")).answer(query) : [];
    postMessage({ type: RESULT, data: { items } });
  };
  // In the order of the queries: several imports of a module needn't end in theirs.
  let last = Promise.resolve();

  self.onmessage = ({ data: { type, data } }) => {
    if (type === SETUP) postMessage({ type: READY });
    if (type === QUERY) last = last.catch(() => {}).then(() => reply(data));
  };
}
