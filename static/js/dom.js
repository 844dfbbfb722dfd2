/* Making and changing elements: text is only ever text, and nothing is touched that is already so. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element.
 * @param {string} tag e.g. `button` or `button.quiet.danger`
 * @param {Object<string, *>} [props] attributes; `on` holds listeners; false and null leave an attribute out
 * @param {...(Node|string|number|null|false)} children
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key === 'on') Object.entries(value).forEach(([type, listener]) => element.addEventListener(type, listener));
    else setAttr(element, key, value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(2)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** A shape of the page's sprite, in the colour of the text. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = svg.appendChild(document.createElementNS(SVG, 'use'));
  use.setAttribute('href', `#i-${name}`);
  return svg;
}

export function setIcon(svg, name) {
  setAttr(svg.firstElementChild, 'href', `#i-${name}`);
}

/** An SVG element with attributes. */
export function s(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props)) element.setAttribute(key, value);
  add(element, children);
  return element;
}

export function setText(element, text) {
  const wanted = String(text ?? '');
  if (element.textContent !== wanted) element.textContent = wanted;
}

/** Set, change or (false, null, undefined) take away an attribute; true makes it an empty one. */
export function setAttr(element, name, value) {
  if (value === false || value === null || value === undefined) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const wanted = value === true ? '' : String(value);
  if (element.getAttribute(name) !== wanted) element.setAttribute(name, wanted);
}

/**
 * Make the children of `parent` those of `items`, keeping the elements of items that stay.
 * @param {Element} parent all its children are ours
 * @param {Array} items
 * @param {function(*): string} keyOf
 * @param {function(*): Element} make
 * @param {function(Element, *)} [paint] called for each, new or kept
 */
export function reconcile(parent, items, keyOf, make, paint) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = old.get(key);
    if (element) old.delete(key);
    else {
      element = make(item);
      element.dataset.key = key;
    }
    paint?.(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  old.forEach((element) => element.remove());
}

/** What this browser remembers of the page, under one name each. */
export const memory = {
  get(name, fallback) {
    try {
      return JSON.parse(localStorage.getItem(`pyrotorrent.${name}`)) ?? fallback;
    } catch {
      return fallback;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`pyrotorrent.${name}`, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing still shows everything.
    }
  },
};
