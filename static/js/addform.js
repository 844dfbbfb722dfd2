/* The form for adding shows what the chosen client takes, and says what it does not. */

import { t } from './i18n.js';

const FIELDS = [
  ['torrent', 'add', t('.torrent files')], ['links', 'magnet', t('magnet links')],
  ['label', 'label', t('a label')], ['directory', 'add_directory', t('a directory')],
];

/** Follow the choice of the client. What is typed into a field stays, for the next one. */
export function followTarget(form) {
  const choice = form.querySelector('[data-lacks]') && form.querySelector('[name=target]');
  if (!choice) return;
  const paint = () => {
    const can = (choice.selectedOptions[0]?.dataset.can ?? '').split(' ');
    const lacking = FIELDS.filter(([, word]) => !can.includes(word));
    for (const [name, word] of FIELDS) {
      const field = form.querySelector(`[name=${name}]`);
      // An address is fetched by us and becomes a .torrent, so the field for links is of use either way.
      if (field && name !== 'links') field.disabled = !can.includes(word);
    }
    form.querySelector('[data-lacks]').textContent = lacking.length ? t('{client} does not take {list}.', { client: choice.value, list: lacking.map(([, , words]) => words).join(', ') }) : '';
  };
  choice.addEventListener('change', paint);
  paint();
}
