/* The page of the list: which parts it has. */

import { startHeader } from './header.js';
import { selection, startList, table } from './list.js';
import { startSelecting } from './select.js';

export function startPage() {
  startHeader(document.querySelector('#torrents'));
  startList();
  startSelecting();
  sendSelection(document.querySelector('#list'));
}

/** The form's own buttons do what they say with all that is selected, on screen or not. */
function sendSelection(form) {
  form.addEventListener('formdata', ({ formData }) => {
    formData.delete('sel');
    (selection.select.torrents ?? []).forEach((each) => formData.append('sel', each));
  });
  document.addEventListener('list:selection', ({ detail }) => form.classList.toggle('choosing', detail.count > 0));
}
