/* The columns: what each shows, and which of them this browser shows, in which order and how wide. */

import { t, tp } from './i18n.js';
import * as fmt from './format.js';

/**
 * @typedef {Object} Column
 * @property {string} key      what the server sorts by
 * @property {string} label
 * @property {string} [head]   the label, shorter, where the usual width has no room for it
 * @property {number} width    pixels at the usual size of type
 * @property {boolean} [number] figures: right-aligned, the largest first at the first click
 * @property {boolean} [live]  changes by itself, so that sorting by it moves rows
 * @property {boolean} [off]   not shown unless asked for
 * @property {number} [drop]   which column gives way first where there is no room
 * @property {function(Object): string} [text] of a row; the name and the bar are made in rows.js
 * @property {function(Object): string} [title] the exact value
 */

const PRIORITIES = [t('off'), t('low'), t('normal'), t('high')];
const STATES = {
  downloading: t('downloading'),
  seeding: t('seeding'),
  stopped: t('stopped'),
  paused: t('paused'),
  checking: t('checking'),
  error: t('error'),
  queued: t('queued'),
};

export const stateWord = (status) => STATES[status] ?? status;

const peers = (row) => (row.peers_connected ? `${row.peers_complete ?? 0}/${row.peers_connected}` : fmt.NONE);

/** A column that somebody asks for has room for its head, in whatever language. */
const roomy = (column) => (column.off ? { ...column, width: Math.max(column.width, 24 + 7 * column.label.length) } : column);

/** @type {Column[]} */
export const COLUMNS = [
  { key: 'name', label: t('Name'), width: 240 },
  { key: 'state', label: t('State'), width: 100, live: true, off: true, text: (row) => stateWord(row.status) },
  { key: 'size', label: t('Size'), width: 76, number: true, drop: 5, text: (row) => fmt.size(row.size_bytes) },
  { key: 'done', label: t('Done'), width: 96, number: true, live: true },
  { key: 'down', label: t('Down'), width: 84, number: true, live: true, text: (row) => fmt.rate(row.down_rate) },
  { key: 'up', label: t('Up'), width: 84, number: true, live: true, text: (row) => fmt.rate(row.up_rate) },
  { key: 'eta', label: t('ETA'), width: 92, number: true, live: true, text: (row) => fmt.eta(row.eta) },
  { key: 'ratio', label: t('Ratio'), head: tp('short', 'Ratio'), width: 52, number: true, live: true, drop: 4, text: (row) => fmt.ratio(row.ratio) },
  { key: 'peers', label: t('Peers'), width: 56, number: true, live: true, drop: 3, text: peers },
  { key: 'seeds', label: t('Seeds'), width: 56, number: true, live: true, off: true, text: (row) => (row.peers_complete ? fmt.count(row.peers_complete) : fmt.NONE) },
  { key: 'label', label: t('Label'), width: 96, drop: 2, text: (row) => row.label ?? '' },
  { key: 'added', label: t('Added'), head: tp('short', 'Added'), width: 72, number: true, drop: 1, text: (row) => fmt.since(row.added), title: (row) => fmt.moment(row.added) },
  { key: 'finished', label: t('Finished'), width: 72, number: true, off: true, text: (row) => fmt.since(row.finished), title: (row) => fmt.moment(row.finished) },
  { key: 'downloaded', label: t('Downloaded'), width: 88, number: true, live: true, off: true, text: (row) => fmt.size(row.down_total) },
  { key: 'uploaded', label: t('Uploaded'), width: 80, number: true, live: true, off: true, text: (row) => fmt.size(row.up_total) },
  { key: 'left', label: t('Left'), width: 76, number: true, live: true, off: true, text: (row) => (row.left_bytes > 0 ? fmt.size(row.left_bytes) : fmt.NONE) },
  { key: 'tracker', label: t('Tracker'), width: 140, off: true, text: (row) => row.tracker ?? '' },
  { key: 'directory', label: t('Directory'), width: 220, off: true, text: (row) => row.directory ?? '', title: (row) => row.directory ?? '' },
  { key: 'priority', label: t('Priority'), width: 72, off: true, text: (row) => PRIORITIES[row.priority] ?? fmt.NONE },
  { key: 'target', label: t('Client'), width: 96, off: true, text: (row) => row.target },
  { key: 'private', label: t('Private'), width: 64, off: true, text: (row) => (row.is_private ? t('yes') : t('no')) },
].map(roomy);

export const BY_KEY = new Map(COLUMNS.map((column) => [column.key, column]));
export const NARROWEST = 40;
export const WIDEST = 1600;
const BOX = 36; // the column of checkboxes

const PLACE = 'pyrotorrent.columns';
const VERSION = 1;

/** @typedef {{order: string[], shown: string[]|null, widths: Record<string, number>, compact: boolean}} Layout
 *  `shown` is null until somebody chooses: then what does not fit gives way by itself. */

const usual = () => ({ order: COLUMNS.map(({ key }) => key), shown: null, widths: {}, compact: false });

/** @type {Layout} */
let layout = load();
const listeners = new Set();

function load() {
  try {
    return checked(JSON.parse(localStorage.getItem(PLACE)));
  } catch {
    return usual();
  }
}

/** What was kept, as far as it makes sense today: columns come and go with versions, and anybody may write there. */
function checked(kept) {
  if (kept?.version !== VERSION || !Array.isArray(kept.order)) return usual();
  const known = [...new Set(kept.order)].filter((key) => BY_KEY.has(key));
  const shown = Array.isArray(kept.shown) ? [...new Set(kept.shown)].filter((key) => BY_KEY.has(key)) : null;
  const widths = Object.entries(kept.widths ?? {}).filter(([key, width]) => BY_KEY.has(key) && width >= NARROWEST && width <= WIDEST);
  return {
    order: [...known, ...COLUMNS.map(({ key }) => key).filter((key) => !known.includes(key))],
    shown: shown?.includes('name') ? shown : null,
    widths: Object.fromEntries(widths),
    compact: kept.compact === true,
  };
}

/** @returns {Layout} */
export const getLayout = () => layout;

/** @param {Partial<Layout>} patch */
export function setLayout(patch) {
  layout = { ...layout, ...patch };
  try {
    localStorage.setItem(PLACE, JSON.stringify({ version: VERSION, ...layout }));
  } catch {
    // A browser that keeps nothing shows it until it is closed.
  }
  listeners.forEach((listener) => listener(layout));
}

export function resetLayout() {
  setLayout(usual());
}

/** @param {function(Layout): void} listener */
export const onLayout = (listener) => listeners.add(listener);

export const widthOf = (column) => layout.widths[column.key] ?? column.width;

/** The keys chosen, in order, whether they fit or not. */
export const chosenKeys = () => {
  const shown = layout.shown ?? COLUMNS.filter(({ off }) => !off).map(({ key }) => key);
  return layout.order.filter((key) => shown.includes(key));
};

/**
 * The columns to show in `room` pixels. While nobody has chosen any, those least missed give way.
 * @returns {Column[]}
 */
export function visibleColumns(room) {
  let columns = chosenKeys().map((key) => BY_KEY.get(key));
  if (layout.shown) return columns;
  const leaving = columns.filter(({ drop }) => drop).sort((a, b) => a.drop - b.drop);
  while (leaving.length && neededWidth(columns) > room) {
    const next = leaving.shift();
    columns = columns.filter((column) => column !== next);
  }
  return columns;
}

/** What a card on a phone is made of, whatever columns a wider window shows; what of it is seen is for list.css. */
export const cardColumns = () => ['name', 'state', 'size', 'done', 'down', 'up', 'eta', 'ratio', 'label'].map((key) => BY_KEY.get(key));

export const neededWidth = (columns) => columns.reduce((sum, column) => sum + widthOf(column), BOX);

/** The value of grid-template-columns. The name takes what is left, unless somebody gave it a width. */
export function template(columns) {
  const rem = (pixels) => `${pixels / 16}rem`;
  const track = (column) =>
    column.key === 'name' && !(column.key in layout.widths) ? `minmax(${rem(column.width)}, 1fr)` : rem(widthOf(column));
  const fills = columns.some(({ key }) => key === 'name' && !(key in layout.widths));
  return [rem(BOX), ...columns.map(track), ...(fills ? [] : ['1fr'])].join(' ');
}
