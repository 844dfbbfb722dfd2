/* The bar of what can be done with the selection, and the same as a menu on each row. */

import { ACTIONS, act, chosen, offered, single, whatFor } from './actions.js';
import { h, icon, reconcile, setText } from './dom.js';
import { size } from './format.js';
import { t } from './i18n.js';
import { cache, moveCursor, selection, table } from './list.js';
import { latest } from './latest.js';

const BAR = ['start', 'stop', 'pause', 'resume', 'check', 'announce', 'label', 'priority'];
let bar = null;
const openMenu = async (...how) => (await import('./menu.js')).openMenu(...how);

export function startBulk() {
  document.addEventListener('contextmenu', onContext);
  document.addEventListener('list:answer', paintBytes);
  bar = document.querySelector('.toolbar .actions');
  if (!bar) return;
  bar.replaceChildren();
  bar.addEventListener('click', onClick);
  document.addEventListener('list:selection', paint);
  paint();
}

function paint() {
  const what = latest.selection?.count ? chosen() : null;
  bar.hidden = !what;
  if (!what) return;
  const may = offered(what);
  const shown = BAR.map((id) => may.find((action) => action.id === id)).filter(Boolean);
  const last = may.filter(({ id }) => id === 'erase');
  reconcile(bar, [...shown, { id: 'more', label: t('More') }, ...last], ({ id }) => id, button);
}

/** What all that match weigh, beside their number. */
function paintBytes() {
  const place = document.querySelector('.matching');
  if (!place || !latest.answer) return;
  const text = place.querySelector('.matching-bytes') ?? place.appendChild(h('span.matching-bytes'));
  setText(text, latest.answer.bytes ? ` · ${size(latest.answer.bytes)}` : '');
}

function button({ id, label, icon: shape, danger, choices }) {
  const menu = choices || id === 'more';
  return h(danger ? 'button.quiet.danger' : 'button.quiet', { type: 'button', 'data-verb': id, 'aria-haspopup': menu ? 'menu' : null },
    shape && icon(shape), label, menu && h('span.caret', { 'aria-hidden': 'true' }, '▾'));
}

function onClick(event) {
  const pressed = event.target.closest('[data-verb]');
  if (!pressed) return undefined;
  event.preventDefault();
  const what = chosen();
  const id = pressed.dataset.verb;
  const action = ACTIONS.find((each) => each.id === id);
  if (id === 'more') return openMenu(items(what), pressed, { title: whatFor(what) });
  if (action.choices) return openMenu(choicesOf(action, what), pressed, { title: action.label });
  return act(id, what);
}

/** The menu of what is chosen. */
export function items(what) {
  const may = offered(what);
  const groups = [['start', 'start_now', 'stop', 'pause', 'resume'], ['check', 'announce'], ['label', 'priority', 'queue', 'throttle', 'limits'], ['directory', 'move', 'rename'], ['copy-name', 'copy-hash', 'copy-magnet', 'metainfo'], ['open', 'page'], ['erase', 'erase_data']];
  const lists = groups.map((ids) => ids.map((id) => may.find((action) => action.id === id)).filter(Boolean).map((action) => itemOf(action, what)));
  return lists.filter((list) => list.length).flatMap((list, at) => (at ? [null, ...list] : list));
}

const itemOf = (action, what) => ({
  id: action.id, label: action.label, icon: action.icon, key: action.key, danger: action.danger,
  run: () => act(action.id, what), items: action.choices && choicesOf(action, what),
});

function choicesOf(action, what) {
  const values = new Set(what.rows.map((row) => row[action.id]));
  return action.choices().map(([value, label]) => ({ label, checked: values.size === 1 && values.has(value), run: () => act(action.id, what, value) }));
}

function onContext(event) {
  const row = event.target.closest?.('#torrents [data-hash]');
  if (!row || event.defaultPrevented || event.shiftKey) return;
  event.preventDefault();
  const index = table.indexOf(row);
  const found = cache.at(index);
  if (!found) return;
  // The keyboard goes on where the menu was.
  moveCursor(index);
  table.render();
  row.focus({ preventScroll: true });
  const what = latest.selection?.count && isSelected(found) ? chosen() : single(found);
  // The Menu key gives no place of its own: then the menu opens at the row.
  const where = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : row;
  row.classList.add('menu-of');
  openMenu(items(what), where, { title: whatFor(what), onClose: () => row.classList.remove('menu-of') });
}

const isSelected = ({ id }) => selection.has(id);
