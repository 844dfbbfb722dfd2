/* One row of the list: made once, painted many times, and only where it differs. */

import { torrentUrl } from './api.js';
import { icon, setIcon } from './dom.js';
import { stateWord } from './columns.js';
import * as fmt from './format.js';
import { t, tp } from './i18n.js';

const RATIO = tp('short', 'ratio');

const FIGURES = new Set(['down', 'up', 'eta']);

const SHAPES = { downloading: 'down', seeding: 'up', stopped: 'stop', paused: 'pause', checking: 'check', error: 'error', queued: 'queue' };

/** What a node shows, to compare with before anything is written. */
const shown = new WeakMap();

const make = (tag, className, role) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (role) element.setAttribute('role', role);
  return element;
};

const MAKERS = {
  name() {
    const cell = make('th', 'c-name', 'rowheader');
    cell.append(icon('stop'), make('span', 'sr'));
    const link = cell.appendChild(make('a'));
    link.tabIndex = -1;
    link.append(make('bdi'));
    cell.append(make('span', 'tag'));
    return cell;
  },
  ratio() {
    const cell = make('td', 'c-ratio number', 'gridcell');
    const word = cell.appendChild(make('span', 'word'));
    word.textContent = `${RATIO} `;
    cell.append('');
    return cell;
  },
  done() {
    const cell = make('td', 'c-done', 'gridcell');
    const bar = cell.appendChild(make('progress'));
    bar.max = 100;
    bar.ariaHidden = 'true';
    cell.append(make('span'));
    return cell;
  },
};

/** @param {import('./columns.js').Column[]} columns */
export function createRow(columns) {
  const node = make('tr', '', 'row');
  node.tabIndex = -1;
  const box = make('input');
  Object.assign(box, { type: 'checkbox', name: 'sel', tabIndex: -1 });
  const label = make('label');
  label.append(box);
  const first = make('td', 'c-sel', 'gridcell');
  first.append(label);
  node.append(first);
  for (const column of columns) {
    const cell = MAKERS[column.key]?.() ?? make('td', `c-${column.key}${column.number ? ' number' : ''}`, 'gridcell');
    if (!MAKERS[column.key]) cell.append('');
    node.append(cell);
  }
  shown.set(node, { box, texts: [] });
  return node;
}

/**
 * Make a node show a row.
 * @param {HTMLTableRowElement} node
 * @param {Object|undefined} row   undefined: not here yet
 * @param {number} index           its place in the whole list
 * @param {{look: {columns: import('./columns.js').Column[], several: boolean}, pitch: number}} table
 * @param {{chosen: boolean, cursor: boolean, old: string}} flags `old` says how old it is, where its client does not answer
 */
export function paintRow(node, row, index, { look, pitch }, flags) {
  const old = shown.get(node);
  const write = (key, value, how) => {
    if (old[key] === value) return;
    old[key] = value;
    how(value);
  };
  write('index', index, (value) => node.setAttribute('aria-rowindex', value + 2));
  // Each row has its own place, so that those that stay are not drawn again while others come.
  write('top', index * pitch, (value) => (node.style.top = `${value}px`));
  write('class', classOf(row, flags), (value) => (node.className = value));
  write('tab', flags.cursor ? 0 : -1, (value) => (node.tabIndex = value));
  write('chosen', flags.chosen, (value) => {
    node.setAttribute('aria-selected', value);
    old.box.checked = value;
  });
  write('old', flags.old, (value) => (node.title = value));
  write('id', row?.id, () => identify(node, row, old.box));
  const failed = isFailed(row);
  let said = false;
  look.columns.forEach((column, at) => {
    const cell = node.cells[at + 1];
    const tells = failed && FIGURES.has(column.key);
    const text = !row ? '' : tells ? (said ? '' : row.message) : column.text?.(row) ?? '';
    const kind = tells ? (said ? 'hidden' : 'message') : '';
    const next = look.columns[at + 1];
    if (column.key === 'name') paintName(cell, row, look, old);
    else if (column.key === 'done') paintDone(cell, row, old);
    else paintText(cell, text, kind, old, at, tells && !said ? span(look.columns, at) : 1);
    if (row) setTitle(cell, kind === 'message' ? row.message : column.title?.(row) ?? '', old, at);
    said = tells && FIGURES.has(next?.key);
  });
}

const isFailed = (row) => Boolean(row && row.status === 'error' && row.message && !row.down_rate && !row.up_rate);

/** How many figures in a row, from this one, a complaint may take the place of. */
function span(columns, at) {
  let end = at;
  while (FIGURES.has(columns[end]?.key)) end += 1;
  return end - at;
}

function classOf(row, { chosen, cursor, old }) {
  if (!row) return `waiting${chosen ? ' chosen' : ''}`;
  return (
    `s-${row.status}` +
    (row.down_rate ? '' : ' no-down') +
    (row.up_rate ? '' : ' no-up') +
    (row.eta === null ? ' no-eta' : '') +
    (row.peers_connected ? '' : ' no-peers') +
    (row.progress < 1 ? '' : ' complete') +
    (chosen ? ' chosen' : '') +
    (cursor ? ' cursor' : '') +
    (old ? ' old' : '')
  );
}

function identify(node, row, box) {
  if (!row) {
    delete node.dataset.hash;
    delete node.dataset.target;
    box.value = '';
    return;
  }
  node.dataset.hash = row.hash;
  node.dataset.target = row.target;
  box.value = `${row.target}/${row.hash}`;
}

function paintName(cell, row, look, old) {
  const [shape, word, link, tag] = cell.children;
  if (row && old.shape !== row.status) setIcon(shape, SHAPES[(old.shape = row.status)] ?? 'stop');
  // The shape in a word, for those who do not see it; where a column or a card says it, once is enough.
  const state = row && !look.columns.some(({ key }) => key === 'state') ? stateWord(row.status) : '';
  if (old.word !== state) word.textContent = old.word = state;
  const name = row ? row.name || row.hash : '';
  if (old.name !== name) {
    old.name = name;
    link.firstChild.textContent = name.length > 255 ? `${name.slice(0, 254)}…` : name;
    link.title = name.length > 30 ? name.slice(0, 1000) : '';
    old.box.ariaLabel = t('Select {name}', { name: name.slice(0, 80) });
  }
  const address = row ? torrentUrl(row) : '';
  if (old.address !== address) {
    old.address = address;
    if (address) link.href = address;
    else link.removeAttribute('href');
  }
  const target = row && look.several ? row.target : '';
  if (old.target !== target) {
    old.target = target;
    tag.textContent = target;
    tag.hidden = !target;
  }
}

function paintDone(cell, row, old) {
  const percent = row ? fmt.wholePercent(row.progress) : -1;
  if (old.percent === percent) return;
  old.percent = percent;
  const [bar, text] = cell.children;
  bar.hidden = percent < 0 || percent === 100;
  bar.value = Math.max(0, percent);
  text.textContent = percent < 0 ? '' : percent === 100 ? t('done') : `${percent} %`;
}

function paintText(cell, text, kind, old, at, wide) {
  if (old.texts[at] !== text) {
    old.texts[at] = text;
    cell.lastChild.nodeValue = text;
  }
  const state = `${kind}${wide}`;
  if ((old.kinds ??= [])[at] === state) return;
  old.kinds[at] = state;
  cell.hidden = kind === 'hidden';
  cell.classList.toggle('c-message', kind === 'message');
  cell.style.gridColumnEnd = wide > 1 ? `span ${wide}` : '';
  cell.colSpan = Math.max(1, wide); // on paper it is a table
}

function setTitle(cell, title, old, at) {
  if (((old.titles ??= [])[at] ?? '') === title) return;
  old.titles[at] = title;
  cell.title = title;
}
