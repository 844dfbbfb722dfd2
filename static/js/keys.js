/* Keys. One table says what each does: it is what listens, and what the sheet that “?” opens shows. */

import { t } from './i18n.js';

/** @type {Array<{keys: string[], what: string, group: string, run: Function, when: Function}>} */
export const TABLE = [];

const SEQUENCE = 1500; // milliseconds within which the second key of “g s” has to come

let first = '';
let firstAt = 0;

/**
 * Give keys a meaning. A later binding of the same key wins where its `when` holds.
 * @param {string|string[]} keys e.g. `j`, `g s`, `mod+k` (ctrl, or ⌘ on a Mac), `Escape`; several mean the same
 * @param {string} what words for the sheet; '' leaves it out
 * @param {function(KeyboardEvent): (boolean|void)} run false lets the browser have the key after all
 * @param {{group?: string, when?: function(): boolean}} [more]
 */
export function bind(keys, what, run, { group = t('Everywhere'), when = () => true } = {}) {
  TABLE.push({ keys: [keys].flat(), what, group, run, when });
}

export function listenForKeys() {
  bind('/', t('search'), () => focus('input[type=search]'));
  bind('a', t('add torrents'), () => Boolean(document.querySelector('a[data-key=add]')?.click()) || undefined);
  bind('?', t('this sheet'), () => import('./help.js').then(({ showKeys }) => showKeys()));
  document.addEventListener('keydown', hear);
  document.addEventListener('click', ({ target }) => {
    if (!target.closest('details.menu')) closeMenus();
  });
}

function hear(event) {
  if (event.key === 'Escape' && closeMenus()) return;
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog:modal')) return;
  const name = nameOf(event);
  const typing = isTyping(event.target);
  if (typing && !name.includes('mod+') && name !== 'Escape') return;
  const pair = Date.now() - firstAt < SEQUENCE && first ? `${first} ${name}` : '';
  first = '';
  const found = find(pair) ?? find(name);
  if (found) {
    if (found.run(event) !== false) event.preventDefault();
  } else if (TABLE.some(({ keys }) => keys.some((key) => key.startsWith(`${name} `)))) {
    [first, firstAt] = [name, Date.now()];
    document.dispatchEvent(new CustomEvent('keys:first', { detail: name }));
  }
}

const find = (name) => (name ? TABLE.findLast(({ keys, when }) => keys.includes(name) && when()) : undefined);

function nameOf(event) {
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : '';
  const alt = event.altKey ? 'alt+' : '';
  // With a letter or sign, shift is part of what was typed; with a named key it is not.
  const shift = event.shiftKey && event.key.length > 1 ? 'shift+' : '';
  const key = event.key === ' ' ? 'Space' : mod && event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return mod + alt + shift + key;
}

export const isTyping = (element) =>
  element instanceof Element &&
  (element.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=range])') || element.isContentEditable);

function focus(selector) {
  const element = document.querySelector(selector);
  element?.focus();
  element?.select?.();
}

/** @returns {boolean} whether one was open */
function closeMenus() {
  const open = document.querySelectorAll('details.menu[open]');
  for (const menu of open) {
    const held = menu.contains(document.activeElement);
    menu.open = false;
    // What is hidden loses the focus.
    if (held) menu.querySelector('summary').focus();
  }
  return open.length > 0;
}
