/* Make one piece of the page like another, touching only what differs, so that focus, selection and scroll survive. */

/**
 * @param {Node} from what is on the page
 * @param {Node} to   what it should be; taken apart
 * @param {{frozen?: boolean}} how frozen rows keep their order
 */
export function morph(from, to, how = {}) {
  if (from.nodeName !== to.nodeName) {
    from.replaceWith(to);
  } else if (!(from instanceof Element)) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
  } else if (!from.hasAttribute('data-keep') && !from.isEqualNode(to)) {
    morphAttributes(from, to);
    if (from instanceof HTMLTableSectionElement && from.querySelector('[data-hash], [data-key]')) morphRows(from, to, how);
    else morphChildren(from, to, how);
  }
}

function morphAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

function morphChildren(from, to, how) {
  const old = [...from.childNodes];
  const wanted = [...to.childNodes];
  wanted.forEach((node, at) => (at < old.length ? morph(old[at], node, how) : from.append(node)));
  old.slice(wanted.length).forEach((node) => node.remove());
}

const keyOf = (row) => row.dataset.key ?? `${row.dataset.target}/${row.dataset.hash}`;

function morphRows(body, next, how) {
  const left = new Map([...body.rows].map((row) => [keyOf(row), row]));
  const rows = [...next.rows].map((row) => {
    const known = left.get(keyOf(row));
    if (!known) return row;
    left.delete(keyOf(row));
    morph(known, row);
    return known;
  });
  if (how.frozen) {
    left.forEach((row) => row.classList.add('gone'));
    body.append(...rows.filter((row) => row.parentNode !== body));
  } else {
    left.forEach((row) => row.remove());
    arrange(body, rows);
  }
}

function arrange(body, rows) {
  let place = body.firstElementChild;
  for (const row of rows) {
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
}
