/* Questions. The safe button has the focus unless there is something to fill in; focus goes back to where it was. */

import { h } from './dom.js';
import { t } from './i18n.js';

let number = 0;

/**
 * Show a dialog and wait for its end.
 * @param {{title: string, body?: Array<Node|string>, yes?: string, no?: string, danger?: boolean,
 *   check?: function(Object<string, string>): Promise<string>|string}} what
 *   check: called before it closes with yes; a sentence keeps it open and is shown
 * @returns {Promise<Object<string, string>|null>} the values of its fields, null where the answer was no
 */
export function ask({ title, body = [], yes = t('OK'), no = t('Cancel'), danger = false, check = null }) {
  const id = `dialog-${++number}`;
  const wrong = h('p.wrong', { role: 'alert', hidden: true });
  const cancel = h('button', { type: 'button' }, no);
  const accept = h(danger ? 'button.destroy' : 'button.primary', { type: 'submit' }, yes);
  const form = h('form', { method: 'dialog' }, h('h2', { id }, title), ...body, wrong, h('p.dialog-buttons', {}, cancel, yes && accept));
  const dialog = h('dialog.ask', { 'aria-labelledby': id }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    const end = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    cancel.addEventListener('click', () => end(null));
    dialog.addEventListener('cancel', (event) => (event.preventDefault(), end(null)));
    dialog.addEventListener('click', (event) => event.target === dialog && end(null));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(form));
      const focused = document.activeElement;
      accept.disabled = true;
      const problem = await check?.(values);
      accept.disabled = false;
      if (!problem) return end(values);
      focused.focus(); // a button that is disabled loses it
      wrong.textContent = problem;
      wrong.hidden = false;
    });
    show(dialog, cancel, danger);
  });
}

/** `showModal` gives the focus back at its end, except where what had it is gone by then. */
function show(dialog, cancel, danger) {
  dialog.showModal();
  const field = dialog.querySelector('input:not([type=hidden]), select, textarea');
  (danger || !field ? cancel : field).focus();
  field?.select?.();
}
