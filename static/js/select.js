/* Choosing several rows at once: all, a range with shift, the files of a directory. */

export function helpSelecting() {
  const list = document.querySelector('#list');
  if (list) helpList(list);
  document.querySelectorAll('.files .dir .c-sel').forEach(addDirectoryBox);
}

function helpList(list) {
  let last = null;
  list.addEventListener('click', ({ target, shiftKey }) => {
    if (target.name !== 'sel') return;
    if (shiftKey && last) tickBetween(boxes(list), last, target);
    last = target;
  });
  list.addEventListener('change', ({ target }) => {
    if (target.id === 'all') boxes(list).forEach((box) => (box.checked = target.checked));
    show(list);
  });
  document.addEventListener('refreshed', () => show(list));
  show(list);
}

const boxes = (list) => [...list.querySelectorAll('[name=sel]')];

function tickBetween(all, from, to) {
  const ends = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (ends[0] >= 0) all.slice(ends[0], ends[1] + 1).forEach((box) => (box.checked = to.checked));
}

function show(list) {
  const all = boxes(list);
  const chosen = all.filter((box) => box.checked).length;
  const head = list.querySelector('#all');
  if (head) {
    head.hidden = false;
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  const said = list.querySelector('#selected');
  const text = chosen ? `${chosen} selected` : '';
  if (said && said.textContent !== text) said.textContent = text;
}

function addDirectoryBox(cell) {
  const row = cell.parentElement;
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.ariaLabel = `Tick all files in ${row.querySelector('.c-name').textContent}`;
  box.addEventListener('change', () => {
    for (let next = row.nextElementSibling; next && +next.dataset.depth > +row.dataset.depth; ) {
      const inner = next.querySelector('.c-sel input');
      if (inner) inner.checked = box.checked;
      next = next.nextElementSibling;
    }
  });
  const label = document.createElement('label');
  label.append(box);
  cell.append(label);
}
