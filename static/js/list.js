/* The live list: what the server says, on the screen. Others hear of it by events on the document:
 *   list:answer     the newest answer, complete: total, known, bytes, facets, targets, down, up; `at` is when it came,
 *                   `told` when it last said how the clients are doing, and `q` the search it is to
 *   list:query      {error, good}: a search that is wrong, and the one whose list stays
 *   list:selection  {count, all, ids, select}; `select` is the body for /actions
 *   list:cursor     the row that the keyboard is on, or null
 *   list:open       a row to be opened; whoever does it calls preventDefault(), else its page is opened
 *   list:settled    the search that is meant, though it looks like one half typed; search.js says so
 *   list:problem    {error, failures} where asking failed, null when it works again
 */

import * as api from './api.js';
import { Cache } from './cache.js';
import { BY_KEY, cardColumns, getLayout, neededWidth, onLayout, template, visibleColumns } from './columns.js';
import { setText } from './dom.js';
import { Feed } from './feed.js';
import * as fmt from './format.js';
import { t, tn } from './i18n.js';
import { isUnfinished } from './search.js';
import { Selection } from './selection.js';
import * as state from './state.js';
import { Table } from './table.js';

const AHEAD = 60; // rows asked for beyond the screen, on the side where it goes
const BEHIND = 30;
const MOST_AHEAD = 240;
const EARLY = 15; // rows before the end of those that are here when more are asked for
const ANSWER = 0.15; // seconds until more are here
const LASTS = 0.4; // seconds of scrolling that what is asked for lasts at least
const STEP = 20; // windows begin at multiples of this, so that small moves ask for nothing
const MOST = 400;
const FIRST = 60; // rows of another list: what fits on most screens
const REORDER = 3000; // milliseconds between moves of rows sorted by what changes by itself
const EAGER = 2500; // milliseconds after the user did something, while rows go where they belong

const cards = matchMedia('(width <= 700px)'); // as in list.css

/** The newest answer, merged. */
export const model = { total: 0, known: 0, bytes: 0, facets: {}, facets_more: {}, targets: [], down: 0, up: 0, at: 0, told: 0 };
export const cache = new Cache();
export const selection = new Selection(() => model.total);
/** Where the keyboard is: a place in the list and, once it is known, the torrent there. */
export const cursor = { index: -1, id: null };
/** @type {Table} */
export let table;

let feed;
let columns = [];
let asked = { offset: 0, limit: 0 };
let listShown = '';
let wrongQuery = null; // a search that was refused or is half typed: the list keeps what the last good one found
let goodQuery = '';
let dirty = false;
let arrangedAt = 0;
let eagerUntil = 0;
let pointed = null; // the node under the pointer
let old = new Map(); // how old the rows are of clients that do not answer, in words

const emit = (name, detail, how = {}) => document.dispatchEvent(new CustomEvent(`list:${name}`, { detail, ...how }));

/** @returns {Object|null} a row's values by name */
export const rowOf = (id) => cache.rows.get(id) ?? null;

/** Ask at once, after something was done; rows go where they belong even under the pointer. */
export function refreshSoon() {
  eagerUntil = Date.now() + EAGER;
  feed?.ask({ anew: true });
}

export function clearSelection() {
  if (selection.clear()) selectionChanged();
}

export function selectAll() {
  selection.selectAll();
  selectionChanged();
}

export function selectionChanged() {
  table.render();
  const { count, all, ids, select } = selection;
  emit('selection', { count, all, ids, select });
  if (!count) settle();
}

/** Open a torrent: in the panel where there is one, else its page. */
export function open(row) {
  if (emit('open', row, { cancelable: true })) location.assign(api.torrentUrl(row));
}

export function moveCursor(index) {
  cursor.index = Math.max(0, Math.min(index, model.total - 1));
  cursor.id = cache.at(cursor.index)?.id ?? null;
  emit('cursor', cache.at(cursor.index) ?? null);
}

export function startList() {
  const scroller = document.querySelector('#rows');
  const grid = document.querySelector('#torrents');
  table = new Table(scroller, grid, { get total() { return model.total; }, at: (index) => cache.at(index), flags }, moved);
  feed = new Feed({ wanted, answered, failed });
  if (document.querySelector('#q')?.ariaInvalid === 'true') wrongQuery = state.get().q;
  else goodQuery = state.get().q;
  watch(scroller);
  feed.ask();
}

/** What is a plain table without scripts is a grid from now on, of which only a part is in the page. */
function makeGrid(grid) {
  const roles = { grid: [grid], rowgroup: [grid.tHead, grid.tBodies[0]], row: grid.tHead.rows, columnheader: grid.tHead.rows[0].cells };
  for (const [role, elements] of Object.entries(roles)) for (const each of elements) each.setAttribute('role', role);
  grid.ariaMultiSelectable = 'true';
  grid.tabIndex = -1;
  grid.tHead.rows[0].setAttribute('aria-rowindex', 1);
  document.querySelector('#all').hidden = false;
}

const flags = (row, index) => ({
  chosen: row ? selection.has(row.id) : selection.all,
  cursor: index === cursor.index,
  old: (row && old.get(row.target)) ?? '',
});

function watch(scroller) {
  state.on(stateChanged);
  onLayout(lookAgain);
  document.addEventListener('list:settled', ({ detail }) => {
    if (wrongQuery !== detail) return;
    wrongQuery = null;
    feed.ask({ anew: true });
  });
  const { body } = table;
  body.addEventListener('pointermove', ({ target }) => (pointed = target.closest('tr')), { passive: true });
  scroller.addEventListener('pointerleave', () => {
    pointed = null;
    settle();
  });
  scroller.addEventListener('scrollend', () => state.remember({ top: scroller.scrollTop }));
  new ResizeObserver(() => lookAgain()).observe(scroller);
}

/** Columns by what was chosen and how much room there is. What the server made stands until there is a first answer. */
function lookAgain() {
  if (!model.at) return;
  const { grid, scroller } = table;
  columns = cards.matches ? cardColumns() : visibleColumns(scroller.clientWidth);
  const several = model.targets.length > 1 && !state.get().target && !columns.some(({ key }) => key === 'target');
  grid.style.setProperty('--columns', template(columns));
  grid.style.minWidth = `${neededWidth(columns)}px`;
  grid.classList.toggle('compact', getLayout().compact);
  table.setLook({ columns, several });
  table.measure();
  emit('columns', columns);
}

// ---- what is asked

function parameters() {
  const { q, sort, target, view, in: included, not: excluded } = state.get();
  const query = wrongQuery === q ? goodQuery : q;
  return { q: query, sort, in: included, not: excluded, target, view: view === 'main' ? '' : view };
}

const keyOf = ({ offset, limit, since, facets, ...list }) => JSON.stringify(list);

/** The window for the rows on screen, with more on the side where it goes, the faster it does. */
function windowAround() {
  const [first, last] = table.visible;
  const ahead = Math.min(AHEAD + table.speed * LASTS, MOST_AHEAD);
  const [before, after] = table.direction < 0 ? [ahead, BEHIND] : [BEHIND, ahead];
  const offset = Math.floor(Math.max(0, first - before) / STEP) * STEP;
  const end = Math.ceil((Math.max(last, first + 20) + after) / STEP) * STEP;
  return { offset, limit: Math.min(MOST, end - offset) };
}

function wanted() {
  const list = parameters();
  const same = keyOf(list) === listShown;
  const window = !same ? { offset: 0, limit: Math.max(FIRST, Math.min(MOST, table.room + STEP)) } : covers() ? { offset: asked.offset, limit: asked.limit } : windowAround();
  return { ...list, ...window };
}

/** Whether the rows on screen, and those that will be before an answer could come, are in the last window. */
function covers() {
  const [first, last] = table.visible;
  const soon = Math.min(EARLY + table.speed * ANSWER, AHEAD + EARLY);
  const [before, after] = table.direction < 0 ? [soon, EARLY] : [EARLY, soon];
  return asked.offset <= Math.max(0, first - before) && asked.offset + asked.limit >= Math.min(model.total, last + after);
}

function moved() {
  if (!covers()) feed.ask();
}

function stateChanged(now, before) {
  if (state.sameList(now, before) && now.sort === before.sort) return;
  if (!state.sameList(now, before)) clearSelection();
  feed.ask({ anew: true });
}

// ---- what is answered

function answered(answer, to) {
  const list = keyOf(to);
  const other = list !== listShown;
  emit('problem', null);
  if (other && model.at && answer?.total === 0 && isUnfinished(to.q)) {
    wrongQuery = to.q;
    feed.begin('', to); // it was not taken in: asked for again, it has to come whole
    return;
  }
  const first = !model.at;
  if (first && !answer) return;
  Object.assign(model, { at: Date.now(), q: to.q });
  if (to.q === state.get().q) [goodQuery, wrongQuery] = [to.q, null];
  if (answer) {
    merge(answer);
    if (other) cache.forget();
    [listShown, asked] = [list, to];
    cache.total = model.total;
    cache.takeRows(model.columns, answer.rows ?? []);
    if (answer.order) [cache.latest, dirty] = [{ offset: answer.offset ?? to.offset, ids: answer.order }, true];
    if (other && !first) table.scroller.scrollTop = 0;
    if (other) Object.assign(cursor, { index: -1, id: null });
  }
  if (other) arrange();
  else settle();
  if (first) takeOver();
  old = oldOnes();
  table.render();
  cache.trim(table.visible[0], [cursor.id]);
  emit('answer', model);
}

function merge(answer) {
  for (const key of ['total', 'known', 'bytes', 'facets', 'targets', 'down', 'up', 'columns']) {
    if (answer[key] !== undefined) model[key] = answer[key];
  }
  if (answer.targets) model.told = Date.now();
  if (answer.facets) model.facets_more = answer.facets_more ?? {};
  setText(document.querySelector('#torrent-count'), fmt.count(model.total));
  const { q, in: included, not: excluded } = state.get();
  const some = q || included.length || excluded.length;
  const noun = some ? tn('torrent matching', 'torrents matching', model.total) : tn('torrent', 'torrents', model.total);
  setText(document.querySelector('#torrent-noun'), noun);
}

/** Of rows whose client does not answer, how old they are. */
function oldOnes() {
  const since = (Date.now() - model.told) / 1000;
  const failing = model.targets.filter(({ status, age }) => status === 'failed' && age !== null);
  return new Map(failing.map(({ name, age }) => [name, t('{name} does not answer. Shown: as it was {age} ago.', { name, age: fmt.age(age + since) })]));
}

function failed(error, to) {
  if (error.status === 400 && to.q && to.q !== goodQuery && 'position' in error.details) {
    wrongQuery = to.q;
    feed.failures = 0;
    emit('query', { error, good: goodQuery });
    return;
  }
  emit('problem', { error, failures: feed.failures, next: feed.nextAt });
}

// ---- order

/** Rows that are sorted by what changes by itself stay while somebody works with them. */
function isHeld() {
  if (Date.now() < eagerUntil) return false;
  const live = state.get().sort.split(',').some((key) => BY_KEY.get(key.replace(/^-/, ''))?.live);
  const inUse = selection.count > 0 || pointerRests() || Boolean(document.querySelector('details.menu[open], dialog[open], [role=menu]:not([hidden])'));
  return (live && (inUse || Date.now() - arrangedAt < REORDER)) || pointedIsLeaving();
}

const pointerRests = () => Boolean(pointed) && matchMedia('(hover: hover)').matches && table.body.matches(':hover');

const pointedId = () => (pointerRests() ? (cache.at(table.indexOf(pointed))?.id ?? null) : null);

/** What is under the pointer must not become another torrent just before the click. */
function pointedIsLeaving() {
  const id = pointedId();
  return id !== null && !cache.latest.ids.includes(id);
}

/** Put rows where the newest answer says, now or later. */
function settle() {
  if (!dirty) return;
  if (isHeld()) {
    cache.arrange(table.visible);
    return;
  }
  const { scroller, pitch } = table;
  const shift = scroller.scrollTop > 0 || pointerRests() ? cache.shift(table.visible, pointedId()) : 0;
  arrange();
  if (shift) {
    table.resize();
    scroller.scrollTop += shift * pitch;
  }
  table.render();
}

function arrange() {
  cache.arrange();
  [dirty, arrangedAt] = [false, Date.now()];
  const place = cursor.id === null ? -1 : cache.indexOf(cursor.id);
  if (place >= 0) cursor.index = place;
}

/** From the server's rows to ours, in one frame. */
function takeOver() {
  makeGrid(table.grid);
  table.ready = true;
  lookAgain();
  restoreScroll();
}

/** Where the page was, after a reload or “back”; a page of the list without JavaScript is a place, too. */
function restoreScroll() {
  const page = Number(new URLSearchParams(location.search).get('page')) || 1;
  const top = state.remembered().top ?? (page - 1) * Number(table.scroller.dataset.pageSize) * table.pitch;
  if (page > 1) history.replaceState(history.state, '', state.address());
  if (!top) return;
  table.resize();
  table.scroller.scrollTop = top;
}

/** The rows at some places, asked for where they are not here. */
export async function rowsBetween(from, to) {
  const found = [];
  for (let index = from; index < to; index += 1) found.push(cache.at(index));
  if (found.every(Boolean)) return found;
  const answers = [];
  for (let offset = from; offset < to; offset += 500) {
    answers.push(await api.get('torrents', { ...parameters(), offset, limit: Math.min(500, to - offset), facets: 0 }));
  }
  return answers.flatMap(({ columns: names, rows }) =>
    rows.map((values) => Object.fromEntries(names.map((name, at) => [name, values[at]]))),
  );
}
