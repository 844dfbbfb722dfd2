/* What can be done to torrents: one table for the bar, the menu, the palette and the keys. */

import { send, torrentUrl } from './api.js';
import { can, cannot, clients } from './can.js';
import { h } from './dom.js';
import { size, torrents } from './format.js';
import { t } from './i18n.js';
import { clearSelection, rowOf } from './list.js';
import { latest } from './latest.js';

export const PRIORITIES = [t('off'), t('low'), t('normal'), t('high')];
const QUEUE = [['queue_top', t('To the top')], ['queue_up', t('One up')], ['queue_down', t('One down')], ['queue_bottom', t('To the bottom')]];
const BACK = { start: 'stop', stop: 'start', pause: 'resume', resume: 'pause' };
const RUNS = ['downloading', 'seeding', 'queued', 'error', 'checking'];

/**
 * @typedef {{count: number, all: boolean, rows: Array<Object>, select: Object}} Chosen
 * @typedef {{id: string, label: string, icon?: string, key?: string, one?: boolean, danger?: boolean, writes?: boolean,
 *   ask?: function(Chosen): void, run?: function(Chosen): void}} Action `one`: for a single torrent only
 */

/** @type {Array<Action>} */
export const ACTIONS = [
  { id: 'start', label: t('Start'), icon: 'start', key: 's', writes: true },
  { id: 'start_now', label: t('Start now'), icon: 'start', writes: true },
  { id: 'stop', label: t('Stop'), icon: 'stop', key: 'S', writes: true },
  { id: 'pause', label: t('Pause'), icon: 'pause', key: 'p', writes: true },
  { id: 'resume', label: t('Resume'), icon: 'start', key: 'P', writes: true },
  { id: 'check', label: t('Check'), icon: 'verify', key: 'c', writes: true },
  { id: 'announce', label: t('Announce'), icon: 'announce', key: 'r', writes: true },
  { id: 'label', label: t('Label…'), icon: 'label', key: 'l', writes: true, ask: askLabel },
  { id: 'priority', label: t('Priority'), writes: true, choices: () => PRIORITIES.map((word, at) => [at, word]).reverse() },
  { id: 'throttle', label: t('Throttle…'), writes: true, ask: askThrottle },
  { id: 'directory', label: t('Directory…'), icon: 'folder', key: 'm', writes: true, ask: askDirectory },
  { id: 'move', label: t('Move data…'), icon: 'folder', writes: true, ask: (what) => more('askMove', 'move', what, { list: suggestions('directory') }) },
  { id: 'rename', label: t('Rename…'), writes: true, one: true, ask: (what) => more('askRename', 'rename', what) },
  { id: 'limits', label: t('Limits…'), writes: true, ask: (what) => more('askLimits', 'limits', what) },
  { id: 'queue', label: t('Queue'), writes: true, choices: () => QUEUE },
  { id: 'erase', label: t('Remove…'), icon: 'remove', key: 'Delete', writes: true, danger: true, ask: (what) => askRemove('erase', what) },
  { id: 'erase_data', label: t('Remove with data…'), icon: 'remove', writes: true, danger: true, ask: (what) => askRemove('erase_data', what) },
  { id: 'copy-name', label: t('Copy name'), key: 'y n', run: ({ rows }) => copy(rows.map(({ name }) => name), t('Name copied')) },
  { id: 'copy-hash', label: t('Copy info hash'), key: 'y h', run: ({ rows }) => copy(rows.map(({ hash }) => hash), t('Info hash copied')) },
  { id: 'copy-magnet', label: t('Copy magnet link'), key: 'y m', run: ({ rows }) => copy(rows.map(magnet), t('Magnet link copied')) },
  { id: 'page', label: t('Open its page'), key: 'o', one: true, run: ({ rows }) => location.assign(torrentUrl(rows[0])) },
  { id: 'metainfo', label: t('Get the .torrent'), one: true, run: ({ rows }) => location.assign(`${torrentUrl(rows[0])}/metainfo`) },
];
// These come when something is done for the first time.
const perform = async (...how) => (await import('./jobs.js')).perform(...how);
const ask = async (...how) => (await import('./dialogs.js')).ask(...how);
const more = async (name, id, what, how = {}) => (await import('./moreactions.js'))[name](BY_ID.get(id), what, { title: `${said(BY_ID.get(id))} · ${whatFor(what)}`, ...how });
const copy = async (...how) => (await import('./clipboard.js')).copy(...how);

const BY_ID = new Map(ACTIONS.map((action) => [action.id, action]));

const magnet = ({ hash, name }) => `magnet:?xt=urn:btih:${hash}&dn=${encodeURIComponent(name ?? '')}`;

/** What is selected, or else the torrent under the cursor. @returns {Chosen|null} */
export function chosen() {
  const { selection, cursor } = latest;
  if (selection?.count) {
    const rows = [...(selection.ids ?? [])].map((id) => rowOf(id)).filter(Boolean);
    return { count: selection.count, all: Boolean(selection.all), rows, select: selection.select };
  }
  return cursor ? single(cursor) : null;
}

/** One torrent as if it were all that is selected. @returns {Chosen} */
export const single = (row) => ({ count: 1, all: false, rows: [row], select: { torrents: [`${row.target}/${row.hash}`] } });

/** The actions that make sense for what is chosen: permitted, and known to at least one of the clients concerned. */
export function offered(what) {
  const names = concerned(what);
  return ACTIONS.filter((action) => {
    if (action.one && what.count !== 1) return false;
    if (action.writes) return mayWrite() && names.some((name) => can(name, action.id));
    if (action.id === 'metainfo' && !names.some((name) => can(name, 'metainfo'))) return false;
    if (action.id === 'copy-magnet' && what.rows.some((row) => row.is_private)) return false;
    return what.rows.length > 0 && (what.count === what.rows.length);
  });
}

/** The clients whose torrents are chosen; all of them where not every row is here. */
const concerned = ({ rows, all, count }) => (rows.length && !all && rows.length === count ? [...new Set(rows.map(({ target }) => target))] : clients());

export const mayWrite = () => document.body.dataset.writes === 'yes';

/** Do it, after the question that it needs. `value` is the choice of an action that has some. */
export function act(id, what = chosen(), value = undefined) {
  const action = BY_ID.get(id);
  if (!what) return undefined;
  if (!offered(what).includes(action)) return action.writes && mayWrite() ? refuse(concerned(what), action) : undefined;
  if (action.run) return action.run(what);
  if (action.ask && value === undefined) return action.ask(what);
  if (id === 'queue') return perform({ id: value }, {}, what.select, { said: QUEUE.find(([each]) => each === value)[1] });
  if (action.choices) return set(action, { [id]: value }, what);
  return perform(action, {}, what.select, { undo: opposite(action, what) });
}

/** A key works where there is no button: then it is said why nothing happens. */
async function refuse(names, action) {
  const { toast } = await import('./toast.js');
  toast(cannot(names, said(action)), { level: 'error', kind: 'job' });
}

/** Undo for start and stop: the other way round, for those that it changed only. Null where that is not known. */
function opposite(action, what) {
  const back = BACK[action.id];
  if (!back || what.rows.length !== what.count) return null;
  const runs = (row) => RUNS.includes(row.status);
  const turned = { start: (row) => !runs(row), stop: (row) => row.status !== 'stopped', pause: runs, resume: (row) => row.status === 'paused' }[action.id];
  const hit = what.rows.filter(turned);
  if (!hit.length) return null;
  const torrents = hit.map(({ target, hash }) => `${target}/${hash}`);
  return () => perform(BY_ID.get(back), {}, { torrents }, { said: undone(action) });
}

/** Set a value of each, and know what it was before. */
function set(action, args, what) {
  const [[field, value]] = Object.entries(args);
  const before = new Map();
  for (const row of what.rows) {
    const old = row[field] ?? '';
    if (old !== value) before.set(old, [...(before.get(old) ?? []), `${row.target}/${row.hash}`]);
  }
  const known = what.rows.length === what.count && before.size > 0 && before.size <= 20;
  const undo = known && (() => before.forEach((list, old) => perform(action, { [field]: old }, { torrents: list }, { said: undone(action) })));
  return perform(action, args, what.select, { undo: undo || null, said: said(action) });
}

const said = (action) => action.label.replace('…', '');
const undone = (action) => t('{what}, undone', { what: said(action) });

function same(rows, key) {
  const values = new Set(rows.map((row) => row[key] ?? ''));
  return values.size === 1 ? [...values][0] : '';
}

const suggestions = (group) => (latest.answer?.facets?.[group] ?? []).map(([value]) => value).filter(Boolean);

async function askText(action, what, { title, name, help = '', list = [], max = 255 }) {
  const field = h('input', { id: 'ask-field', name, value: same(what.rows, name), maxlength: max, list: 'ask-list', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none' });
  const options = h('datalist', { id: 'ask-list' }, list.map((value) => h('option', { value })));
  const values = await ask({ title: `${title} · ${whatFor(what)}`, body: [h('p.line', {}, h('label', { for: field.id }, title), field, help && h('span.help', {}, help)), options], yes: t('Set') });
  if (values) set(action, values, what);
}

export const whatFor = (what) => (what.count === 1 && what.rows[0] ? what.rows[0].name : torrents(what.count));

function askLabel(what) {
  return askText(BY_ID.get('label'), what, { title: t('Label'), name: 'label', list: suggestions('label'), help: t('Empty takes the label away.') });
}

function askThrottle(what) {
  return askText(BY_ID.get('throttle'), what, { title: t('Throttle group'), name: 'throttle', max: 64, help: t('A group of the client’s own configuration; empty is the default.') });
}

function askDirectory(what) {
  return askText(BY_ID.get('directory'), what, {
    title: t('Directory'), name: 'directory', max: 4096, list: suggestions('directory'),
    help: t('Where new data goes. Possible only while nothing is downloaded; files are not moved.'),
  });
}

/** Say what will happen before it does. */
async function askRemove(verb, what) {
  const withData = verb === 'erase_data';
  let seen = { count: what.count, bytes: null, names: [], targets: {} };
  try {
    seen = await send('POST', '/api/v1/actions/preview', { verb, select: what.select });
  } catch (problem) {
    return ask({ title: t('Remove'), body: [h('p', {}, problem.message)], yes: '', no: t('Close') });
  }
  const clients = Object.entries(seen.targets ?? {});
  const where = clients.length > 1 ? clients.map(([name, number]) => `${name}: ${number}`).join(', ') : clients[0]?.[0] ?? '';
  const more = seen.count - seen.names.length;
  const body = [
    h('p', {}, t('{what} ({size}) will be removed from {where}.', { what: torrents(seen.count), size: size(seen.bytes), where })),
    withData ? h('p', {}, h('strong', {}, t('The files are deleted from the disk, for good.'))) : h('p', {}, t('The downloaded data stays where it is.')),
    h('ul.names', { tabindex: seen.names.length > 6 ? 0 : null }, seen.names.map((name) => h('li', {}, h('bdi', {}, name))), more > 0 && h('li.muted', {}, t('and {n} more', { n: more }))),
  ];
  const words = { what: torrents(seen.count) };
  const title = withData ? t('Remove {what} with data?', words) : t('Remove {what}?', words);
  const accept = withData ? t('Remove {what} with data', words) : t('Remove {what}', words);
  const yes = await ask({ title, body, yes: accept, no: t('Keep'), danger: true });
  if (!yes) return undefined;
  const job = await perform(BY_ID.get(verb), {}, what.select, { sure: true, expect: seen.count, digest: seen.digest, said: said(BY_ID.get(verb)) });
  if (job && latest.selection?.count) clearSelection();
  return job;
}
