/* Sheets of a phone are parts of the page that their link brings up (#filter, #status); here they close as people expect. */

const SHEETS = '.side, .status';

export function startSheets() {
  addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !current()) return;
    event.preventDefault();
    close();
  }, { capture: true });
  addEventListener('click', (event) => {
    const sheet = current();
    const link = event.target.closest('a');
    // The link that brought it up takes it away again; other places in the bar do what they always do.
    const again = sheet && link?.hash === `#${sheet.id}`;
    if (!sheet || (!again && (sheet.contains(event.target) || event.target.closest('.bottom, dialog, [role=menu]')))) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }, { capture: true });
}

/** The sheet that is up, also when the address has changed since; on a wide screen the same parts are no sheets. */
function current() {
  const found = document.querySelector(`:is(${SHEETS}):target`);
  return found && getComputedStyle(found).position === 'fixed' ? found : null;
}

/** Only going to another place in the page takes it away; the link that led to it has the focus again. */
function close() {
  const links = [...document.querySelectorAll(`[href$="#${current().id}"]`)];
  location.hash = '#list';
  links.find((link) => link.checkVisibility())?.focus({ preventScroll: true });
}
