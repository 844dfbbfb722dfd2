/* The tab Files: a tree of which only opened directories are asked for, page by page, and only what is on screen has
   nodes; 100,000 files cost what 30 do. */

import { mayWrite } from './actions.js';
import { get, send, torrentUrl } from './api.js';
import { Tree } from './filetree.js';
import { h, icon, setAttr, setText } from './dom.js';
import { percent, size, wholePercent } from './format.js';
import { t, tn } from './i18n.js';
import { toast } from './toast.js';

const PRIORITIES = [t('off'), t('normal'), t('high')];
const AROUND = 6; // rows above and below the screen

export function make(place, context) {
  const view = { place, context, chosen: new Map(), at: 0, last: null, frame: 0, nodes: new Map() };
  view.tree = new Tree((dir, offset, limit) => get(`${context.path}/files`, { dir, offset, limit }, { signal: context.signal }), () => draw(view), (problem) => context.say(problem.message));
  view.bar = h('div.files-bar');
  view.may = mayWrite() && context.can('file_priority');
  view.rows = h('div.files-rows', { role: 'treegrid', 'aria-label': t('Files'), 'aria-multiselectable': 'true' });
  view.space = h('div.files-space', {}, view.rows);
  place.append(view.bar, head(), view.space);
  place.addEventListener('scroll', () => soon(view), { passive: true });
  const watch = new ResizeObserver(() => soon(view));
  watch.observe(place);
  view.rows.addEventListener('click', (event) => onClick(view, event));
  view.rows.addEventListener('keydown', (event) => onKey(view, event));
  view.rows.addEventListener('change', (event) => onChange(view, event));
  paintBar(view);
  return {
    period: 5,
    refresh: async () => {
      await view.tree.refresh(view.from ?? 0, view.to ?? 30);
      draw(view);
    },
    end: () => watch.disconnect(),
  };
}

const head = () => h('div.files-head', { 'aria-hidden': 'true' }, h('span'), h('span', {}, t('Name')), h('span.number', {}, t('Size')), h('span.number', {}, t('Done')), h('span', {}, t('Priority')), h('span'));

function soon(view) {
  view.frame ||= requestAnimationFrame(() => {
    view.frame = 0;
    draw(view);
  });
}

/** Nodes for the rows on screen; a row keeps its node while it stays. */
function draw(view) {
  const { place, tree, rows, space } = view;
  const pitch = view.pitch || (view.pitch = parseFloat(getComputedStyle(space).lineHeight) || 28);
  const top = Math.max(0, place.scrollTop - space.offsetTop);
  view.from = Math.max(0, Math.floor(top / pitch) - AROUND);
  view.to = Math.min(tree.length, Math.ceil((top + place.clientHeight) / pitch) + AROUND);
  const height = `${tree.length * pitch}px`;
  if (space.style.height !== height) space.style.height = height;
  rows.style.transform = `translateY(${view.from * pitch}px)`;
  setAttr(rows, 'aria-rowcount', tree.length);
  const shown = [];
  for (let at = view.from; at < view.to; at++) shown.push([at, tree.item(at)]);
  tree.want(view.from, view.to);
  const old = new Map([...rows.children].map((node) => [node.dataset.key, node]));
  let before = rows.firstElementChild;
  for (const [at, item] of shown) {
    const key = `${item.dir.path}/${item.index}`; // its place: a row that is focused stays so when its name comes
    let node = old.get(key);
    if (node) old.delete(key);
    else node = makeRow(view, key);
    paintRow(view, node, at, item);
    if (node === before) before = node.nextElementSibling;
    else rows.insertBefore(node, before);
  }
  old.forEach((node) => node.remove());
}

function makeRow(view, key) {
  const box = h('input', { type: 'checkbox', tabindex: -1 });
  const link = h('a.files-get', { tabindex: -1, hidden: true }, icon('get'));
  const select = h('select', { tabindex: -1, 'data-priority': true }, h('option', { value: '', hidden: true }, t('mixed')), PRIORITIES.map((word, at) => h('option', { value: at }, word)));
  const fixed = h('span');
  const bar = h('progress', { max: 100, 'aria-hidden': 'true' });
  const cell = (name, ...children) => h(`span.${name}`, { role: 'gridcell' }, children);
  return h('div.files-row', { role: 'row', 'data-key': key, tabindex: -1 },
    cell('f-box', h('label', {}, box)), cell('f-name', h('span.twist', { 'aria-hidden': 'true' }), icon('file'), h('bdi'), h('span.muted')),
    cell('f-size'), cell('f-done', bar, h('span')), cell('f-priority', view.may ? select : fixed), cell('f-get', link));
}

function paintRow(view, node, at, { dir, index, entry, depth }) {
  const [box, name, bytes, done, priority, place] = node.children;
  setAttr(node, 'aria-rowindex', at + 1);
  setAttr(node, 'aria-level', depth + 1);
  setAttr(node, 'aria-posinset', index + 1);
  setAttr(node, 'aria-setsize', dir.total);
  setAttr(node, 'tabindex', at === view.at ? 0 : -1);
  node.dataset.at = at;
  if (name.dataset.depth !== String(depth)) {
    name.dataset.depth = depth;
    name.style.paddingInlineStart = `${depth * 1.1}rem`;
  }
  const isDir = entry?.type === 'dir';
  const isOpen = isDir && view.tree.isOpen(entry.path);
  const chosen = Boolean(entry && view.chosen.has(entry.path));
  setAttr(node, 'aria-expanded', isDir ? String(isOpen) : null);
  setAttr(node, 'aria-selected', String(chosen));
  setAttr(node, 'data-off', entry?.priority === 0);
  const check = box.querySelector('input');
  check.checked = chosen;
  check.hidden = !entry || !view.may;
  setAttr(check, 'aria-label', entry ? t('Select {name}', { name: entry.name }) : null);
  const [twist, shape, text, inside] = name.children;
  setText(twist, isDir ? (isOpen ? '▾' : '▸') : '');
  setAttr(shape.firstElementChild, 'href', isDir ? '#i-folder' : '#i-file');
  setText(text, entry ? entry.name : '…');
  setText(inside, isDir ? tn('{n} file', '{n} files', entry.files) : '');
  setText(bytes, entry ? size(entry.size) : '');
  const [bar, figure] = done.children;
  const whole = wholePercent(entry?.progress);
  bar.hidden = !entry || whole === 100;
  bar.value = whole;
  setText(figure, !entry ? '' : whole === 100 ? t('done') : percent(entry.progress));
  paintPriority(priority.firstElementChild, entry);
  const link = place.firstElementChild;
  link.hidden = !(entry?.type === 'file' && entry.complete);
  if (!link.hidden) {
    setAttr(link, 'href', `${torrentUrl(view.context.row())}/file/${entry.index}`);
    setAttr(link, 'download', true);
    setAttr(link, 'aria-label', t('Download {name}', { name: entry.name }));
  }
}

function paintPriority(field, entry) {
  const value = entry ? (entry.priority ?? '') : '';
  if (field.matches('select')) {
    field.hidden = !entry;
    if (field.value !== String(value) && document.activeElement !== field) field.value = value;
    setAttr(field, 'aria-label', entry ? t('Priority of {name}', { name: entry.name }) : null);
  } else setText(field, entry ? (PRIORITIES[value] ?? t('mixed')) : '');
}

// ---- selection

function paintBar(view) {
  const files = [...view.chosen.values()].reduce((sum, entry) => sum + (entry.type === 'dir' ? entry.files : 1), 0);
  const bytes = [...view.chosen.values()].reduce((sum, entry) => sum + entry.size, 0);
  view.bar.hidden = !files;
  if (!files) return;
  view.bar.replaceChildren(
    h('span', { role: 'status' }, `${tn('{n} file', '{n} files', files)} · ${size(bytes)}`), h('span.muted', {}, t('Priority')),
    ...PRIORITIES.map((word, at) => h('button.quiet', { type: 'button', on: { click: () => setPriority(view, [...view.chosen.values()], at) } }, word)),
    h('button.quiet', { type: 'button', on: { click: () => choose(view, () => view.chosen.clear()) } }, t('Clear')),
  );
}

function choose(view, how) {
  how();
  paintBar(view);
  draw(view);
}

function flip(view, at, shift) {
  const { entry } = view.tree.item(at);
  if (!entry || !view.may) return;
  choose(view, () => {
    const on = !view.chosen.has(entry.path);
    const [from, to] = shift && view.last !== null ? [Math.min(view.last, at), Math.max(view.last, at)] : [at, at];
    for (let each = from; each <= to; each++) {
      const item = view.tree.item(each).entry;
      if (item && on) view.chosen.set(item.path, item);
      else if (item) view.chosen.delete(item.path);
    }
    view.last = at;
  });
}

async function setPriority(view, entries, priority) {
  const { path } = view.context;
  const indexes = entries.filter(({ type }) => type === 'file').map(({ index }) => index);
  const dirs = entries.filter(({ type }) => type === 'dir');
  try {
    if (indexes.length) await send('PATCH', `${path}/files`, { indexes, priority });
    for (const { path: dir } of dirs) await send('PATCH', `${path}/files`, { dir, priority });
    const files = indexes.length + dirs.reduce((sum, { files: inside }) => sum + inside, 0);
    toast(t('{files}: priority {word}', { files: tn('{n} file', '{n} files', files), word: PRIORITIES[priority] }), { kind: 'files' });
  } catch (problem) {
    toast(problem.message, { level: 'error', kind: 'files' });
  }
  view.context.again();
}

// ---- hands

const rowAt = (view, event) => {
  const node = event.target.closest('.files-row');
  return node ? Number(node.dataset.at) : -1;
};

function onClick(view, event) {
  const at = rowAt(view, event);
  if (at < 0 || event.target.closest('a, select')) return;
  view.at = at;
  const { entry } = view.tree.item(at);
  if (event.target.closest('.f-box')) {
    if (event.target.matches('input')) flip(view, at, event.shiftKey);
  } else if (entry?.type === 'dir') view.tree.toggle(entry.path).then(() => draw(view));
  else if (event.shiftKey || event.ctrlKey || event.metaKey) flip(view, at, event.shiftKey);
  draw(view);
}

function onChange(view, event) {
  if (!event.target.matches('[data-priority]')) return;
  const { entry } = view.tree.item(rowAt(view, event));
  const many = view.chosen.has(entry.path) ? [...view.chosen.values()] : [entry];
  setPriority(view, many, Number(event.target.value));
}

function onKey(view, event) {
  if (event.target.matches('select') || event.ctrlKey || event.altKey || event.metaKey) return;
  const { tree } = view;
  const { entry, dir } = tree.item(view.at) ?? {};
  const page = Math.max(1, Math.floor(view.place.clientHeight / view.pitch) - 2);
  const to = { ArrowDown: view.at + 1, j: view.at + 1, ArrowUp: view.at - 1, k: view.at - 1, Home: 0, End: tree.length - 1, PageDown: view.at + page, PageUp: view.at - page }[event.key];
  if (to !== undefined) go(view, to);
  else if (event.key === 'ArrowRight' && entry?.type === 'dir') tree.isOpen(entry.path) ? go(view, view.at + 1) : tree.toggle(entry.path).then(() => draw(view));
  else if (event.key === 'ArrowLeft' && entry?.type === 'dir' && tree.isOpen(entry.path)) tree.toggle(entry.path).then(() => draw(view));
  else if (event.key === 'ArrowLeft' && dir?.path) go(view, tree.placeOf(dir.path));
  else if (event.key === ' ' || event.key === 'x') flip(view, view.at, event.shiftKey);
  else if (event.key === 'Enter' && entry?.type === 'dir') tree.toggle(entry.path).then(() => draw(view));
  else if (event.key === 'Enter' && entry?.complete) location.assign(`${torrentUrl(view.context.row())}/file/${entry.index}`);
  else if (['0', '1', '2'].includes(event.key) && entry && view.may) setPriority(view, view.chosen.size ? [...view.chosen.values()] : [entry], Number(event.key));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function go(view, to) {
  const { place, space, pitch } = view;
  view.at = Math.max(0, Math.min(to, view.tree.length - 1));
  const top = view.at * pitch + space.offsetTop;
  const covered = space.offsetTop;
  if (top - covered < place.scrollTop) place.scrollTop = top - covered;
  else if (top + pitch > place.scrollTop + place.clientHeight) place.scrollTop = top + pitch - place.clientHeight;
  draw(view);
  view.rows.querySelector(`[data-at="${view.at}"]`)?.focus({ preventScroll: true });
}
