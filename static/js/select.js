/* Hands on the list: pointer and keyboard move the cursor and select. */

import { bind } from './keys.js';
import { t } from './i18n.js';
import { cache, clearSelection, cursor, model, moveCursor, open, rowsBetween, selectAll, selection, selectionChanged, table } from './list.js';

let anchor = 0; // where a range begins
let inside = false; // whether the focus is on a row, also while that row is not on screen

export function startSelecting() {
  const { grid, body } = table;
  body.addEventListener('click', clicked);
  body.addEventListener('dblclick', ({ target }) => target.closest('input, label') || openAt(placeOf(target)));
  body.addEventListener('mousedown', (event) => event.shiftKey && event.preventDefault()); // no text is selected
  grid.addEventListener('keydown', pressed);
  grid.addEventListener('focusin', ({ target }) => (inside = body.contains(target)));
  grid.addEventListener('focusout', ({ relatedTarget }) => relatedTarget && !grid.contains(relatedTarget) && (inside = false));
  document.addEventListener('list:answer', keepFocus);
  document.addEventListener('list:selection', ({ detail }) => told(detail));
  table.scroller.addEventListener('scroll', keepFocus, { passive: true });
  document.querySelector('#all').addEventListener('change', ({ target }) => (target.checked ? selectAll() : clearSelection()));
  bindKeys();
}

function bindKeys() {
  const more = { group: t('List') };
  bind('j', t('next torrent'), () => step(1), more);
  bind('k', t('previous torrent'), () => step(-1), more);
  bind('x', t('select it'), () => toggle(cursor.index), more);
  bind('Escape', t('select nothing'), letGo, { ...more, when: () => selection.count > 0 });
  // What a row with the focus hears by itself, for the sheet of keys.
  const note = (keys, what) => bind(keys, what, () => false, { ...more, when: () => false });
  note(['ArrowDown', 'ArrowUp'], t('move'));
  note(['Home', 'End'], t('to the first, the last'));
  note('Enter', t('open it'));
  note('Space', t('select it'));
  note('shift+ArrowDown', t('select further'));
  note('mod+a', t('select all that match'));
}

const placeOf = (target) => table.indexOf(target.closest('tr'));

function clicked(event) {
  const index = placeOf(event.target);
  const row = cache.at(index);
  if (!row) return;
  const onBox = event.target.closest('.c-sel');
  const onName = event.target.closest('a');
  const several = event.ctrlKey || event.metaKey;
  if (onName && several) return; // a new tab, as with any link
  if (event.target.matches('label')) return; // the click on its box follows
  if (onName && !event.shiftKey) {
    event.preventDefault();
    moveTo(index);
    open(row);
    return;
  }
  if (!event.target.matches('input')) event.preventDefault();
  if (event.shiftKey) selectRange(anchor, index, onBox ? event.target.checked !== false : true);
  else if (onBox || several) toggle(index);
  else selectOnly(index);
}

function openAt(index) {
  const row = cache.at(index);
  if (row) open(row);
}

function selectOnly(index) {
  selection.clear();
  toggle(index);
}

/** The buttons for what is selected go with the selection: who is on one of them is led back to the list. */
function letGo() {
  const away = document.querySelector('.toolbar .actions')?.contains(document.activeElement);
  clearSelection();
  if (away) (table.nodeAt(cursor.index) ?? table.grid).focus({ preventScroll: true });
}

function toggle(index) {
  const row = cache.at(index);
  if (!row) return;
  anchor = index;
  selection.put([row], !selection.has(row.id));
  moveTo(index);
  selectionChanged();
}

/** Rows between are asked for where they are not here; what was selected before stays. */
async function selectRange(from, to, on = true) {
  moveTo(to);
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  selection.put(await rowsBetween(first, last + 1), on);
  selectionChanged();
}

function moveTo(index, { focus = true } = {}) {
  moveCursor(index);
  table.reveal(cursor.index);
  if (focus) table.nodeAt(cursor.index)?.focus({ preventScroll: true });
}

function step(by) {
  moveTo(cursor.index < 0 ? table.visible[0] : cursor.index + by);
}

const page = () => Math.max(1, table.visible[1] - table.visible[0] - 2);

const MOVES = {
  ArrowDown: () => cursor.index + 1,
  ArrowUp: () => cursor.index - 1,
  PageDown: () => cursor.index + page(),
  PageUp: () => cursor.index - page(),
  Home: () => 0,
  End: () => model.total - 1,
};

function pressed(event) {
  if (!table.body.contains(event.target) && event.target !== table.grid) return;
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey) return;
  if (event.key in MOVES) {
    const to = Math.max(0, Math.min(MOVES[event.key](), model.total - 1));
    if (event.shiftKey) selectRange(anchor, to);
    else moveTo((anchor = to));
  } else if (event.key === ' ' && !event.target.matches('input')) toggle(cursor.index);
  else if (event.key === 'Enter' && !event.target.matches('a')) openAt(cursor.index);
  else if (mod && event.key.toLowerCase() === 'a') selectAll();
  else if (event.key === 'Escape' && selection.count) clearSelection();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The focus follows its row; while that is not on screen the table holds it, so that keys still work. */
function keepFocus() {
  if (!inside || cursor.index < 0) return;
  const focused = document.activeElement;
  const node = table.nodeAt(cursor.index);
  if (focused !== document.body && focused !== table.grid && !table.body.contains(focused)) return;
  if (node) {
    if (!node.contains(focused)) node.focus({ preventScroll: true });
  } else if (focused !== table.grid) table.grid.focus({ preventScroll: true });
}

/** The box in the head, and the number beside the buttons. */
function told({ count }) {
  const head = document.querySelector('#all');
  head.checked = count > 0 && count === model.total;
  head.indeterminate = count > 0 && !head.checked;
  const place = document.querySelector('#selected');
  const text = count ? t('{n} selected', { n: count.toLocaleString() }) : '';
  if (place && place.textContent !== text) place.textContent = text;
}
