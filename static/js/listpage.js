/* The page of the list: which parts it has. */

import { h, icon } from './dom.js';
import { startEmpty, tellTotal } from './empty.js';
import { startHeader } from './header.js';
import { t } from './i18n.js';
import { model, selection, startList } from './list.js';
import { startNotices } from './notices.js';
import { startSearch } from './search.js';
import { startSelecting } from './select.js';
import * as state from './state.js';

export function startPage() {
  startHeader(document.querySelector('#torrents'));
  startNotices();
  startList();
  startSelecting();
  startEmpty();
  startSearch();
  tellTotal();
  sendSelection(document.querySelector('#list'));
  offerColumns();
  document.addEventListener('click', follow);
  document.addEventListener('list:answer', loadAround, { once: true });
  document.addEventListener('list:open', openLater);
}

let around = null;

/** What stands around the list comes when its rows are there, and hears the answer that came before it. */
function loadAround() {
  around ??= import('./around.js').then(({ startAround }) => {
    document.removeEventListener('list:open', openLater);
    startAround();
    document.dispatchEvent(new CustomEvent('list:answer', { detail: model }));
    import('./ways.js').catch(() => {});
  });
  around.catch(() => (around = null)); // no connection just now: the next click tries again
  document.querySelectorAll('link[data-late]').forEach((link) => (link.rel = 'stylesheet'));
  return around;
}

/** A torrent that was clicked before the panel could hear of it. */
function openLater(event) {
  event.preventDefault();
  loadAround().then(() => document.dispatchEvent(new CustomEvent('list:open', { detail: event.detail, cancelable: true })));
}

/** The form's own buttons do what they say with all that is selected, on screen or not. */
function sendSelection(form) {
  form.addEventListener('formdata', ({ formData }) => {
    formData.delete('sel');
    (selection.select.torrents ?? []).forEach((each) => formData.append('sel', each));
  });
  document.addEventListener('list:selection', ({ detail }) => form.classList.toggle('choosing', detail.count > 0));
}

function offerColumns() {
  const open = () => import('./columnmenu.js').then(({ openColumns }) => openColumns(button));
  const button = h('button.quiet.columns-button', { type: 'button', 'aria-haspopup': 'dialog', title: t('Columns'), on: { click: open } }, icon('settings'), h('span.sr', {}, t('Columns')));
  document.querySelector('.toolbar').append(button);
  document.querySelector('#torrents thead').addEventListener('contextmenu', (event) => {
    event.preventDefault();
    open();
  });
}

/** A link to another state of this page changes the state and not the page. */
function follow(event) {
  const link = event.target.closest('a[href]');
  const plain = !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname !== location.pathname || link.hash) return;
  event.preventDefault();
  state.go(link.search);
}
