/** Entry of every staff page: times in the reader's zone, copy buttons, forms that are sent once. */

import { enableCopyButtons } from "./staff-copy.js";
import { foldOnNarrowScreens } from "./staff-folds.js";
import { sendFormsOnce } from "./staff-forms.js";
import { showLocalTimes } from "./staff-times.js";

foldOnNarrowScreens(document);
showLocalTimes(document);
enableCopyButtons(document);
sendFormsOnce(document);
