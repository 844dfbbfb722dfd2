/* The search box: the list follows each letter, a mistake is marked where it is, and the old list stays meanwhile. */

import { h, setAttr, setText } from './dom.js';
import { t } from './i18n.js';
import * as state from './state.js';

const PAUSE = 80; // milliseconds between questions while somebody types
const PATIENCE = 500; // before a mistake is said in words: most are words half typed

let box, marks, said, clear;
let settled = ''; // a search that nobody goes on typing, though it may look so
let typing = 0; // time of the last letter; “back” leads to before the first of them
let askedAt = 0;
let timer = 0;
let saying = 0;

export function startSearch() {
  const form = document.querySelector('form.search');
  box = form.querySelector('#q');
  marks = form.querySelector('.query-marks');
  clear = h('button.quiet.query-clear', { type: 'button', 'aria-label': t('Clear the search'), hidden: !box.value }, '×');
  said = h('div.query-said', { id: 'query-said', hidden: true });
  box.after(clear);
  box.parentElement.append(said);
  clear.addEventListener('click', () => {
    box.value = '';
    typed();
    box.focus();
  });
  box.addEventListener('input', typed);
  box.addEventListener('scroll', align);
  box.addEventListener('keydown', pressed);
  form.addEventListener('submit', submitted);
  document.addEventListener('list:query', ({ detail }) => isWrong(detail.error, detail.good));
  document.addEventListener('list:answer', ({ detail }) => detail.q === box.value.trim() && isRight());
  document.addEventListener('list:search', ({ detail }) => put(detail));
  box.addEventListener('blur', settle);
  state.on((now) => {
    if (now.q !== box.value.trim()) box.value = now.q;
    clear.hidden = !box.value;
    const target = form.querySelector('#target');
    if (target) target.value = now.target;
  });
  import('./complete.js').then(({ startCompleting }) => startCompleting(box));
}

/** Letters on their way are asked for at once, and then no more often than the server needs. */
function typed() {
  clear.hidden = !box.value;
  settled = '';
  isRight();
  clearTimeout(timer);
  timer = setTimeout(ask, Math.max(0, askedAt + PAUSE - Date.now()));
}

function ask() {
  clearTimeout(timer);
  const q = box.value.trim();
  if (q === state.get().q) return;
  const now = Date.now();
  const replace = now - typing < 3000;
  typing = askedAt = now;
  state.set({ q }, { replace });
}

/**
 * Whether somebody is typing the name of a field. Until the condition behind it is there the words are looked for in
 * names, and mostly found in none: the list stays as it was.
 * @param {string} q
 */
export function isUnfinished(q) {
  if (document.activeElement !== box || q === settled) return false;
  const word = /[a-z_]*$/.exec(q)[0];
  return Boolean(word) && (box.dataset.fields ?? '').split(' ').some((field) => field.startsWith(word));
}

/** What stands there is meant: by Enter, or by going somewhere else. */
function settle() {
  const q = box.value.trim();
  if (q === settled) return;
  settled = q;
  document.dispatchEvent(new CustomEvent('list:settled', { detail: q }));
}

function put(text) {
  box.value = text;
  ask();
}

function submitted(event) {
  event.preventDefault();
  const target = event.target.querySelector('#target')?.value ?? state.get().target;
  settle();
  state.set({ q: box.value.trim(), target });
}

function pressed(event) {
  if (event.key !== 'Escape' || event.defaultPrevented) return;
  if (box.value) clear.click();
  else box.blur();
  event.preventDefault();
  event.stopPropagation();
}

/**
 * @param {{message: string, details: {position: number, length: number, nearest?: string}}} error
 * @param {string} good the search whose list stays
 */
function isWrong({ message, details }, good) {
  const { position: at = 0, length = 0 } = details;
  const text = box.value;
  const wrong = text.slice(at, at + Math.max(length, 1)) || ' ';
  marks.replaceChildren(text.slice(0, at), h('mark', {}, wrong));
  align();
  setAttr(box, 'aria-invalid', 'true');
  clearTimeout(saying);
  saying = setTimeout(() => {
    setAttr(box, 'aria-describedby', 'query-said');
    said.replaceChildren(
      h('p', { role: 'alert' }, message),
      h('p.muted', {}, good ? [t('The list below is that of the last search that worked:'), ' ', h('code', {}, good)] : t('The list below is not filtered.')),
    );
    said.hidden = false;
  }, PATIENCE);
}

function isRight() {
  clearTimeout(saying);
  if (!box.hasAttribute('aria-invalid')) return;
  box.removeAttribute('aria-invalid');
  box.removeAttribute('aria-describedby');
  setText(marks, '');
  said.hidden = true;
  document.querySelector('#notices section[data-search]')?.remove();
}

/** The marks lie under the text, however far it is scrolled. */
function align() {
  marks.scrollLeft = box.scrollLeft;
}
