/* Fingers on the list: a long press selects a torrent, and while any is selected a tap selects further ones. The bar of
   actions then has a head that counts them. Boxes and keys do the same without it. */

import { h, setText } from './dom.js';
import { count } from './format.js';
import { t, tn } from './i18n.js';
import { cache, clearSelection, model, moveCursor, selectAll, selection, selectionChanged, table } from './list.js';

const HOLD = 500; // milliseconds
const SLOP = 10; // pixels a finger may move meanwhile

let timer = 0;
let start = null;
let touching = false;
let done = false; // this press has selected; what follows of it does nothing

export function startPressing() {
  const body = document.querySelector('#torrents tbody');
  addEventListener('pointerdown', (event) => (touching = event.pointerType === 'touch'), { capture: true, passive: true });
  body.addEventListener('pointerdown', began, { passive: true });
  body.addEventListener('pointermove', moved, { passive: true });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) body.addEventListener(end, stop, { passive: true });
  // Before the list and the menu hear of it.
  body.addEventListener('contextmenu', menuCame, { capture: true });
  body.addEventListener('click', clicked, { capture: true });
  startHead();
}

function began(event) {
  stop();
  done = false;
  if (event.pointerType !== 'touch' || !event.isPrimary) return;
  start = { x: event.clientX, y: event.clientY, row: event.target.closest('tr') };
  timer = setTimeout(held, HOLD);
}

function moved({ clientX, clientY }) {
  if (start && Math.hypot(clientX - start.x, clientY - start.y) > SLOP) stop();
}

function stop() {
  clearTimeout(timer);
  start = null;
}

function held() {
  done = toggle(start?.row);
  stop();
  if (done) navigator.vibrate?.(10);
}

/** Some browsers offer their own menu at a long press; it is the selection instead. */
function menuCame(event) {
  if (!touching) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (start) held();
}

function clicked(event) {
  if (!touching || event.target.closest('.c-sel')) return;
  if (!done && !selection.count) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!done) toggle(event.target.closest('tr'));
  done = false;
}

function toggle(node) {
  const index = node ? table.indexOf(node) : -1;
  const row = cache.at(index);
  if (!row) return false;
  selection.put([row], !selection.has(row.id));
  moveCursor(index);
  selectionChanged();
  return true;
}

/** How many there are, all of them, and an end; shown where the actions are a sheet. */
function startHead() {
  const toolbar = document.querySelector('.toolbar');
  const all = h('button.quiet', { type: 'button', 'data-choose': 'all', on: { click: selectAll } });
  const end = h('button.quiet', { type: 'button', 'data-choose': 'none', on: { click: clearSelection } }, t('Done'));
  toolbar.append(all, end);
  const close = document.querySelector('.sheet-close[data-counts]');
  document.addEventListener('list:selection', ({ detail }) => (all.hidden = detail.all || detail.count === model.total));
  document.addEventListener('list:answer', () => {
    setText(all, t('All {n}', { n: count(model.total) }));
    if (close) setText(close, tn('Show {n} torrent', 'Show {n} torrents', model.total));
  });
}
