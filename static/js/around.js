/* What stands around the list. The panel, the palette and the menus come when they are first asked for. */

import { ACTIONS, act, chosen } from './actions.js';
import { startBulk } from './bulk.js';
import { startFacets } from './facets.js';
import { siteUrl } from './api.js';
import { t } from './i18n.js';
import { bind } from './keys.js';
import * as state from './state.js';
import { startStatus } from './status.js';
import { startViews } from './views.js';

let panel = null;

export function startAround() {
  startFacets();
  startViews();
  startBulk();
  startStatus();
  bindActions();
  bindPlaces();
  document.addEventListener('list:open', (event) => {
    event.preventDefault();
    openPanel().then(({ openRow }) => openRow(event.detail));
  });
  state.on(({ open }) => open && openPanel());
  if (state.get().open) openPanel();
}

function openPanel() {
  panel ??= import('./panel.js').then((module) => (module.startPanel(), module));
  return panel;
}

function bindActions() {
  const group = t('Selected torrents');
  for (const { id, key, label } of ACTIONS) {
    if (key) bind(key, label.replace('…', ''), () => (chosen() ? (act(id), true) : false), { group });
  }
  bind('z', t('undo the last action'), () => import('./jobs.js').then(({ undoLast }) => undoLast()), { group });
  bind(['mod+k', ':'], t('find any command'), () => import('./palette.js').then(({ openPalette }) => openPalette()));
}

function bindPlaces() {
  const group = t('Go');
  const only = (value) => () => state.set({ in: [`state:${value}`], not: [] });
  bind('g a', t('all torrents'), () => state.set({ q: '', in: [], not: [], target: '', view: 'main' }), { group });
  bind('g d', t('downloading'), only('downloading'), { group });
  bind('g s', t('seeding'), only('seeding'), { group });
  bind('g p', t('paused'), only('paused'), { group });
  bind('g t', t('stopped'), only('stopped'), { group });
  bind('g c', t('checking'), only('checking'), { group });
  bind('g e', t('errors'), only('error'), { group });
  bind('g o', t('settings'), () => location.assign(siteUrl('settings')), { group });
  bind('g n', t('add torrents'), () => document.querySelector('a[data-key=add]')?.click(), { group });
}
