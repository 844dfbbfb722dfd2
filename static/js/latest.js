/* What the list said last, for those that come later. */

/** @type {{answer: Object|null, selection: Object|null, cursor: Object|null}} */
export const latest = { answer: null, selection: null, cursor: null };

for (const [name, event] of Object.entries({ answer: 'list:answer', selection: 'list:selection', cursor: 'list:cursor' })) {
  document.addEventListener(event, ({ detail }) => (latest[name] = detail));
}
