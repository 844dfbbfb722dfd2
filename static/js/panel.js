/* The panel below the list: one torrent, live, in tabs. Which torrent and which tab is part of the address. */

import { get, torrentUrl } from './api.js';
import { can } from './can.js';
import { h, icon, memory, setAttr, setIcon, setText } from './dom.js';
import { STATES } from './facets.js';
import { t } from './i18n.js';
import { bind } from './keys.js';
import { rowOf, selection } from './list.js';
import { latest } from './latest.js';
import * as state from './state.js';

/** The tabs: the part of the API each shows, seconds between its questions, and what a client must tell for it. */
const TABS = [
  { key: 'general', label: t('General'), period: 2, load: () => import('./panel_general.js') },
  { key: 'files', needs: 'files', label: t('Files'), period: 0, load: () => import('./panel_files.js') },
  { key: 'peers', needs: 'peers', label: t('Peers'), period: 2, load: () => import('./panel_peers.js') },
  { key: 'trackers', needs: 'trackers', label: t('Trackers'), period: 10, load: () => import('./panel_trackers.js') },
  { key: 'pieces', needs: 'pieces', label: t('Pieces'), period: 5, load: () => import('./panel_pieces.js') },
  { key: 'history', label: t('History'), period: 10, load: () => import('./panel_history.js') },
];
/** What the API says of a torrent that is not there. */
const GONE = new Set(['not_found', 'no_such_torrent']);
const LEAST = 120; // pixels
const STEP = 24;
const LONGEST = 30; // seconds between tries of what fails

let parts = null; // the elements of the panel
let shown = null; // {open, tab, view, timer, stop, failures}
let about = null; // the row of the open torrent, as far as it is known
let returnTo = null;

export function startPanel() {
  parts = build();
  state.on(show);
  document.addEventListener('list:cursor', follow);
  document.addEventListener('list:answer', refreshAbout);
  document.addEventListener('visibilitychange', () => !document.hidden && ask());
  // Outside of the panel the key lets go of the selection first.
  const meant = () => !parts.panel.hidden && (parts.panel.contains(document.activeElement) || !selection.count);
  bind('Escape', t('close the panel'), close, { group: t('Panel'), when: meant });
  TABS.forEach((tab, at) => bind(String(at + 1), tab.label, () => state.set({ tab: tab.key }, { replace: true }), { group: t('Panel'), when: () => !parts.panel.hidden && isTold(tab, targetOf(state.get().open)) }));
  show();
}

/** Open a row, as Enter on it does. */
export function openRow(row) {
  returnTo = document.activeElement;
  about = row;
  state.set({ open: `${row.target}/${row.hash}` });
}

export function close() {
  const inside = parts.panel.contains(document.activeElement);
  state.set({ open: '', tab: '' });
  if (inside) (returnTo?.isConnected ? returnTo : document.querySelector('#torrents [tabindex="0"]'))?.focus();
}

function build() {
  const panel = document.querySelector('#panel');
  const grip = h('div.panel-grip', { role: 'separator', 'aria-orientation': 'horizontal', 'aria-label': t('Height of the panel'), tabindex: 0 });
  const tabs = h('div.panel-tabs', { role: 'tablist', 'aria-label': t('About this torrent') }, TABS.map(({ key, label }) =>
    h('button', { type: 'button', role: 'tab', id: `panel-tab-${key}`, 'data-tab': key, 'aria-controls': 'panel-body', tabindex: -1 }, label)));
  const shape = icon('ok');
  const name = h('bdi');
  const page = h('a.panel-page', { title: t('Open its page') }, shape, name);
  const shut = h('button.quiet', { type: 'button', 'aria-label': t('Close the panel'), title: 'Esc', on: { click: close } }, icon('remove'));
  const body = h('div.panel-body', { role: 'tabpanel', id: 'panel-body', tabindex: 0 });
  const gone = makeGone();
  const note = h('p.panel-note', { role: 'status', hidden: true });
  panel.append(grip, h('div.panel-head', {}, tabs, page, shut), note, gone, body);
  tabs.addEventListener('click', ({ target }) => target.dataset.tab && state.set({ tab: target.dataset.tab }, { replace: true }));
  tabs.addEventListener('keydown', walkTabs);
  watchGrip(panel, grip);
  return { panel, tabs, page, shape, name, body, note, gone, grip };
}

/** What is shown of a torrent that its client does not have any more; it may come back, as a magnet does. */
function makeGone() {
  const told = h('button', { type: 'button', on: { click: () => state.set({ tab: 'history' }, { replace: true }) } }, t('What happened to it'));
  const shut = h('button', { type: 'button', on: { click: close } }, t('Close the panel'));
  return h('div.panel-gone', { role: 'status', hidden: true }, h('p'), h('p.sheet-buttons', {}, told, shut));
}

function walkTabs(event) {
  const all = [...parts.tabs.children].filter(({ hidden }) => !hidden);
  const at = all.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = all.at(to % all.length);
  state.set({ tab: next.dataset.tab }, { replace: true });
  next.focus();
}

// ---- height

function watchGrip(panel, grip) {
  const most = () => Math.max(LEAST, Math.round((panel.parentElement.clientHeight || innerHeight) * 0.8));
  const set = (height, keep = true) => {
    const pixels = Math.round(Math.min(Math.max(height, LEAST), most()));
    panel.style.height = `${pixels}px`;
    grip.setAttribute('aria-valuenow', pixels);
    grip.setAttribute('aria-valuemin', LEAST);
    grip.setAttribute('aria-valuemax', most());
    if (keep) memory.set('panel.height', pixels);
  };
  set(memory.get('panel.height', 280), false);
  grip.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const from = event.clientY + panel.offsetHeight;
    const move = ({ clientY }) => set(from - clientY);
    grip.addEventListener('pointermove', move);
    grip.addEventListener('lostpointercapture', () => grip.removeEventListener('pointermove', move), { once: true });
  });
  grip.addEventListener('keydown', (event) => {
    const to = { ArrowUp: panel.offsetHeight + STEP, ArrowDown: panel.offsetHeight - STEP, Home: LEAST, End: most() }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  });
  grip.addEventListener('dblclick', () => set(280));
}

// ---- what is shown

/** Walking through the list with the panel open shows one torrent after the other. */
let following = 0;
function follow({ detail: row }) {
  if (!row || parts.panel.hidden || !document.activeElement?.closest('#torrents')) return;
  clearTimeout(following);
  following = setTimeout(() => {
    if (!state.get().open) return;
    about = row;
    state.set({ open: `${row.target}/${row.hash}` }, { replace: true });
  }, 120);
}

const targetOf = (open) => open.slice(0, open.lastIndexOf('/'));
const isTold = ({ needs }, target) => !needs || can(target, needs);

function refreshAbout() {
  if (!about || parts.panel.hidden) return;
  if (latest.answer?.targets && TABS.some((tab, at) => parts.tabs.children[at].hidden === isTold(tab, about.target))) show();
  const row = about.id ? rowOf(about.id) : null;
  if (row && !about.gone) paintHead(row);
  askWhenBack();
}

/** A client that answers again is asked at once, and not when the patience with its failures ends. */
function askWhenBack() {
  const status = latest.answer?.targets?.find(({ name }) => name === about.target)?.status;
  if (!shown || !status) return;
  if (status === 'ok' && shown.away) ask();
  shown.away = status !== 'ok';
}

function show() {
  const { open, tab: wanted } = state.get();
  const slash = open.lastIndexOf('/');
  parts.panel.hidden = slash < 1;
  document.body.classList.toggle('has-panel', slash >= 1);
  if (slash < 1) return end();
  const [target, hash] = [open.slice(0, slash), open.slice(slash + 1)];
  TABS.forEach((each, at) => (parts.tabs.children[at].hidden = !isTold(each, target)));
  const tab = TABS.find((each) => each.key === wanted && isTold(each, target)) ?? TABS[0];
  if (shown?.open === open && shown.tab === tab) return undefined;
  end();
  if (about?.hash !== hash || about?.target !== target) about = { target, hash, name: '' };
  paintHead(about);
  for (const each of parts.tabs.children) {
    const current = each.dataset.tab === tab.key;
    setAttr(each, 'aria-selected', String(current));
    setAttr(each, 'tabindex', current ? 0 : -1);
  }
  parts.body.setAttribute('aria-labelledby', `panel-tab-${tab.key}`);
  shown = { open, tab, path: `torrents/${encodeURIComponent(target)}/${encodeURIComponent(hash)}`, failures: 0, stop: new AbortController() };
  return begin(shown);
}

function end() {
  if (!shown) return;
  clearTimeout(shown.timer);
  shown.stop.abort();
  shown.view?.end?.();
  shown = null;
  say('');
  parts.gone.hidden = true;
  parts.body.hidden = false;
}

function paintHead(row) {
  about = row;
  setText(parts.name, row.name || row.hash);
  setAttr(parts.page, 'href', row.gone ? null : torrentUrl(row));
  parts.page.className = `panel-page s-${(!row.gone && row.status) || 'stopped'}`;
  setIcon(parts.shape, row.gone ? 'off' : (STATES.get(row.status)?.shape ?? 'ok'));
  parts.panel.setAttribute('aria-label', row.name || row.hash);
}

async function begin(mine) {
  const { make } = await mine.tab.load();
  if (mine !== shown) return;
  parts.body.className = `panel-body tab-${mine.tab.key}`;
  parts.body.replaceChildren();
  parts.body.scrollTop = 0;
  mine.view = make(parts.body, {
    path: mine.path, say, can: (word) => can(targetOf(mine.open), word), row: () => about, signal: mine.stop.signal, again: () => ask(),
    know: (row) => mine === shown && paintHead(row),
    isGone: (gone) => mine === shown && paintHead({ ...about, gone }),
  });
  ask();
  if (!about.name && mine.tab.key !== 'general') learn(mine);
}

/** Who came by a link knows the hash only. */
async function learn(mine) {
  try {
    const { row } = await get(mine.path, {}, { signal: mine.stop.signal });
    if (mine === shown) paintHead(row);
  } catch {
    // The tab says it.
  }
}

/** Ask for the tab now, and then again and again while it can be seen. */
async function ask() {
  const mine = shown;
  if (!mine?.view || document.hidden || mine.asking) return;
  clearTimeout(mine.timer);
  mine.asking = true;
  const began = Date.now();
  try {
    const answer = mine.view.refresh ? await mine.view.refresh() : await get(`${mine.path}${mine.view.part}`, {}, { signal: mine.stop.signal });
    if (mine !== shown) return;
    if (answer) mine.view.paint?.(answer);
    mine.failures = 0;
    say('');
    if (mine.tab.key !== 'history') tellGone(mine, false);
  } catch (problem) {
    if (mine !== shown || mine.stop.signal.aborted) return;
    mine.failures += 1;
    const gone = GONE.has(problem.code);
    say(gone ? '' : problem.message);
    tellGone(mine, gone);
  } finally {
    mine.asking = false;
  }
  const period = mine.tab.period || mine.view.period;
  // A client that is slow to answer is asked less often.
  const rest = Math.max(period * 2 ** Math.min(mine.failures, 4), (5 * (Date.now() - began)) / 1000);
  if (period) mine.timer = setTimeout(ask, Math.min(rest, LONGEST) * 1000);
}

function tellGone({ open }, is) {
  parts.gone.hidden = !is;
  parts.body.hidden = is;
  if (is || about.gone) paintHead({ ...about, gone: is });
  if (is) setText(parts.gone.firstChild, t('This torrent is not in {client} any more: it was removed.', { client: targetOf(open) }));
}

function say(text) {
  setText(parts.note, text);
  parts.note.hidden = !text;
}
