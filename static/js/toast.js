/* Short words on what was done, in one polite live region; a later one replaces an earlier one of the same kind. */

import { h, icon } from './dom.js';
import { t } from './i18n.js';

const STAYS = 8000; // milliseconds; one with something to press, or an error, stays longer

/**
 * @param {string} text
 * @param {{level?: string, kind?: string, action?: {label: string, run: Function}, more?: Function}} [how]
 *   level: done or error; kind: what it is about; action: one button, e.g. undo; more: opens the details
 * @returns {{close: Function}}
 */
export function toast(text, { level = 'done', kind = text, action = null, more = null } = {}) {
  const place = region();
  [...place.children].filter((old) => old.dataset.kind === kind).forEach((old) => old.remove());
  const note = h('p.toast', { 'data-kind': kind, 'data-level': level }, icon(level === 'error' ? 'error' : 'verify'), h('bdi', {}, text));
  const close = () => note.remove();
  for (const each of [action, more && { label: t('Details'), run: more }]) {
    if (each) note.append(h('button.quiet', { type: 'button', on: { click: () => (close(), each.run()) } }, each.label));
  }
  note.append(h('button.quiet', { type: 'button', 'aria-label': t('Dismiss'), on: { click: close } }, icon('remove')));
  place.append(note);
  if (place.childElementCount > 3) place.firstElementChild.remove();
  fade(note, (action || more || level === 'error' ? 2 : 1) * STAYS);
  return { close };
}

/** Not while somebody is about to press it. */
function fade(note, wait) {
  const end = () => (note.matches(':hover, :focus-within') || document.hidden ? setTimeout(end, 2000) : note.remove());
  setTimeout(end, wait);
}

function region() {
  const found = document.querySelector('#toasts');
  if (found) return found;
  const made = h('div.toasts', { id: 'toasts', role: 'status', 'aria-live': 'polite' });
  document.body.append(made);
  return made;
}
