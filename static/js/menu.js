/* A menu at the pointer or below a button: arrows, letters, Enter, Esc; one level of further menus. */

import { h, icon } from './dom.js';

let open = [];
let back = null;

/**
 * @typedef {{label: string, icon?: string, key?: string, run?: function(): void, href?: string, danger?: boolean,
 *   checked?: boolean, items?: Array<Item|null>}} Item null is a line between two groups
 * @param {Array<Item|null>} items
 * @param {{x: number, y: number}|Element} where
 * @param {{title?: string, onClose?: function(): void}} [more]
 */
export function openMenu(items, where, { title = '', onClose = null } = {}) {
  closeMenu(false);
  back = { element: document.activeElement, onClose };
  show(items, where, title);
  document.addEventListener('pointerdown', outside, true);
  addEventListener('resize', closeMenu);
  addEventListener('blur', closeMenu);
}

function closeMenu(refocus = true) {
  if (!open.length) return;
  open.forEach((menu) => menu.remove());
  open = [];
  document.removeEventListener('pointerdown', outside, true);
  removeEventListener('resize', closeMenu);
  removeEventListener('blur', closeMenu);
  const { element, onClose } = back;
  back = null;
  if (refocus === true && element?.isConnected) element.focus();
  onClose?.();
}

function outside({ target }) {
  if (!open.some((menu) => menu.contains(target))) closeMenu(false);
}

function show(items, where, title) {
  const level = open.length;
  const menu = h('div.popup', { role: 'menu', 'aria-label': title || null, tabindex: -1 });
  if (title) menu.append(h('p.popup-title', { 'aria-hidden': 'true' }, h('bdi', {}, title)));
  items.forEach((item) => menu.append(item ? entry(item, level) : h('hr', {})));
  menu.addEventListener('keydown', (event) => onKey(event, menu, level));
  menu.addEventListener('contextmenu', (event) => event.preventDefault());
  (document.querySelector('main') ?? document.body).append(menu);
  open.push(menu);
  place(menu, where, level);
  entries(menu)[0]?.focus({ preventScroll: true });
}

function entry(item, level) {
  const role = item.checked === undefined ? 'menuitem' : 'menuitemradio';
  const made = h(item.href ? 'a.popup-item' : 'button.popup-item', {
    role, tabindex: -1, type: item.href ? null : 'button', href: item.href, 'aria-haspopup': item.items ? 'menu' : null,
    'aria-expanded': item.items ? 'false' : null, 'aria-checked': item.checked === undefined ? null : String(item.checked),
    'aria-keyshortcuts': item.key && item.key.length === 1 ? item.key : null, 'data-danger': item.danger ?? null,
  }, item.icon ? icon(item.icon) : h('span.icon', {}), h('span.popup-label', {}, h('bdi', {}, item.label)), item.items ? h('span.popup-key', { 'aria-hidden': 'true' }, '▸') : item.key && h('kbd', { 'aria-hidden': 'true' }, item.key));
  made.addEventListener('click', (event) => {
    if (item.items) return further(made, item, level);
    if (!item.href) event.preventDefault();
    closeMenu(true);
    item.run?.();
  });
  made.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType === 'touch') return;
    made.focus({ preventScroll: true });
    if (item.items) further(made, item, level, false);
    else cut(level + 1);
  });
  made.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight' && item.items) further(made, item, level);
  });
  return made;
}

function further(button, item, level, focus = true) {
  cut(level + 1);
  show(item.items, button, item.label);
  button.setAttribute('aria-expanded', 'true');
  if (!focus) button.focus({ preventScroll: true });
}

function cut(length) {
  while (open.length > length) {
    open.pop().remove();
    open.at(-1)?.querySelector('[aria-expanded=true]')?.setAttribute('aria-expanded', 'false');
  }
}

const entries = (menu) => [...menu.querySelectorAll('.popup-item')];

function onKey(event, menu, level) {
  const all = entries(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  event.stopPropagation();
  if (to !== undefined) all.at(to % all.length)?.focus();
  else if (event.key === 'Tab') return closeMenu();
  else if (event.key === 'Escape' || (event.key === 'ArrowLeft' && level)) {
    if (!level) closeMenu();
    else stepBack(level);
  } else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey) {
    const letter = event.key.toLowerCase();
    [...all.slice(at + 1), ...all.slice(0, at + 1)].find((each) => each.textContent.toLowerCase().trim().startsWith(letter))?.focus();
  } else return undefined;
  return event.preventDefault();
}

function stepBack(level) {
  const button = open[level - 1].querySelector('[aria-expanded=true]');
  cut(level);
  button?.focus();
}

/** Inside the window, beside what it belongs to. */
function place(menu, where, level) {
  if (matchMedia('(width <= 700px)').matches) return; // a sheet at the thumb
  const { width, height } = menu.getBoundingClientRect();
  const box = where instanceof Element ? where.getBoundingClientRect() : { left: where.x, right: where.x, top: where.y, bottom: where.y };
  let [left, top] = level ? [box.right - 2, box.top - 4] : [box.left, box.bottom + 2];
  if (left + width > innerWidth - 4) left = level ? box.left - width + 2 : innerWidth - width - 4;
  if (top + height > innerHeight - 4) top = level ? innerHeight - height - 4 : box.top - height - 2;
  if (top < 4 && !level) {
    // Room neither below nor above: beside it, so that the pointer is on nothing yet.
    top = innerHeight - height - 4;
    left = box.right + 2 + width > innerWidth - 4 ? box.left - width - 2 : box.right + 2;
  }
  menu.style.left = `${Math.max(4, left)}px`;
  menu.style.top = `${Math.max(4, top)}px`;
  menu.style.maxHeight = `${innerHeight - Math.max(4, top) - 4}px`;
}
