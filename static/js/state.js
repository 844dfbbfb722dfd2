/* The page's state is its address: what is searched, sorted, filtered and open is a link, and “back” goes back. */

const SINGLE = { q: '', sort: 'name', target: '', view: 'main', open: '', tab: '' };
const LISTS = ['in', 'not'];

/**
 * @typedef {{q: string, sort: string, target: string, view: string, open: string, tab: string,
 *            in: string[], not: string[]}} State
 */

const listeners = new Set();
let current = read();
let shown = location.pathname + location.search;

function read(search = location.search) {
  const params = new URLSearchParams(search);
  const state = Object.fromEntries(Object.entries(SINGLE).map(([key, usual]) => [key, params.get(key) || usual]));
  for (const key of LISTS) state[key] = [...new Set(params.getAll(key))];
  return state;
}

/** @returns {State} the state as it is; not to be changed */
export const get = () => current;

/**
 * The address of the state with some changes; what is usual is left out.
 * @param {Partial<State>} [patch]
 */
export function address(patch = {}) {
  const state = { ...current, ...patch };
  const params = new URLSearchParams();
  for (const [key, usual] of Object.entries(SINGLE)) if (state[key] && state[key] !== usual) params.set(key, state[key]);
  for (const key of LISTS) state[key].forEach((value) => params.append(key, value));
  const query = String(params).replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/');
  return location.pathname + (query ? `?${query}` : '');
}

/**
 * Change the state and tell everybody.
 * @param {Partial<State>} patch
 * @param {{replace?: boolean}} [how] replace: “back” does not come to where we were
 */
export function set(patch, { replace = false } = {}) {
  const before = current;
  const to = address(patch);
  current = { ...current, ...patch };
  if (to !== shown) {
    if (replace) history.replaceState(history.state, '', to);
    else history.pushState({}, '', to);
    shown = to;
  }
  tell(before);
}

/** Go where a link to this page leads, e.g. to `?sort=-down`. */
export const go = (search) => set(read(search));

/**
 * Hear of every change, also by “back” and “forward”.
 * @param {function(State, State): void} listener gets the state and the one before
 * @returns {function(): void} ends it
 */
export function on(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(before) {
  for (const listener of listeners) listener(current, before);
}

/** Remember something with this entry of the history, for coming back to it. */
export const remember = (more) => history.replaceState({ ...history.state, ...more }, '');

/** @returns {Record<string, any>} what was remembered */
export const remembered = () => history.state ?? {};

/** Whether two states show the same list (in whatever order). */
export const sameList = (a, b) =>
  a.q === b.q && a.target === b.target && a.view === b.view && String(a.in) === String(b.in) && String(a.not) === String(b.not);

addEventListener('popstate', () => {
  const before = current;
  current = read();
  shown = location.pathname + location.search;
  tell(before);
});
