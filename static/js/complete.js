/* What may follow in the search, offered below the box (ARIA: a combobox with a list). */

import { get } from './api.js';
import { h, setAttr } from './dom.js';
import { t } from './i18n.js';

const PAUSE = 60;
const MOST = 10;

let box, list;
let offer = { from: 0, to: 0, items: [] };
let current = -1;
let timer = 0;
let asking;

/** @param {HTMLInputElement} input */
export function startCompleting(input) {
  box = input;
  list = h('ul.completions', { id: 'completions', role: 'listbox', 'aria-label': t('Completions'), hidden: true });
  box.parentElement.append(list);
  const attributes = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'completions' };
  Object.entries(attributes).forEach(([name, value]) => box.setAttribute(name, value));
  box.addEventListener('input', () => {
    point(-1);
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener('keydown', pressed, { capture: true });
  box.addEventListener('blur', close);
  list.addEventListener('pointerdown', (event) => {
    event.preventDefault(); // the box keeps the focus
    const at = [...list.children].indexOf(event.target.closest('li'));
    if (at >= 0) take(at);
  });
}

async function ask() {
  const [q, at] = [box.value, box.selectionStart];
  asking?.abort();
  if (!q || document.activeElement !== box) return close();
  const mine = (asking = new AbortController());
  let found;
  try {
    found = await get('complete', { q, at }, { signal: mine.signal });
  } catch {
    if (mine.signal.aborted) return;
    found = ofFields(q, at);
  }
  if (asking !== mine || !found || box.value !== q) return;
  show({ ...found, items: found.items.slice(0, MOST) });
}

/** Without an answer, the names of the fields at least. */
function ofFields(q, at) {
  const word = /[\w-]*$/.exec(q.slice(0, at))[0];
  const fields = (box.dataset.fields ?? '').split(' ').filter((field) => word && field !== word && field.startsWith(word));
  return { from: at - word.length, to: at, items: fields.map((text) => ({ text, what: t('field') })) };
}

/** Offer this; what somebody has pointed at while the answer was on its way stays so. */
function show({ from, to, items }) {
  const chosen = offer.items[current]?.text;
  const typed = box.value.slice(from, to);
  offer = { from, to, items: items.filter(({ text }) => text !== typed) };
  list.replaceChildren(
    ...offer.items.map(({ text, what }, at) =>
      h('li', { role: 'option', id: `completion-${at}`, 'aria-selected': 'false' }, h('code', {}, text), h('span.muted', {}, what ?? '')),
    ),
  );
  list.hidden = !offer.items.length;
  box.ariaExpanded = String(!list.hidden);
  point(offer.items.findIndex(({ text }) => text === chosen));
}

function close() {
  clearTimeout(timer);
  asking?.abort();
  if (list.hidden) return;
  list.hidden = true;
  box.ariaExpanded = 'false';
  setAttr(box, 'aria-activedescendant', false);
}

function point(at) {
  list.children[current]?.setAttribute('aria-selected', 'false');
  current = at;
  list.children[current]?.setAttribute('aria-selected', 'true');
  setAttr(box, 'aria-activedescendant', current < 0 ? false : `completion-${current}`);
}

function take(at) {
  const { text } = offer.items[at];
  const rest = box.value.slice(offer.to);
  box.value = box.value.slice(0, offer.from) + text + rest;
  const caret = offer.from + text.length;
  box.setSelectionRange(caret, caret);
  close();
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

function pressed(event) {
  if (list.hidden) return;
  const count = offer.items.length;
  if (event.key === 'ArrowDown') point((current + 1) % count);
  else if (event.key === 'ArrowUp') point((current - 1 + count) % count);
  else if (event.key === 'Escape') close();
  else if ((event.key === 'Enter' && current >= 0) || (event.key === 'Tab' && !event.shiftKey && current >= 0)) take(current);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
