/* Every command by its name: type some letters of it, Enter does it. */

import { ACTIONS, act, chosen, offered, whatFor } from './actions.js';
import { siteUrl } from './api.js';
import { can, clients } from './can.js';
import { COLUMNS } from './columns.js';
import { GROUPS, toggled, wordOf } from './facets.js';
import { h, icon, setAttr } from './dom.js';
import { count } from './format.js';
import { keyName } from './help.js';
import { t } from './i18n.js';
import { TABLE } from './keys.js';
import { latest } from './latest.js';
import * as state from './state.js';
import { saveView, show, views } from './views.js';

const SHOWN = 40;

/** @typedef {{group: string, label: string, note?: string, icon?: string, key?: string, weight?: number, run: function(): void}} Command */

/** @returns {Command[]} */
function commands() {
  const what = chosen();
  return [...(what ? onTorrents(what) : []), ...going(), ...narrowing(), ...ordering(), ...bound()];
}

function onTorrents(what) {
  const note = whatFor(what);
  return offered(what).flatMap((action) => {
    const command = { group: t('Torrents'), label: action.label.replace('…', ''), note, icon: action.icon, key: action.key, weight: 6 };
    if (!action.choices) return [{ ...command, label: action.label, run: () => act(action.id, what) }];
    return action.choices().map(([value, word]) => ({ ...command, label: `${command.label}: ${word}`, run: () => act(action.id, what, value) }));
  });
}

function narrowing() {
  const lines = [...GROUPS].flatMap(([group, label]) => (latest.answer?.facets?.[group] ?? []).flatMap(([value, number]) => {
    const word = `${label}: ${wordOf(group, value)}`;
    const go = (how) => () => state.set(toggled(group, value, how));
    return [
      { group: t('Show'), label: word, note: count(number), run: go('in') },
      { group: t('Show'), label: t('Not {what}', { what: word }), note: count(number), weight: -4, run: go('not') },
    ];
  }));
  const kept = views.map((view) => ({ group: t('Saved views'), label: view.name, weight: 4, run: () => show(view) }));
  const { in: included, not } = state.get();
  const clear = included.length + not.length ? [{ group: t('Show'), label: t('Clear all filters'), weight: 4, run: () => state.set({ in: [], not: [] }) }] : [];
  return [...kept, ...clear, ...lines];
}

function going() {
  const targets = latest.answer?.targets ?? [];
  const link = (label, path) => ({ group: t('Go'), label, run: () => location.assign(siteUrl(path)) });
  const links = [...document.querySelectorAll('.top-nav a[href]')].map((each) => ({ group: t('Go'), label: each.textContent.trim(), run: () => each.click() }));
  const themes = [...document.querySelectorAll('[data-theme-form] button')].map((each) => ({ group: t('Theme'), label: t('Theme: {name}', { name: each.textContent.trim() }), run: () => each.click() }));
  const several = targets.length > 1 ? [{ name: '', label: t('Show all clients') }, ...targets.map(({ name }) => ({ name, label: t('Show only client {name}', { name }) }))] : [];
  return [
    ...links,
    ...targets.map(({ name }) => link(t('Settings of {name}', { name }), `settings/${encodeURIComponent(name)}`)),
    ...several.map(({ name, label }) => ({ group: t('Show'), label, run: () => state.set({ target: name }) })),
    { group: t('Saved views'), label: t('Save this view…'), run: saveView },
    ...(clients().some((name) => can(name, 'settings')) ? [{ group: t('Go'), label: t('Limits of all transfers…'), run: () => ((document.querySelector('#limits').open = true), document.querySelector('#limits select')?.focus()) }] : []),
    ...themes,
  ];
}

const ordering = () => COLUMNS.map(({ key, label, number }) => ({ group: t('Sort'), label: t('Sort by {column}', { column: label }), weight: -1, run: () => state.set({ sort: number ? `-${key}` : key }) }));

/** What has a key and is no action on torrents. */
function bound() {
  const known = new Set(ACTIONS.map(({ key }) => key));
  return TABLE.filter(({ what, keys, when, plain }) => what && !plain && when() && !known.has(keys[0]))
    .map(({ what, keys, group, run }) => ({ group, label: what, key: keys[0], weight: -2, run: () => run(new KeyboardEvent('keydown')) }));
}

/**
 * How well letters fit a text: each has to be in it, in order; those at the beginning of words and side by side count more.
 * @returns {{score: number, hits: number[]}|null}
 */
export function fit(letters, text) {
  const low = text.toLowerCase();
  const whole = wholeAt(low, letters);
  if (whole >= 0) return { score: 4 * letters.length + (isStart(low, whole) ? 3 : 0) - text.length / 200, hits: [...letters].map((_, at) => whole + at) };
  const hits = [];
  let score = 0;
  let from = 0;
  for (const letter of letters) {
    if (letter === ' ') continue;
    let at = low.indexOf(letter, from);
    if (at < 0) return null;
    const starts = startOfWord(low, letter, from);
    if (at !== from && starts >= 0) at = starts;
    score += at === from && hits.length ? 3 : isStart(low, at) ? 2 : -0.2;
    hits.push(at);
    from = at + 1;
  }
  return { score: score - text.length / 200, hits };
}

/** Where the letters are as they stand, at the beginning of a word if possible. */
function wholeAt(text, letters) {
  for (let at = text.indexOf(letters); at >= 0; at = text.indexOf(letters, at + 1)) if (isStart(text, at)) return at;
  return text.indexOf(letters);
}

const isStart = (text, at) => at === 0 || /[\s:/.-]/.test(text[at - 1]);

function startOfWord(text, letter, from) {
  for (let at = text.indexOf(letter, from); at >= 0; at = text.indexOf(letter, at + 1)) if (isStart(text, at)) return at;
  return -1;
}

export function openPalette() {
  const all = commands();
  const field = h('input', { type: 'text', role: 'combobox', 'aria-label': t('Command'), 'aria-controls': 'palette-list', 'aria-expanded': 'true', 'aria-autocomplete': 'list', placeholder: t('Type a command, a filter, a view…'), autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none' });
  const list = h('div.palette-list', { id: 'palette-list', role: 'listbox', 'aria-label': t('Commands') });
  const said = h('p.sr', { role: 'status' });
  const dialog = h('dialog.palette', { 'aria-label': t('Commands') }, field, list, said);
  let found = [];
  let at = 0;

  const mark = (to) => {
    at = Math.max(0, Math.min(to, found.length - 1));
    [...list.children].forEach((each, place) => setAttr(each, 'aria-selected', String(place === at)));
    const current = list.children[at];
    setAttr(field, 'aria-activedescendant', current?.id);
    current?.scrollIntoView({ block: 'nearest' });
  };
  const look = () => {
    const letters = field.value.trim().toLowerCase();
    found = all.map((command) => ({ command, ...(letters ? fit(letters, command.label) : { score: 0, hits: [] }) }))
      .filter(({ hits }) => hits)
      .sort((one, other) => other.score + (other.command.weight ?? 0) - one.score - (one.command.weight ?? 0)).slice(0, SHOWN);
    list.replaceChildren(...found.map((each, place) => option(each, place)));
    said.textContent = found.length ? '' : t('Nothing is called so.');
    mark(0);
  };
  const run = (place) => {
    const command = found[place]?.command;
    dialog.close();
    command?.run();
  };
  field.addEventListener('input', look);
  field.addEventListener('keydown', (event) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    if (to !== undefined) mark(to);
    else if (event.key === 'Enter') run(at);
    else return;
    event.preventDefault();
  });
  list.addEventListener('pointermove', ({ target }) => {
    const place = [...list.children].indexOf(target.closest('[role=option]'));
    if (place >= 0 && place !== at) mark(place);
  });
  list.addEventListener('click', ({ target }) => run([...list.children].indexOf(target.closest('[role=option]'))));
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  look();
  field.focus();
}

function option({ command, hits }, place) {
  const marked = new Set(hits);
  const letters = [...command.label].map((letter, at) => (marked.has(at) ? h('b', {}, letter) : letter));
  return h('div.palette-item', { role: 'option', id: `palette-${place}` },
    h('span.palette-icon', {}, command.icon && icon(command.icon)), h('span.palette-label', {}, h('bdi', {}, letters)),
    h('span.palette-note.muted', {}, h('bdi', {}, command.note ?? '')), h('span.palette-group.muted', {}, command.group),
    h('span.palette-key', {}, command.key && command.key.split(' ').map((key) => h('kbd', {}, keyName(key)))));
}
