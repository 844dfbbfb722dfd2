/* Keys: what each does is said in the sheet that “?” opens. */

const KEYS = {
  '/': () => focus('input[type=search]'),
  a: () => document.querySelector('a[data-key=add]')?.click(),
  j: () => step(1),
  k: () => step(-1),
  x: () => rowOf(document.activeElement)?.querySelector('[name=sel]')?.click(),
  '?': () => document.querySelector('#keys')?.showModal(),
};

export function listenForKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closeMenus();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (!(event.key in KEYS) || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  document.addEventListener('click', ({ target }) => {
    if (!target.closest('details.menu')) closeMenus();
  });
}

const isTyping = (element) => element.matches('textarea, select, input:not([type=checkbox], [type=radio])');

const rowOf = (element) => element?.closest('#torrents tbody tr');

function focus(selector) {
  const element = document.querySelector(selector);
  element?.focus();
  element?.select?.();
}

function step(by) {
  const links = [...document.querySelectorAll('#torrents tbody .c-name a')];
  const at = links.indexOf(rowOf(document.activeElement)?.querySelector('.c-name a'));
  links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
}

function closeMenus() {
  document.querySelectorAll('details.menu[open]').forEach((menu) => (menu.open = false));
}
