/* Torrents come in by drop and by paste, on any page of somebody who may add: they fill the form for adding. */

import { fillAdding } from './adding.js';
import { h } from './dom.js';
import { t, tn } from './i18n.js';
import { isTyping } from './keys.js';
import { contentsOf } from './share.js';
import { toast } from './toast.js';

let zone = null;
let ours = false;

export function takeDrops() {
  if (!document.querySelector('[data-key=add]')) return;
  // What begins on the page itself (a column, a link) is no torrent from outside.
  addEventListener('dragstart', () => (ours = true));
  addEventListener('dragend', () => (ours = false));
  addEventListener('dragenter', (event) => isFromOutside(event) && showZone());
  addEventListener('dragover', (event) => isFromOutside(event) && event.preventDefault());
  addEventListener('dragleave', ({ relatedTarget }) => relatedTarget ?? hideZone());
  addEventListener('drop', (event) => {
    if (!isFromOutside(event)) return;
    event.preventDefault();
    hideZone();
    take(event.dataTransfer);
  });
  addEventListener('paste', (event) => {
    if (isTyping(event.target) || document.querySelector('dialog:modal')) return;
    if (take(event.clipboardData, false)) event.preventDefault();
  });
}

function isFromOutside({ dataTransfer, target }) {
  const kinds = dataTransfer?.types ?? [];
  return !ours && !isTyping(target) && (kinds.includes('Files') || kinds.includes('text/uri-list') || kinds.includes('text/plain'));
}

/** Returns whether there was anything to take; a drop that holds nothing is told so. */
function take(data, told = true) {
  const { files, others, links } = contentsOf(data);
  if (others.length) {
    const names = others.slice(0, 3).map(({ name }) => name).join(', ');
    toast(tn('{names} is no .torrent file.', '{names} and others, {n} together, are no .torrent files.', others.length, { names }), { level: 'error', kind: 'drop' });
  } else if (told && !files.length && !links.length) {
    toast(t('There is no .torrent file, magnet link or web address in this.'), { level: 'error', kind: 'drop' });
  }
  if (!files.length && !links.length) return others.length > 0;
  fillAdding({ files, links });
  return true;
}

function showZone() {
  if (zone) return;
  zone = h('div.drop', { role: 'status' }, h('p', {}, t('Drop .torrent files or links to add them')));
  document.body.append(zone);
}

function hideZone() {
  zone?.remove();
  zone = null;
}
