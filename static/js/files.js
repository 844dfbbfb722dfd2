/* Ticking the files of a directory at once. */

import { t } from './i18n.js';

export const helpFiles = () => document.querySelectorAll('.files .dir .c-sel').forEach(addDirectoryBox);

function addDirectoryBox(cell) {
  const row = cell.parentElement;
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.ariaLabel = t('Tick all files in {name}', { name: row.querySelector('.c-name').textContent });
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
