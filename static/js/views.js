/* Saved views: addresses of the list with a name. */

import { get, send } from './api.js';
import { h, reconcile, setAttr } from './dom.js';
import { t } from './i18n.js';
import * as state from './state.js';

let place = null;
const ask = async (...how) => (await import('./dialogs.js')).ask(...how);
const toast = async (...how) => (await import('./toast.js')).toast(...how);
const line = (label, field, help = '') => h('p.line', {}, h('label', { for: field.id }, label), field, help && h('span.help', {}, help));
const openMenu = async (...how) => (await import('./menu.js')).openMenu(...how);
/** @type {Array<{name: string, address: string}>} */
export let views = [];

export function startViews() {
  place = document.querySelector('#saved');
  if (!place) return;
  const save = place.querySelector('[data-save]');
  save.hidden = false;
  save.addEventListener('click', saveView);
  place.querySelector('ul').addEventListener('click', onClick);
  state.on(paint);
  load();
}

async function load() {
  try {
    views = (await get('views')).views ?? [];
    paint();
  } catch {
    // The list works without them; saving one says what is wrong.
  }
}

/** What is shown now, as a view keeps it: without the torrent that happens to be open. */
const present = () => state.address({ open: '', tab: '' }).split('?')[1] ?? '';

const linkOf = ({ address }) => `${location.pathname}${address && `?${address}`}`;

function paint() {
  const now = same(present());
  reconcile(place.querySelector('ul'), views, ({ name }) => name, make, (element, view) => {
    const link = element.firstElementChild;
    setAttr(link, 'href', linkOf(view));
    setAttr(link, 'aria-current', same(view.address) === now ? 'page' : null);
  });
  const none = place.querySelector('.none');
  if (none) none.hidden = views.length > 0;
}

/** An address whatever the order of its parts. */
const same = (address) => [...new URLSearchParams(address)].map((pair) => pair.join('=')).sort().join('&');

function make({ name }) {
  return h('li', {}, h('a.facet', { 'data-view': name }, h('bdi', {}, name)),
    h('button.quiet.view-more', { type: 'button', 'data-more': name, 'aria-haspopup': 'menu', 'aria-label': t('Change the view {name}', { name }) }, '⋯'));
}

function onClick(event) {
  const more = event.target.closest('[data-more]');
  const link = event.target.closest('[data-view]');
  if (more) return openMenu(choices(find(more.dataset.more)), more, { title: more.dataset.more });
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
  event.preventDefault();
  return show(find(link.dataset.view));
}

const find = (name) => views.find((view) => view.name === name);

const choices = (view) => [
  { label: t('Show'), run: () => show(view) },
  { label: t('Replace with what is shown now'), run: () => put(view.name, present(), t('View replaced: {name}', view), view) },
  { label: t('Rename…'), run: () => rename(view) },
  null,
  { label: t('Delete'), danger: true, run: () => remove(view) },
];

/** Go to a view as its link would, without loading the page. */
export function show({ address }) {
  const query = new URLSearchParams(address);
  const one = (key, usual) => query.get(key) || usual;
  state.set({ q: one('q', ''), sort: one('sort', 'name'), target: one('target', ''), view: one('view', 'main'), in: query.getAll('in'), not: query.getAll('not') });
}

const nameField = (value) => h('input', { id: 'view-name', name: 'name', value, maxlength: 60, required: true, autocomplete: 'off' });

export async function saveView() {
  const help = t('Keeps the search, the filters and the order, for this account.');
  await ask({
    title: t('Save this view'), yes: t('Save'),
    body: [line(t('Name'), nameField(suggestion()), help), h('p.muted.address', {}, h('bdi', {}, decodeURIComponent(present()) || t('all torrents')))],
    check: async ({ name }) => (find(name.trim()) ? overwrite(name.trim()) : (await put(name.trim(), present(), t('View saved: {name}', { name }))) ?? ''),
  });
}

async function overwrite(name) {
  const sure = await ask({ title: t('Replace the view {name}?', { name }), body: [h('p', {}, t('There is a view of this name already.'))], yes: t('Replace'), danger: true });
  return sure ? ((await put(name, present(), t('View replaced: {name}', { name }), find(name))) ?? '') : t('Choose another name.');
}

function suggestion() {
  const { q, in: included, target } = state.get();
  return q || included.map((each) => each.slice(each.indexOf(':') + 1)).join(', ') || target;
}

/** @returns {Promise<string|undefined>} what went wrong */
async function put(name, address, said, before = null, more = {}) {
  try {
    await send('PUT', `views/${encodeURIComponent(name)}`, { address, ...more });
  } catch (problem) {
    toast(problem.message, { level: 'error', kind: 'view' });
    return problem.message;
  }
  const undo = before && { label: t('Undo'), run: () => put(name, before.address, t('View as before: {name}', { name })) };
  toast(said, { kind: 'view', action: undo });
  await load();
  return undefined;
}

async function rename(view) {
  await ask({
    title: t('Rename the view'), body: [line(t('Name'), nameField(view.name))], yes: t('Rename'),
    check: async ({ name }) => {
      const to = name.trim();
      if (to === view.name) return '';
      if (find(to)) return t('There is a view of this name already.');
      return (await put(view.name, view.address, t('View renamed: {name}', { name: to }), null, { name: to })) ?? '';
    },
  });
}

async function remove(view) {
  if (await drop(view.name)) {
    // What opened the menu is gone, and the focus with it.
    place.querySelector('[data-save]').focus();
    const undo = { label: t('Undo'), run: () => put(view.name, view.address, t('View saved: {name}', view)) };
    toast(t('View deleted: {name}', view), { kind: 'view', action: undo });
  }
}

async function drop(name) {
  try {
    await send('DELETE', `views/${encodeURIComponent(name)}`);
    await load();
    return true;
  } catch (problem) {
    toast(problem.message, { level: 'error', kind: 'view' });
    return false;
  }
}
