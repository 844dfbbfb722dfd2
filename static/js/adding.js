/* The form for adding, over the page: it is the form of the page “Add torrents”, sent from here, with its results. */

import { followTarget } from './addform.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { toast } from './toast.js';

/** A phone shows the form as a page of its own. */
const NARROW = '(width <= 700px)';
const MAX_ADDRESS = 6000;

const link = () => document.querySelector('[data-key=add]');

export function easeAdding() {
  document.addEventListener('click', (event) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!plain || !event.target.closest?.('[data-key=add]') || matchMedia(NARROW).matches) return;
    event.preventDefault();
    fillAdding({});
  });
  // An installed application is handed the .torrent files that people open.
  window.launchQueue?.setConsumer(async ({ files }) => {
    if (files?.length) fillAdding({ files: await Promise.all(files.map((handle) => handle.getFile())) });
  });
}

/**
 * Fill the form with files and links, on its own page or in a dialog; nothing is added before it is sent.
 * @param {{files?: File[], links?: string[]}} what
 */
export async function fillAdding({ files = [], links = [] }) {
  const open = document.querySelector('form#add');
  if (open) return fill(open, files, links);
  const where = link()?.href;
  if (!where) return undefined;
  const text = links.join('\n');
  const small = text.length < MAX_ADDRESS;
  // Without files an address can carry all there is.
  if (matchMedia(NARROW).matches && !files.length && small) return location.assign(`${where}?links=${encodeURIComponent(text)}`);
  try {
    return show(await partOf(await fetch(where, { headers: { Accept: 'text/html' } }), 'form#add'), files, links);
  } catch {
    return location.assign(small && text ? `${where}?links=${encodeURIComponent(text)}` : where);
  }
}

async function partOf(answer, selector) {
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const found = page.querySelector(selector);
  if (!found) throw Object.assign(new Error(page.querySelector('#wrong, main h1 ~ p')?.textContent.trim() ?? ''), { page });
  return document.importNode(found, true);
}

function fill(form, files, links) {
  const input = form.querySelector('input[type=file]');
  const all = new DataTransfer();
  for (const file of [...input.files, ...files]) all.items.add(file);
  input.files = all.files;
  const area = form.querySelector('[name=links]');
  const old = area.value.split('\n').map((line) => line.trim()).filter(Boolean);
  area.value = [...new Set([...old, ...links])].join('\n');
  form.querySelector('button.primary')?.focus();
}

function show(form, files, links) {
  const title = h('h2', { id: 'adding-title', tabindex: -1 }, t('Add torrents'));
  const dialog = h('dialog.ask.adding', { 'aria-labelledby': 'adding-title' }, title, form);
  dialog.addEventListener('close', () => dialog.remove());
  form.querySelector('.buttons a')?.addEventListener('click', (event) => (event.preventDefault(), dialog.close()));
  form.addEventListener('submit', (event) => (event.preventDefault(), send(dialog, form)));
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector('[name=links]').focus();
  if (files.length || links.length) fill(form, files, links);
  followTarget(form);
}

async function send(dialog, form) {
  const button = form.querySelector('button.primary');
  const words = button.textContent;
  button.disabled = true;
  button.textContent = t('Adding…');
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), headers: { Accept: 'text/html' } });
    finish(dialog, form, await partOf(answer, '#results'));
  } catch (problem) {
    complain(form, problem.message || t('The server cannot be reached. Nothing is known to be added.'));
  }
  button.disabled = false;
  button.textContent = words;
  // A button that is disabled loses the focus.
  if (form.isConnected) button.focus();
}

function complain(form, text) {
  const place = form.querySelector('.wrong') ?? form.insertBefore(h('p.wrong', { role: 'alert' }), form.querySelector('.buttons'));
  place.textContent = text;
}

/** One that went well is told in passing; of several, or where something failed, each is shown. */
function finish(dialog, form, results) {
  document.dispatchEvent(new CustomEvent('torrents:added'));
  const items = [...results.children];
  const worked = items.map((item) => item.matches('.ok'));
  if (items.length === 1 && worked[0]) {
    dialog.close();
    return toast([...items[0].querySelectorAll('p')].map((line) => line.textContent.trim()).join(': '), { kind: 'added' });
  }
  const title = dialog.firstElementChild;
  const close = h('button', { type: 'button', on: { click: () => dialog.close() } }, t('Close'));
  const again = () => {
    dialog.replaceChildren(title, form);
    keepFailed(form, worked);
  };
  const change = worked.includes(false) && h('button', { type: 'button', on: { click: again } }, t('Change and try again'));
  dialog.replaceChildren(title, results, h('p.dialog-buttons', {}, change, close));
  return close.focus();
}

/** What did not work is left in the form; the results are in the order of what was sent: files, then links. */
function keepFailed(form, worked) {
  const input = form.querySelector('input[type=file]');
  const files = input.disabled ? [] : [...input.files];
  const left = new DataTransfer();
  files.filter((_, at) => !worked[at]).forEach((file) => left.items.add(file));
  if (!input.disabled) input.files = left.files;
  const area = form.querySelector('[name=links]');
  const lines = area.value.split('\n').map((line) => line.trim()).filter(Boolean);
  area.value = lines.filter((_, at) => !worked[files.length + at]).join('\n');
  form.querySelector('.wrong')?.remove();
  area.focus();
}
