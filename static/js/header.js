/* The heads of the columns: sorting by one or several, widths and order by mouse and keyboard. */

import { BY_KEY, NARROWEST, WIDEST, getLayout, setLayout, widthOf } from './columns.js';
import { t } from './i18n.js';
import * as state from './state.js';

const STEP = 8; // pixels for a press of an arrow key

let row;
let shown = [];
let drawn = '';

/** @param {HTMLTableElement} grid */
export function startHeader(grid) {
  row = grid.tHead.rows[0];
  document.addEventListener('list:columns', ({ detail }) => draw(detail));
  state.on(() => draw(shown));
  row.addEventListener('click', sorts);
  row.addEventListener('keydown', keys);
  row.addEventListener('pointerdown', pulls);
  row.addEventListener('dblclick', fits);
  row.addEventListener('dragstart', ({ target, dataTransfer }) => {
    const key = target.closest('th')?.dataset.key;
    if (key) dataTransfer.setData('text/x-column', key);
  });
  row.addEventListener('dragover', (event) => event.dataTransfer.types.includes('text/x-column') && event.preventDefault());
  row.addEventListener('drop', drops);
}

/** @returns {Array<[string, boolean]>} keys and whether they fall */
const sorting = () => state.get().sort.split(',').filter(Boolean).map((part) => [part.replace(/^-/, ''), part.startsWith('-')]);

/** The sort after a click: one key, or with shift one more; the first click on figures shows the largest. */
function sortAfter(key, more) {
  const now = sorting();
  const at = now.findIndex(([each]) => each === key);
  const falls = at < 0 ? Boolean(BY_KEY.get(key)?.number) : !now[at][1];
  let next = [[key, falls]];
  if (more) next = at < 0 ? [...now, ...next] : now.map((part, place) => (place === at ? next[0] : part));
  return next.map(([each, falling]) => (falling ? '-' : '') + each).join(',');
}

function draw(columns) {
  shown = columns;
  const order = sorting();
  const focused = document.activeElement?.closest?.('th')?.dataset.key;
  const keys = String(columns.map(({ key }) => key));
  if (drawn !== keys) {
    drawn = keys;
    [...row.cells].slice(1).forEach((cell) => cell.remove());
    row.append(...columns.map(head));
  }
  columns.forEach(({ key }, at) => mark(row.cells[at + 1], order.findIndex(([each]) => each === key), order));
  if (focused && document.activeElement === document.body) row.querySelector(`[data-key="${focused}"] a`)?.focus();
}

function head(column) {
  const cell = document.createElement('th');
  cell.className = `c-${column.key}${column.number || column.key === 'done' ? ' number' : ''}`;
  cell.scope = 'col';
  cell.dataset.key = column.key;
  cell.setAttribute('role', 'columnheader');
  const link = document.createElement('a');
  link.draggable = true;
  link.title = t('Sort by {column}; with shift, after the others. Drag to move.', { column: column.label });
  const label = document.createElement('span');
  label.textContent = column.head ?? column.label;
  const order = document.createElement('span');
  order.className = 'order';
  order.ariaHidden = 'true';
  link.append(label, order);
  const grip = document.createElement('span');
  grip.className = 'grip';
  cell.append(link, grip);
  return cell;
}

function mark(cell, at, order) {
  const link = cell.querySelector('a');
  const [arrow, sort] = at < 0 ? ['', 'none'] : order[at][1] ? ['↓', 'descending'] : ['↑', 'ascending'];
  const text = arrow && order.length > 1 ? `${arrow}${at + 1}` : arrow;
  if (cell.querySelector('.order').textContent !== text) cell.querySelector('.order').textContent = text;
  if (at === 0) cell.ariaSort = sort;
  else cell.removeAttribute('aria-sort');
  cell.classList.toggle('sorted', at >= 0);
  link.href = state.address({ sort: sortAfter(cell.dataset.key, false) });
}

function sorts(event) {
  const cell = event.target.closest('th[data-key]');
  if (!cell || event.ctrlKey || event.metaKey || !event.target.closest('a')) return;
  event.preventDefault();
  state.set({ sort: sortAfter(cell.dataset.key, event.shiftKey) });
}

/** alt+arrows move the column, alt+shift+arrows make it wider or narrower, alt+0 fits it. */
function keys(event) {
  const key = event.target.closest('th')?.dataset.key;
  if (!key || !event.altKey) return;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === '0') fit(key);
  else if (by && event.shiftKey) resize(key, currentWidth(key) + by * STEP);
  else if (by) shift(key, by);
  else return;
  event.preventDefault();
}

const currentWidth = (key) => Math.round(row.querySelector(`[data-key="${key}"]`)?.getBoundingClientRect().width ?? widthOf(BY_KEY.get(key)));

function resize(key, width) {
  const kept = Math.round(Math.max(NARROWEST, Math.min(width, WIDEST)));
  setLayout({ widths: { ...getLayout().widths, [key]: kept } });
}

function shift(key, by) {
  const keysShown = shown.map((column) => column.key);
  const other = keysShown[keysShown.indexOf(key) + by];
  if (other) place(key, other, by > 0);
}

/** Put a column before or after another. */
export function place(key, other, after) {
  if (key === other) return;
  const order = getLayout().order.filter((each) => each !== key);
  order.splice(order.indexOf(other) + (after ? 1 : 0), 0, key);
  setLayout({ order });
}

function drops(event) {
  const key = event.dataTransfer.getData('text/x-column');
  const cell = event.target.closest('th[data-key]');
  if (!BY_KEY.has(key) || !cell) return;
  event.preventDefault();
  const { left, width } = cell.getBoundingClientRect();
  place(key, cell.dataset.key, event.clientX > left + width / 2);
}

function pulls(event) {
  const key = event.target.matches('.grip') && event.target.closest('th').dataset.key;
  if (!key || event.button) return;
  event.preventDefault();
  const { target: grip, clientX: began, pointerId } = event;
  const width = currentWidth(key);
  grip.setPointerCapture(pointerId);
  const pull = ({ clientX }) => resize(key, width + clientX - began);
  grip.addEventListener('pointermove', pull);
  grip.addEventListener('lostpointercapture', () => grip.removeEventListener('pointermove', pull), { once: true });
}

function fits({ target }) {
  if (target.matches('.grip')) fit(target.closest('th').dataset.key);
}

/** As wide as the widest of what is on screen. */
function fit(key) {
  const at = shown.findIndex((column) => column.key === key) + 1;
  const grid = row.closest('table');
  const cells = [row, ...grid.tBodies[0].rows].map((each) => each.cells[at]).filter((cell) => cell && !cell.hidden);
  grid.classList.add('measuring');
  const widest = Math.max(...cells.map((cell) => cell.getBoundingClientRect().width));
  grid.classList.remove('measuring');
  resize(key, Math.ceil(widest));
}
