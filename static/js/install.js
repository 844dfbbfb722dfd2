/* What this browser can be made to do: open magnet links here, and keep the pages as an application. */

import { t } from './i18n.js';
import { toast } from './toast.js';

let offer = null;

export function offerInstalling() {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    offer = event;
    show('[data-install]', true);
  });
  addEventListener('appinstalled', () => show('[data-install]', false));
  const button = document.querySelector('[data-install]');
  if (!button) return;
  button.addEventListener('click', install);
  button.closest('section').hidden = false;
  const magnet = document.querySelector('[data-magnet]');
  if (!magnet) return;
  // Browsers allow this on https and on their own machine only.
  magnet.hidden = !navigator.registerProtocolHandler;
  magnet.addEventListener('click', () => takeMagnets(magnet.dataset.magnet));
}

const show = (selector, on) => document.querySelectorAll(selector).forEach((button) => (button.hidden = !on));

async function install() {
  await offer?.prompt();
  offer = null;
  show('[data-install]', false);
}

function takeMagnets(path) {
  try {
    navigator.registerProtocolHandler('magnet', `${new URL(path, location.href).href}?url=%s`);
    toast(t('The browser now asks whether magnet links may open here, unless it was told before.'), { kind: 'magnet' });
  } catch (problem) {
    toast(t('This browser does not let pages open magnet links: {reason}', { reason: problem.message }), { level: 'error', kind: 'magnet' });
  }
}
