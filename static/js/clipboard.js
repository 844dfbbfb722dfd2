/* Copying, also where the page came by plain HTTP and the browser's own way is closed. */

import { h } from './dom.js';
import { t } from './i18n.js';
import { toast } from './toast.js';

export async function copy(lines, said) {
  const text = lines.join('\n');
  const done = (await modern(text)) || classic(text);
  if (done) toast(said, { kind: 'copy' });
  else toast(t('The browser does not let this page copy.'), { kind: 'copy', level: 'error' });
}

async function modern(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function classic(text) {
  const had = document.activeElement;
  const field = h('textarea.sr', { readonly: true, 'aria-hidden': 'true' });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  had?.focus();
  return done;
}
