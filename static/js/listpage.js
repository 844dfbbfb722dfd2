/* The page of the list: which parts it has. */

import { startAround } from './around.js';
import { h, icon } from './dom.js';
import { startEmpty, tellTotal } from './empty.js';
import { startHeader } from './header.js';
import { t } from './i18n.js';
import { selection, startList } from './list.js';
import { startNotices } from './notices.js';
import { startSearch } from './search.js';
import { startSelecting } from './select.js';
import * as state from './state.js';

export function startPage() {
  startAround();
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
