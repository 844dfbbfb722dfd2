/* Why nothing is in the list, and what to do about it. */

import { get } from './api.js';
import { h, icon } from './dom.js';
import { t, tn } from './i18n.js';
import { model } from './list.js';
import * as state from './state.js';

let shown = null;

export function startEmpty() {
  document.addEventListener('list:answer', draw);
  draw();
}

function draw() {
  if (!model.at) return;
  const place = document.querySelector('#empty');
  const list = state.get();
  const reached = model.targets.some(({ status }) => status !== 'failed');
  const filtered = list.q || list.in.length || list.not.length || list.target || list.view !== 'main';
  const why = model.total ? '' : !model.targets.length ? 'none' : !reached && !model.known ? 'failed' : filtered ? 'filtered' : 'new';
  const key = why && why + (why === 'filtered' ? state.address({ open: '', tab: '', sort: 'name' }) : '');
  if (key === shown) return;
  shown = key;
  // What the server says of a configuration without clients has more to say than we know.
  if (why !== 'none') place.replaceChildren(...(why ? [h('div.empty', {}, ...DRAWN[why](list))] : []));
}

const DRAWN = {
  failed: () => [
    h('h2', {}, tn('The torrent client does not answer', 'No torrent client answers', model.targets.length)),
    h('p', {}, t('The reason is given above; this page goes on by itself.')),
  ],
  new: () => [h('h2', {}, t('No torrents yet')), ...adding()],
  filtered: (list) => {
    const parts = h('ul.excluding');
    explain(parts, list);
    return [
      h('h2', {}, model.known ? tn('The one torrent does not match', 'None of {n} torrents matches', model.known) : t('No torrent matches')),
      parts,
      h('p', {}, h('a', { href: state.address({ q: '', in: [], not: [], target: '', view: 'main' }) }, t('Show all torrents'))),
    ];
  },
};

function adding() {
  const link = document.querySelector('a[data-key=add]');
  if (!link) return [h('p', {}, t('Nothing has been added. This account may look but not add torrents.'))];
  return [
    h('p', {}, t('Add the first one: a .torrent file, a web address or a magnet link.')),
    h('p', {}, h('a.button', { href: link.href }, icon('add'), t('Add torrents'))),
  ];
}

/** Each part of what was asked for, and how many there would be without it. */
async function explain(place, list) {
  const asked = { q: list.q, in: list.in, not: list.not, target: list.target, view: list.view === 'main' ? '' : list.view };
  const parts = partsOf(asked);
  const without = await Promise.all(parts.map(({ patch }) => get('torrents', { ...asked, ...patch, limit: 1, facets: 0 }).catch(() => null)));
  const lines = parts.map(({ words, patch }, at) => {
    const total = without[at]?.total;
    if (total === undefined || (parts.length > 1 && total === 0)) return null;
    const link = h('a', { href: state.address({ ...patch, view: patch.view === '' ? 'main' : (patch.view ?? list.view) }) }, tn('{n} torrent', '{n} torrents', total));
    return h('li', {}, t('without'), ' ', h('code', {}, words), ': ', link);
  });
  place.replaceChildren(...lines.filter(Boolean));
}

/** What can be left out, one thing at a time. */
function partsOf({ q, in: included, not: excluded, target, view }) {
  const terms = termsOf(q);
  return [
    ...terms.map((words, at) => ({ words, patch: { q: terms.filter((_, other) => other !== at).join(' ') } })),
    ...included.map((words) => ({ words, patch: { in: included.filter((other) => other !== words) } })),
    ...excluded.map((words) => ({ words: `! ${words}`, patch: { not: excluded.filter((other) => other !== words) } })),
    ...(target ? [{ words: target, patch: { target: '' } }] : []),
    ...(view ? [{ words: view, patch: { view: '' } }] : []),
  ];
}

/** The conditions of a search that all have to hold; one where there is any doubt, as with OR. */
function termsOf(q) {
  const words = q.match(/(?:"[^"]*"|'[^']*'|\/(?:\\.|[^/\\])*\/\w*|[^\s"'/]|["'/])+/g) ?? [];
  if (words.length > 8 || words.some((word) => /^(OR|\[|\])$/i.test(word) || word.includes('[') || word.includes(']'))) return [q];
  const terms = [];
  let negated = '';
  for (const word of words) {
    if (/^(NOT|!)$/i.test(word)) negated += `${word} `;
    else if (!/^AND$/i.test(word)) {
      terms.push(negated + word);
      negated = '';
    }
  }
  return negated ? [q] : terms;
}

/** How many match, for those who do not see it: after a change by the user, not at each tick. */
export function tellTotal() {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const place = document.querySelector('#live');
      if (place) place.textContent = tn('{n} torrent', '{n} torrents', model.total);
    }, 800);
  };
  state.on((now, before) => state.sameList(now, before) || later());
}
