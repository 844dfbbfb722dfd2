/* The sidebar: how many torrents each state, label, tracker, target and save path has; a click includes, alt-click or
   the minus behind it excludes. The server has drawn the same as links. */

import { h, icon, memory, reconcile, setAttr, setText } from './dom.js';
import { count, size } from './format.js';
import { t } from './i18n.js';
import { bind } from './keys.js';
import { latest } from './latest.js';
import * as state from './state.js';

export const GROUPS = new Map([
  ['state', t('State')],
  ['label', t('Label')],
  ['tracker', t('Tracker')],
  ['target', t('Client')],
  ['directory', t('Save path')],
]);
/** The states in the order of what one does about them, with their shapes and words. */
export const STATES = new Map([
  ['error', { shape: 'error', word: t('error') }],
  ['checking', { shape: 'check', word: t('checking') }],
  ['downloading', { shape: 'down', word: t('downloading') }],
  ['seeding', { shape: 'up', word: t('seeding') }],
  ['queued', { shape: 'queue', word: t('queued') }],
  ['paused', { shape: 'pause', word: t('paused') }],
  ['stopped', { shape: 'stop', word: t('stopped') }],
]);
const NONE = { label: t('no label'), tracker: t('no tracker'), directory: t('no path'), target: '' };
/** States that are there though no torrent has them now: the list beside does not jump at a word of a search. */
const ALWAYS = new Set(['error', 'downloading', 'seeding', 'stopped']);
const SHORT = 8; // values of a long group that are shown at first
const MANY = 20; // values from which there is a box to look for one

const folded = new Set(memory.get('facets.folded', ['directory']));
const unfolded = new Set();
const looked = new Map();
const NOT = t('not'); // what stands in a template is not found by those who extract texts

let place = null;
let seen = null;
let readAll = false;

export function startFacets() {
  place = document.querySelector('#facets');
  if (!place) return;
  document.addEventListener('list:answer', paint);
  state.on(paint);
  place.addEventListener('click', onClick);
  place.addEventListener('keydown', onKey);
  bind('f', t('filters at the side'), () => place.querySelector('.facet')?.focus());
  if (latest.answer) paint();
}

/** What somebody reads for a value. */
export function wordOf(group, value) {
  if (group === 'state') return STATES.get(value)?.word ?? value;
  return value || NONE[group] || t('none');
}

/** The state of the page with a value included, excluded, or neither if it already was so. */
export function toggled(group, value, how) {
  const key = `${group}:${value}`;
  const { in: included, not } = state.get();
  const flip = (list) => (list.includes(key) ? list.filter((each) => each !== key) : [...list, key]);
  const drop = (list) => list.filter((each) => each !== key);
  return how === 'in' ? { in: flip(included), not: drop(not) } : { in: drop(included), not: flip(not) };
}

function paint(anew = false) {
  const { answer } = latest;
  const now = state.get();
  const reading = isReading(answer);
  if (!answer?.facets || (anew !== true && seen?.[0] === answer.facets && seen[1] === now && seen[2] === answer.known && seen[3] === reading)) return;
  if (!seen) place.replaceChildren(); // what the server drew
  seen = [answer.facets, now, answer.known, reading];
  tellChosen(now.in.length + now.not.length);
  const groups = [...GROUPS].map(([key, label]) => ({ key, label, ...linesAsRead(key, linesOf(key, answer.facets[key] ?? [], now), reading) }));
  reconcile(place, [{ key: 'all', answer, now }, ...groups.filter(worthShowing)], ({ key }) => key, makeGroup, paintGroup);
}

/** A choice that leaves no choice is not shown, unless it was made. */
function worthShowing({ key, reading, lines }) {
  if (reading || key === 'state' || lines.some(({ is }) => is)) return true;
  return lines.length > 1 || (lines.length === 1 && key !== 'target' && lines[0].value !== '');
}

/** Whether the first look at the clients is still going on; later ones are too short to tell. */
function isReading(answer) {
  readAll ||= Boolean(answer?.targets && !answer.targets.some(({ reading }) => reading));
  return !readAll;
}

/** Trackers come some seconds after the torrents: until then nobody knows which torrents have none. */
const linesAsRead = (group, lines, reading) =>
  reading && group === 'tracker' ? { reading, lines: lines.filter(({ value, is }) => value || is) } : { lines };

function linesOf(group, values, now) {
  const is = (value) => (now.in.includes(`${group}:${value}`) ? 'in' : now.not.includes(`${group}:${value}`) ? 'not' : '');
  const lines = values.map(([value, number, bytes]) => ({ group, value, number, bytes, is: is(value) }));
  const known = new Set(values.map(([value]) => value));
  for (const chosen of [...now.in, ...now.not]) {
    const [name, value] = [chosen.slice(0, chosen.indexOf(':')), chosen.slice(chosen.indexOf(':') + 1)];
    if (name === group && !known.has(value)) lines.push({ group, value, number: 0, bytes: 0, is: is(value) });
  }
  if (group === 'state') {
    lines.forEach(({ value }) => ALWAYS.add(value));
    for (const value of ALWAYS) if (!lines.some((line) => line.value === value)) lines.push({ group, value, number: 0, bytes: 0, is: '' });
    const order = [...STATES.keys()];
    lines.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value));
  }
  return lines;
}

/** Where the filters are in a sheet or a drawer, its button says how many there are. */
function tellChosen(number) {
  for (const link of document.querySelectorAll('a[href="#filter"]')) {
    setAttr(link, 'data-chosen', number ? count(number) : null);
    setAttr(link, 'aria-label', number ? t('Filter, {n} chosen', { n: count(number) }) : null);
  }
}

function makeGroup({ key, label }) {
  if (key === 'all') return h('p', {}, h('a.facet', {}, icon('ok'), h('bdi', {}, t('All torrents')), h('span.count'), h('span.bytes')));
  const list = h('ul', {});
  const details = h('details.facet-group', { open: !folded.has(key) }, h('summary', {}, h('span', {}, label), h('span.facet-chosen')), list);
  details.addEventListener('toggle', () => {
    if (details.open) folded.delete(key);
    else folded.add(key);
    memory.set('facets.folded', [...folded]);
  });
  return details;
}

function paintGroup(element, group) {
  if (group.key === 'all') return paintAll(element.firstElementChild, group);
  const chosen = group.lines.filter(({ is }) => is).length;
  setText(element.querySelector('.facet-chosen'), chosen ? t('{n} chosen', { n: count(chosen) }) : '');
  const list = element.querySelector('ul');
  const text = paintLook(element, list, group);
  const found = text ? group.lines.filter(({ value, is }) => is || wordOf(group.key, value).toLowerCase().includes(text)) : group.lines;
  const long = found.length > SHORT + 2 && !unfolded.has(group.key) && !text;
  const shown = long ? found.filter(({ is }, at) => is || at < SHORT) : found;
  reconcile(list, steady(list, shown), ({ value }) => `=${value}`, makeLine, paintLine);
  paintMore(element, group, found.length - shown.length);
  return undefined;
}

function paintAll(link, { answer, now }) {
  const all = !now.in.length && !now.not.length;
  setAttr(link, 'href', state.address({ in: [], not: [] }));
  setAttr(link, 'aria-current', all ? 'true' : null);
  setText(link.querySelector('.count'), count(answer.known));
}

/** While somebody points at a list or walks through it, its lines stay where they are. */
function steady(list, lines) {
  if (!list.matches(':hover, :focus-within')) return lines;
  const place = new Map([...list.children].map((child, at) => [child.dataset.key, at]));
  const at = ({ value }) => place.get(`=${value}`) ?? Infinity;
  return [...lines].sort((a, b) => (at(a) === at(b) ? 0 : at(a) - at(b)));
}

function makeLine({ group, value }) {
  const word = wordOf(group, value);
  const shape = group === 'state' ? icon(STATES.get(value)?.shape ?? 'ok') : null;
  const link = h('a.facet', { 'data-group': group, 'data-value': value, 'data-how': 'in', title: word.length > 18 ? word : null },
    shape, h('span.sr'), h('bdi', {}, group === 'directory' ? tail(word) : word), h('span.count'), h('span.bytes'));
  const minus = h('a.facet-not', { 'data-group': group, 'data-value': value, 'data-how': 'not', tabindex: -1 }, '−');
  return h('li', { class: group === 'state' ? `s-${value}` : null }, link, minus);
}

/** The end of a path is what tells it from others. */
const tail = (path) => (path.length > 22 ? `…${path.slice(-21)}` : path);

function paintLine(element, { group, value, number, bytes, is }) {
  const [link, minus] = element.children;
  const word = wordOf(group, value);
  setAttr(element, 'data-is', is || null);
  setAttr(element, 'data-none', number === 0);
  setAttr(link, 'aria-current', is === 'in' ? 'true' : null);
  // Its name is what it shows, as those need who speak to their machine; the line through it is a word for others.
  setText(link.querySelector('.sr'), is === 'not' ? `${NOT} ` : '');
  setAttr(link, 'href', state.address(toggled(group, value, 'in')));
  setAttr(minus, 'href', state.address(toggled(group, value, 'not')));
  setAttr(minus, 'aria-label', is === 'not' ? t('Do not exclude {value}', { value: word }) : t('Exclude {value}', { value: word }));
  setText(link.querySelector('.count'), count(number));
  setText(link.querySelector('.bytes'), number ? size(bytes) : '');
}

function paintLook(element, list, { key, label, lines }) {
  let field = element.querySelector('input');
  if (lines.length > MANY && !field) {
    field = h('input.facet-look', { type: 'text', placeholder: t('find'), 'aria-label': t('Find in {group}', { group: label }), autocomplete: 'off', spellcheck: 'false' });
    field.addEventListener('input', () => {
      looked.set(key, field.value.trim().toLowerCase());
      paint(true);
    });
    element.insertBefore(field, list);
  }
  if (field) field.hidden = lines.length <= MANY && !field.value;
  return looked.get(key) ?? '';
}

function paintMore(element, { key, reading }, hidden) {
  let button = element.querySelector('.facet-more');
  const beyond = latest.answer.facets_more?.[key] ?? 0;
  if (!button) {
    button = h('button.facet-more.quiet', { type: 'button', on: { click: () => flip(key) } });
    element.append(button, h('p.facet-beyond.muted'));
  }
  button.hidden = !hidden && !unfolded.has(key);
  setText(button, hidden ? t('{n} more', { n: count(hidden) }) : t('fewer'));
  setText(element.querySelector('.facet-beyond'), reading ? t('being read…') : beyond && !hidden ? t('and {n} more; search for them', { n: count(beyond) }) : '');
}

function flip(key) {
  if (!unfolded.delete(key)) unfolded.add(key);
  paint(true);
}

function onClick(event) {
  const link = event.target.closest('a[href]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (link.dataset.group === undefined) return state.set({ in: [], not: [] });
  choose(link, event.altKey ? 'not' : link.dataset.how);
}

function choose({ dataset: { group, value } }, how) {
  state.set(toggled(group, value, how));
}

function onKey(event) {
  const link = event.target.closest('.facet, summary, .facet-more');
  if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '-' && link.dataset.group) choose(link, 'not');
  else if (event.key === ' ' && link.matches('.facet')) link.click();
  else if (['ArrowDown', 'ArrowUp', 'j', 'k'].includes(event.key)) {
    const all = [...place.querySelectorAll('.facet, summary, .facet-more')].filter((each) => each.checkVisibility());
    all[all.indexOf(link) + (['ArrowDown', 'j'].includes(event.key) ? 1 : -1)]?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
