/* Which columns are shown, in which order; rows close together; back to what is usual. */

import { BY_KEY, chosenKeys, getLayout, resetLayout, setLayout } from './columns.js';
import { h } from './dom.js';
import { place as placeBeside } from './header.js';
import { t } from './i18n.js';

let sheet;

/** @param {HTMLElement} button opens it */
export function openColumns(button) {
  sheet?.remove();
  sheet = h('div.column-menu', { popover: 'auto', role: 'dialog', 'aria-label': t('Columns') });
  sheet.addEventListener('toggle', ({ newState }) => newState === 'closed' && close(button));
  sheet.addEventListener('keydown', moves);
  document.body.append(sheet);
  draw();
  sheet.showPopover();
  const { bottom, right } = button.getBoundingClientRect();
  sheet.style.top = `${bottom + 4}px`;
  sheet.style.maxHeight = `${innerHeight - bottom - 12}px`;
  sheet.style.right = `${Math.max(8, innerWidth - right)}px`;
  sheet.querySelector('input:enabled').focus();
}

function close(button) {
  sheet?.remove();
  sheet = null;
  button.focus();
}

function draw() {
  const shown = chosenKeys();
  const items = getLayout().order.map((key) => item(BY_KEY.get(key), shown.includes(key)));
  const compact = h('input', { type: 'checkbox', checked: getLayout().compact, on: { change: ({ target }) => setLayout({ compact: target.checked }) } });
  sheet.replaceChildren(
    h('ul', {}, ...items),
    h('p.muted', {}, t('Alt and an arrow key move a column.')),
    h('label.column-choice', {}, compact, t('Compact rows')),
    h('button', { type: 'button', on: { click: () => (resetLayout(), draw(), sheet.querySelector('input:enabled').focus()) } }, t('Reset columns')),
  );
}

function item({ key, label }, shown) {
  const box = h('input', { type: 'checkbox', checked: shown, disabled: key === 'name', on: { change: ({ target }) => choose(key, target.checked) } });
  const move = (by, sign, words) => h('button.quiet', { type: 'button', 'aria-label': words, on: { click: () => shift(key, by, sign) } }, sign);
  return h('li', { 'data-column': key }, h('label.column-choice', {}, box, label), move(-1, '↑', t('Move {column} to the left', { column: label })), move(1, '↓', t('Move {column} to the right', { column: label })));
}

function choose(key, on) {
  const shown = chosenKeys().filter((each) => each !== key);
  setLayout({ shown: on ? [...shown, key] : shown });
}

/** The focus stays on what was pressed, wherever it went. */
function shift(key, by, sign) {
  const { order } = getLayout();
  const other = order[order.indexOf(key) + by];
  if (!other) return;
  placeBeside(key, other, by > 0);
  draw();
  const row = sheet.querySelector(`[data-column="${key}"]`);
  ([...row.querySelectorAll('button')].find((button) => button.textContent === sign) ?? row.querySelector('input')).focus();
}

function moves(event) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const key = event.target.closest('li')?.dataset.column;
  if (!by || !key || !event.altKey) return;
  event.preventDefault();
  shift(key, by, '');
}
