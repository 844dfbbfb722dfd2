/* The sheet of keys, made from the table that listens. */

import { h } from './dom.js';
import { TABLE } from './keys.js';
import { t } from './i18n.js';

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const NAMES = { mod: MAC ? '⌘' : 'Ctrl', alt: MAC ? '⌥' : 'Alt', shift: 'Shift', ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc' };
const GROUPS = [t('Everywhere'), t('Go'), t('List'), t('Selected torrents'), t('Panel')];

export function showKeys() {
  const groups = Map.groupBy(TABLE.filter(({ what }) => what), ({ group }) => group);
  const order = (name) => (GROUPS.indexOf(name) + 99) % 99;
  const parts = [...groups].sort(([one], [other]) => order(one) - order(other)).map(([name, entries]) => section(name, entries));
  const close = h('button', { type: 'submit' }, t('Close'));
  const dialog = h('dialog.ask', { id: 'keys', 'aria-labelledby': 'keys-title' },
    h('form', { method: 'dialog' }, h('h2', { id: 'keys-title' }, t('Keys')), h('div.keys', {}, parts), h('p.dialog-buttons', {}, close)));
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  close.focus({ preventScroll: true });
  dialog.scrollTop = 0;
}

function section(name, entries) {
  const seen = new Set();
  const rows = entries
    .filter(({ keys, what }) => !seen.has(keys + what) && seen.add(keys + what))
    .flatMap(({ keys, what }) => [h('dt', {}, ...spelled(keys)), h('dd', {}, what)]);
  return h('section', {}, h('h3', {}, name), h('dl', {}, rows));
}

/** `['ArrowDown', 'mod+k']` as keys on a board. */
function spelled(keys) {
  return keys.flatMap((key, at) => [at ? ' / ' : '', ...key.split(' ').map((part) => h('kbd', {}, keyName(part)))]);
}

export function keyName(key) {
  return key.split(/\+(?=.)/).map((part) => NAMES[part] ?? part).join(' ');
}
