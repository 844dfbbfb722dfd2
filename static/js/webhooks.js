/* The pages of webhooks: copying the secret, one test at a time, completions for the search. All of it works without. */

import { copy } from './clipboard.js';
import { startCompleting } from './complete.js';
import { t } from './i18n.js';

/* A page that a form was answered with is followed, and loaded again, under its own address: the form's has no page. */
const own = document.querySelector('link[rel=canonical]');
if (own && new URL(own.href).pathname !== location.pathname) history.replaceState(null, '', own.href);

document.querySelectorAll('button[data-copy]').forEach((button) => {
  button.hidden = false;
  button.addEventListener('click', () => copy([document.querySelector(button.dataset.copy).textContent], t('Copied.')));
});

document.querySelectorAll('form[data-busy]').forEach((form) => {
  const button = form.querySelector('button');
  const label = [...button.childNodes];
  form.addEventListener('submit', () => {
    button.replaceChildren(form.dataset.busy);
    // Not at once: what is disabled is not sent. And never for good: “back” shows this very page again.
    setTimeout(() => (button.disabled = true));
  });
  addEventListener('pageshow', () => {
    button.disabled = false;
    button.replaceChildren(...label);
  });
});

const query = document.querySelector('input[data-query]');
if (query) startCompleting(query);
