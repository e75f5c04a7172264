// @ts-check
// What Material's search box asks, in its own messages: SETUP, READY, QUERY, RESULT. The index is
// loaded with the first letters that a reader types.

{
  const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];

  self.onmessage = async ({ data: { type, data } }) => {
    if (type === SETUP) postMessage({ type: READY });
    if (type !== QUERY) return;
    const items = data.trim() ? await (await import("./answers.js")).answer(data) : [];
    postMessage({ type: RESULT, data: { items } });
  };
}
