/* Everything here is a convenience: each page does all it can without it, and loads only what it has a use for. */

import { listenForKeys } from './keys.js';
import { easeForms } from './forms.js';

easeForms();
listenForKeys();

if (document.querySelector('#torrents')) {
  const { startPage } = await import('./listpage.js');
  startPage();
} else {
  const [{ keepLive }, { helpFiles }] = await Promise.all([import('./live.js'), import('./files.js')]);
  helpFiles();
  keepLive();
  if (document.querySelector('#events')) (await import('./events.js')).startEvents();
  await import('./ways.js');
}
