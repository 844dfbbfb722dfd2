/* Further ways in and at hand, on every page: drop, paste, other applications, fingers. Nothing waits for them. */

import { easeAdding } from './adding.js';
import { followTarget } from './addform.js';
import { takeDrops } from './drop.js';
import { offerInstalling } from './install.js';
import { startSheets } from './sheets.js';

easeAdding();
document.querySelectorAll('form#add').forEach(followTarget);
takeDrops();
offerInstalling();
startSheets();
if (document.querySelector('#rows')) (await import('./longpress.js')).startPressing();
document.body.dataset.ways = 'open'; // for whoever waits for them
